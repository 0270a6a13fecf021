/* dataset: map a packed set.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/dataset.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/reader.h"
#include "base/text.h"
#include "trainer/data/shard.h"

const char *const dataset_split_name[3] = { "train", "validation", "test" };

enum { JSON_MAX = 1 << 30 };

/* Every shard but the last has rows_per_shard rows, so row i is found by a
 * division. */
struct dataset_shards {
    size_t count, rows_per_shard;
    struct shard shard[];
};

static struct tree *read_json(const char *folder, char **path,
                              struct error *err)
{
    struct tree *t = NULL;
    char *data = NULL;
    size_t size;
    *path = file_join(folder, DATASET_FILE);
    if (!*path) {
        error_memory(err);
        return NULL;
    }
    if (!file_exists(*path)) {
        error_usage(err, "'%s' is no packed data set: it has no " DATASET_FILE,
                    folder);
        error_hint(err,
                   "make one: 'sentei-data pack' or 'sentei-data synth' with "
                   "-o %s",
                   folder);
        return NULL;
    }
    if (file_read(*path, JSON_MAX, &data, &size, err) == 0)
        t = json_parse(data, size, *path, err);
    free(data);
    return t;
}

/* A field that must be there. */
static int64_t need_int(struct reader *r, const char *key, int64_t high)
{
    int64_t value = 0;
    reader_need(r, key);
    reader_int(r, key, 0, high, &value);
    return value;
}

static char *need_name(struct reader *r, const char *key)
{
    const char *name = "";
    reader_need(r, key);
    reader_string(r, key, &name);
    return text_copy(name);
}

static int read_category(struct category_field *f, const struct tree *t,
                         const char *path, struct error *err)
{
    struct reader r;
    reader_open(&r, t, path, "category", err);
    f->name = need_name(&r, "name");
    f->cardinality = (uint32_t)need_int(&r, "cardinality", UINT32_MAX);
    if (reader_close(&r) < 0)
        return -1;
    return f->name ? 0 : error_memory(err);
}

static int read_number(struct number_field *f, const struct tree *t,
                       const char *path, struct error *err)
{
    struct reader r;
    reader_open(&r, t, path, "number", err);
    f->name = need_name(&r, "name");
    reader_need(&r, "edges");
    const struct tree *edges = reader_kind(&r, "edges", TREE_LIST);
    if (reader_close(&r) < 0)
        return -1;
    f->edges = calloc(tree_count(edges) + 1, sizeof *f->edges);
    if (!f->name || !f->edges)
        return error_memory(err);
    for (size_t i = 0; i < tree_count(edges); i++) {
        f->edges[i] = tree_number(tree_at(edges, i));
        if (i > 0 && !(f->edges[i - 1] < f->edges[i]))
            return reader_error_at(err, path, tree_at(edges, i),
                                   "bucket edges must ascend");
    }
    f->edge_count = tree_count(edges);
    return 0;
}

static int read_fields(struct dataset *d, const struct tree *t,
                       const char *path, struct error *err)
{
    struct reader r;
    reader_open(&r, t, path, "fields", err);
    const struct tree *category = reader_kind(&r, "category", TREE_LIST),
                      *number = reader_kind(&r, "number", TREE_LIST);
    reader_need(&r, "text");
    reader_bool(&r, "text", &d->has_text);
    reader_need(&r, "characters");
    reader_bool(&r, "characters", &d->has_characters);
    d->classes = (uint32_t)need_int(&r, "classes", UINT16_MAX + 1);
    d->vector_size = (uint32_t)need_int(&r, "vector_size", 1 << 20);
    d->frame_size = (uint32_t)need_int(&r, "frame_size", 1 << 20);
    d->image_height = (uint32_t)need_int(&r, "image_height", 1 << 14);
    d->image_width = (uint32_t)need_int(&r, "image_width", 1 << 14);
    if (reader_close(&r) < 0)
        return -1;
    d->category = calloc(tree_count(category) + 1, sizeof *d->category);
    d->number = calloc(tree_count(number) + 1, sizeof *d->number);
    if (!d->category || !d->number)
        return error_memory(err);
    d->category_count = tree_count(category);
    d->number_count = tree_count(number);
    for (size_t i = 0; i < d->category_count; i++)
        if (read_category(&d->category[i], tree_at(category, i), path, err) < 0)
            return -1;
    for (size_t i = 0; i < d->number_count; i++)
        if (read_number(&d->number[i], tree_at(number, i), path, err) < 0)
            return -1;
    return 0;
}

/* All of dataset.json but the shards, whose list is given back, borrowed. */
static const struct tree *read_head(struct dataset *d, const struct tree *t,
                                    const char *path, struct error *err)
{
    struct reader r;
    const char *format = "";
    reader_open(&r, t, path, "", err);
    reader_allow_unknown(&r);
    reader_need(&r, "format");
    reader_string(&r, "format", &format);
    if (strcmp(format, DATASET_FORMAT) != 0)
        reader_fail(&r, "format", "expected " DATASET_FORMAT);
    int64_t version = need_int(&r, "version", INT32_MAX);
    if (version != DATASET_VERSION)
        reader_fail(&r, "version", "this program reads version %d; pack anew",
                    DATASET_VERSION);
    d->name = need_name(&r, "name");
    d->row_count = (size_t)need_int(&r, "rows", INT64_MAX);
    d->folds = (uint32_t)need_int(&r, "folds", 1 << 16);
    d->shards->rows_per_shard =
        (size_t)need_int(&r, "rows_per_shard", INT32_MAX);
    if (d->shards->rows_per_shard == 0)
        reader_fail(&r, "rows_per_shard", "must not be 0");
    reader_need(&r, "fields");
    const struct tree *fields = reader_kind(&r, "fields", TREE_MAP),
                      *shards = reader_kind(&r, "shards", TREE_LIST);
    if (reader_close(&r) < 0 || read_fields(d, fields, path, err) < 0)
        return NULL;
    if (!d->name) {
        error_memory(err);
        return NULL;
    }
    return shards;
}

/* Map the shard that 't' lists and check it. */
static int open_listed(struct shard *s, const struct tree *t,
                       const char *folder, const char *json, struct error *err)
{
    const char *file = "", *checksum = "";
    struct reader r;
    reader_open(&r, t, json, "shards", err);
    reader_allow_unknown(&r);
    reader_need(&r, "file");
    reader_need(&r, "checksum");
    reader_string(&r, "file", &file);
    reader_string(&r, "checksum", &checksum);
    if (reader_close(&r) < 0)
        return -1;
    char *path = file_join(folder, file);
    if (!path)
        return error_memory(err);
    int rc = shard_open(s, path, strtoull(checksum, NULL, 16), err);
    free(path);
    return rc;
}

/* A good shard may still be of another shape than the set, by a hand that
 * edited dataset.json. */
static int check_shape(const struct dataset *d, const struct shard *s,
                       const char *json, struct error *err)
{
    const struct shard_header *h = s->header;
    const size_t n = d->category_count;
    bool good = h->category_count == n && h->number_count == d->number_count &&
                h->image_height == d->image_height &&
                h->image_width == d->image_width &&
                h->vector_size == d->vector_size &&
                h->frame_size == d->frame_size;
    for (size_t i = 0; i < h->row_count && good; i++)
        good = s->label[i] < d->classes && s->split[i] <= SPLIT_TEST &&
               s->fold[i] < (d->folds ? d->folds : 1);
    for (size_t i = 0; i < h->row_count * n && good; i++)
        good = s->category[i] < d->category[i % n].cardinality;
    if (good)
        return 0;
    error_set(err, "'%s' does not fit its shards", json);
    return error_hint(err, "pack the data again");
}

static void count_rows(struct dataset *d, const struct shard *s)
{
    for (uint32_t i = 0; i < s->header->row_count; i++) {
        d->split_count[s->split[i]]++;
        d->positive_count[s->split[i]] += s->label[i] > 0;
    }
}

static int open_shards(struct dataset *d, const struct tree *list,
                       const char *folder, const char *json, struct error *err)
{
    size_t rows = 0, whole = d->shards->rows_per_shard;
    bool good = true;
    for (size_t i = 0; i < tree_count(list); i++) {
        struct shard *s = &d->shards->shard[i];
        if (open_listed(s, tree_at(list, i), folder, json, err) < 0)
            return -1;
        d->shards->count = i + 1;
        if (check_shape(d, s, json, err) < 0)
            return -1;
        count_rows(d, s);
        good = good && rows == i * whole && s->header->row_count <= whole;
        rows += s->header->row_count;
    }
    if (good && rows == d->row_count)
        return 0;
    error_set(err, "'%s' says %zu rows, its shards hold others", json,
              d->row_count);
    return error_hint(err, "pack the data again");
}

struct dataset *dataset_open(const char *folder, struct error *err)
{
    char *path = NULL;
    struct dataset *d = NULL;
    struct tree *t = read_json(folder, &path, err);
    if (!t)
        goto error;
    d = calloc(1, sizeof *d);
    if (!d)
        goto no_memory;
    size_t shards = tree_count(tree_get(t, "shards"));
    d->shards = calloc(1, sizeof *d->shards + shards * sizeof(struct shard));
    if (!d->shards)
        goto no_memory;
    const struct tree *list = read_head(d, t, path, err);
    if (!list || open_shards(d, list, folder, path, err) < 0)
        goto error;
    d->json = t;
    free(path);
    return d;
no_memory:
    error_memory(err);
error:
    dataset_close(d);
    tree_destroy(t);
    free(path);
    return NULL;
}

struct tree *dataset_values(const char *folder, const char *field,
                            struct error *err)
{
    char *path = NULL;
    struct tree *t = read_json(folder, &path, err), *values = NULL;
    const struct tree *all = tree_get(tree_get(t, "source"), "values");
    if (t && tree_kind(tree_get(all, field)) == TREE_LIST) {
        values = tree_copy(tree_get(all, field));
        if (!values)
            error_memory(err);
    } else if (t) {
        error_set(err, "'%s' does not list the values of '%s'", path, field);
        error_hint(err, "pack the data again");
    }
    tree_destroy(t);
    free(path);
    return values;
}

void dataset_close(struct dataset *d)
{
    if (!d)
        return;
    for (size_t i = 0; d->shards && i < d->shards->count; i++)
        shard_close(&d->shards->shard[i]);
    for (size_t i = 0; i < d->category_count; i++)
        free(d->category[i].name);
    for (size_t i = 0; i < d->number_count; i++) {
        free(d->number[i].name);
        free(d->number[i].edges);
    }
    free(d->category);
    free(d->number);
    free(d->shards);
    tree_destroy(d->json);
    free(d->name);
    free(d);
}

void dataset_row(const struct dataset *d, size_t i, struct row *row)
{
    assert(i < d->row_count);
    const struct shard *s = &d->shards->shard[i / d->shards->rows_per_shard];
    const size_t at = i % d->shards->rows_per_shard,
                 first = (size_t)s->token_start[at],
                 character = (size_t)s->character_start[at],
                 frame = (size_t)s->frame_start[at];
    const size_t pixels = (size_t)3 * d->image_height * d->image_width;
    *row = (struct row){
        .label = s->label[at],
        .split = (enum split)s->split[at],
        .fold = s->fold[at],
        .hash = s->hash[at],
        .category = s->category + at * d->category_count,
        .number = s->number + at * d->number_count,
        .token = s->token + first,
        .token_count = (uint32_t)(s->token_start[at + 1] - first),
        .character = s->character + character,
        .character_count = (uint32_t)(s->character_start[at + 1] - character),
        .vector = s->vector + at * d->vector_size,
        .frame = s->frame + frame * d->frame_size,
        .frame_count = (uint32_t)(s->frame_start[at + 1] - frame),
        .image = pixels ? s->image + at * pixels : NULL,
    };
}

int dataset_verify(const char *folder, FILE *out, struct error *err)
{
    char *path = NULL;
    int rc = -1;
    size_t bad = 0;
    struct tree *t = read_json(folder, &path, err);
    const struct tree *list = tree_get(t, "shards");
    if (!t)
        goto out;
    for (size_t i = 0; i < tree_count(list); i++) {
        struct error why = ERROR_INIT;
        struct shard s = { 0 };
        int good = open_listed(&s, tree_at(list, i), folder, path, &why);
        text_make_plain(why.what); /* a name of the file's is in it */
        if (good == 0)
            fprintf(out, "good  %s  %" PRIu64 " bytes\n",
                    tree_text(tree_get(tree_at(list, i), "file")),
                    s.header->size_bytes);
        else
            fprintf(out, "bad   %s\n", why.what);
        bad += good < 0;
        shard_close(&s);
    }
    struct dataset *d = bad ? NULL : dataset_open(folder, err);
    rc = d ? 0 : -1;
    dataset_close(d);
    if (bad) {
        error_set(err, "%zu of %zu shards are damaged", bad, tree_count(list));
        error_hint(err, "pack the data again");
    }
out:
    tree_destroy(t);
    free(path);
    return rc;
}

uint32_t number_bucket(const struct number_field *f, float value)
{
    size_t low = 0, high = f->edge_count;
    if (isnan(value))
        return (uint32_t)f->edge_count + 1;
    while (low < high) { /* the number of edges <= value */
        size_t middle = low + (high - low) / 2;
        if (f->edges[middle] <= (double)value)
            low = middle + 1;
        else
            high = middle;
    }
    return (uint32_t)low;
}
