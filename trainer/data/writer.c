/* writer: rows in, a packed data set out.
 *
 * A shard is NNNNN.<checksum>.shard, so a new set never overwrites the shards
 * of the one that is there; the rename of dataset.json switches over.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/writer.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "trainer/data/shard.h"

/* A shard has about this many bytes, and at least and at most so many rows. */
enum { SHARD_BYTES = 32 << 20, ROWS_MIN = 64, ROWS_MAX = 1 << 16 };
enum { TOKENS_GUESS = 32, CHARACTERS_GUESS = 256, FRAMES_GUESS = 32 };

/* The name of a shard that is being written. */
static const char UNFINISHED[] = ".unfinished";

struct writer {
    const struct dataset *shape;
    char *folder;
    int lock; /* the folder, locked against a second writer */
    uint32_t rows_per_shard;
    struct text section[SHARD_SECTIONS];
    uint32_t rows;        /* in the sections */
    struct tree *shards;  /* as in dataset.json */
    struct tree *created; /* names of those that were not there before */
    size_t row_count, split_count[3], positive_count[3];
    uint64_t fingerprint; /* 0: no journal is kept */
    struct journal_place place;
    bool finished;
};

static uint64_t image_bytes(const struct dataset *d)
{
    return (uint64_t)3 * d->image_height * d->image_width;
}

static uint32_t rows_in_shard(const struct dataset *d)
{
    uint64_t row =
        4 * (d->category_count + d->number_count) + image_bytes(d) +
        (d->has_text ? 4 * TOKENS_GUESS : 0) +
        (d->has_characters ? 4 * CHARACTERS_GUESS : 0) +
        4 * (d->vector_size + (uint64_t)d->frame_size * FRAMES_GUESS) + 32;
    uint64_t rows = SHARD_BYTES / row;
    return (uint32_t)(rows < ROWS_MIN   ? ROWS_MIN
                      : rows > ROWS_MAX ? ROWS_MAX
                                        : rows);
}

/* Hold the folder. A file system without flock() is taken at its word. */
static int lock_folder(struct writer *w, struct error *err)
{
    w->lock = open(w->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (w->lock < 0)
        return error_errno(err, "cannot open '%s'", w->folder);
    if (flock(w->lock, LOCK_EX | LOCK_NB) < 0 && errno == EWOULDBLOCK) {
        error_set(err, "another program is packing into '%s'", w->folder);
        return error_hint(err, "wait for it, or choose another folder");
    }
    return 0;
}

static void begin_shard(struct writer *w)
{
    static const uint64_t zero = 0;
    for (int i = 0; i < SHARD_SECTIONS; i++)
        text_reset(&w->section[i]);
    text_append_bytes(&w->section[SHARD_TOKEN_START], &zero, sizeof zero);
    text_append_bytes(&w->section[SHARD_CHARACTER_START], &zero, sizeof zero);
    text_append_bytes(&w->section[SHARD_FRAME_START], &zero, sizeof zero);
    w->rows = 0;
}

struct writer *writer_open(const char *folder, const struct dataset *shape,
                           struct error *err)
{
    struct writer *w = calloc(1, sizeof *w);
    if (!w) {
        error_memory(err);
        return NULL;
    }
    w->lock = -1;
    w->shape = shape;
    w->rows_per_shard = rows_in_shard(shape);
    w->folder = text_copy(folder);
    w->shards = tree_list();
    w->created = tree_list();
    if (!w->folder || !w->shards || !w->created) {
        error_memory(err);
        goto error;
    }
    if (file_make_folder(folder, err) < 0 || lock_folder(w, err) < 0)
        goto error;
    begin_shard(w);
    return w;
error:
    writer_close(w);
    return NULL;
}

/* Put a shard down for dataset.json, and for removal if all fails. */
static int note_shard(struct writer *w, const struct shard_header *h,
                      const char *name, bool existed)
{
    struct tree *t = tree_map();
    char checksum[17];
    snprintf(checksum, sizeof checksum, "%016" PRIx64, h->checksum);
    tree_set_string(t, "file", name);
    tree_set_int(t, "rows", h->row_count);
    tree_set_int(t, "bytes", (int64_t)h->size_bytes);
    tree_set_string(t, "checksum", checksum);
    if (!existed)
        tree_append(w->created, tree_string(name));
    return tree_append(w->shards, t) == 0 && tree_ok(w->created) ? 0 : -1;
}

/* Whether a name is one that flush_shard() gives: others are not ours. */
static bool is_shard_name(const char *name)
{
    const size_t number = strspn(name, "0123456789"),
                 checksum = name[number] == '.'
                                ? strspn(name + number + 1, "0123456789abcdef")
                                : 0;
    return number >= 5 && checksum == 16 &&
           strcmp(name + number + 1 + checksum, ".shard") == 0;
}

/* --- going on ---------------------------------------------------------------- */

/* Count the rows of a shard that is there. Returns -1 when it is not whole. */
static int count_shard(struct writer *w, const struct tree *listed)
{
    const char *name = tree_text(tree_get(listed, "file"));
    const uint64_t checksum =
        strtoull(tree_text(tree_get(listed, "checksum")), NULL, 16);
    char *path = file_join(w->folder, name);
    struct shard shard;
    int rc = path && is_shard_name(name)
                 ? shard_open(&shard, path, checksum, NULL)
                 : -1;

    free(path);
    if (rc < 0)
        return -1;
    for (uint32_t i = 0; i < shard.header->row_count && rc == 0; i++) {
        if (shard.split[i] > SPLIT_TEST) {
            rc = -1;
            continue;
        }
        w->row_count++;
        w->split_count[shard.split[i]]++;
        w->positive_count[shard.split[i]] += shard.label[i] > 0;
    }
    shard_close(&shard);
    return rc;
}

static void forget_rows(struct writer *w)
{
    w->row_count = 0;
    memset(w->split_count, 0, sizeof w->split_count);
    memset(w->positive_count, 0, sizeof w->positive_count);
}

void writer_go_on(struct writer *w, uint64_t fingerprint,
                  struct journal_place *place)
{
    struct tree *shards = journal_read(w->folder, fingerprint, place);
    bool whole = shards != NULL;

    w->fingerprint = fingerprint;
    for (size_t i = 0; i < tree_count(shards) && whole; i++)
        whole = count_shard(w, tree_at(shards, i)) == 0;
    if (whole && place->consumed - place->skipped == (int64_t)w->row_count) {
        tree_destroy(w->shards);
        w->shards = shards;
    } else {
        tree_destroy(shards);
        forget_rows(w);
        *place = (struct journal_place){ 0, 0 };
    }
}

void writer_place(struct writer *w, const struct journal_place *place)
{
    w->place = *place;
}

/* --- rows -------------------------------------------------------------------- */

/* Write the rows held as the next shard and start an empty one. */
static int flush_shard(struct writer *w, struct error *err)
{
    struct shard_header h = {
        .row_count = w->rows,
        .category_count = (uint32_t)w->shape->category_count,
        .number_count = (uint32_t)w->shape->number_count,
        .image_height = w->shape->image_height,
        .image_width = w->shape->image_width,
        .vector_size = w->shape->vector_size,
        .frame_size = w->shape->frame_size,
    };
    int rc = -1;
    char *name = NULL, *path = NULL,
         *temporary = file_join(w->folder, UNFINISHED);
    if (!temporary) {
        error_memory(err);
        goto out;
    }
    if (shard_write(temporary, &h, w->section, err) < 0)
        goto out;
    name = text_print("%05zu.%016" PRIx64 ".shard", tree_count(w->shards),
                      h.checksum);
    path = name ? file_join(w->folder, name) : NULL;
    if (!path || note_shard(w, &h, name, file_exists(path)) < 0) {
        error_memory(err);
        goto out;
    }
    if (rename(temporary, path) < 0 || file_sync_folder(path) < 0) {
        error_errno(err, "cannot create '%s'", path);
        goto out;
    }
    begin_shard(w);
    rc = w->fingerprint ? journal_write(w->folder, w->fingerprint, &w->place,
                                        w->shards, err)
                        : 0;
out:
    free(temporary);
    free(name);
    free(path);
    return rc;
}

/* Append 'size' bytes of a row to a section. */
static void put(struct writer *w, enum shard_section section, const void *bytes,
                size_t size)
{
    if (size)
        text_append_bytes(&w->section[section], bytes, size);
}

/* The same for a ragged section, and where the next row's things begin. */
static void put_ragged(struct writer *w, enum shard_section start,
                       enum shard_section section, const void *things,
                       size_t count, size_t bytes)
{
    put(w, section, things, count * bytes);
    const uint64_t end = bytes ? w->section[section].size / bytes : 0;
    put(w, start, &end, sizeof end);
}

static bool out_of_memory(const struct writer *w)
{
    for (int i = 0; i < SHARD_SECTIONS; i++)
        if (w->section[i].failed)
            return true;
    return false;
}

int writer_append(struct writer *w, const struct row *row, struct error *err)
{
    const struct dataset *shape = w->shape;
    const uint16_t label = (uint16_t)row->label;
    const uint8_t split = (uint8_t)row->split;
    assert(!w->finished);
    assert(row->fold < (shape->folds ? shape->folds : 1));
    assert(!shape->image_height || row->image);
    assert(shape->has_text || row->token_count == 0);
    assert(label < shape->classes);

    put(w, SHARD_LABEL, &label, sizeof label);
    put(w, SHARD_SPLIT, &split, sizeof split);
    put(w, SHARD_FOLD, &row->fold, sizeof row->fold);
    put(w, SHARD_CATEGORY, row->category,
        shape->category_count * sizeof *row->category);
    put(w, SHARD_NUMBER, row->number,
        shape->number_count * sizeof *row->number);
    put_ragged(w, SHARD_TOKEN_START, SHARD_TOKEN, row->token, row->token_count,
               sizeof *row->token);
    put_ragged(w, SHARD_CHARACTER_START, SHARD_CHARACTER, row->character,
               row->character_count, sizeof *row->character);
    put(w, SHARD_VECTOR, row->vector, shape->vector_size * sizeof *row->vector);
    put_ragged(w, SHARD_FRAME_START, SHARD_FRAME, row->frame, row->frame_count,
               shape->frame_size * sizeof *row->frame);
    put(w, SHARD_HASH, &row->hash, sizeof row->hash);
    put(w, SHARD_IMAGE, row->image, (size_t)image_bytes(shape));
    if (out_of_memory(w))
        return error_memory(err);

    w->row_count++;
    w->split_count[split]++;
    w->positive_count[split] += label > 0;
    if (++w->rows < w->rows_per_shard)
        return 0;
    return flush_shard(w, err);
}

static struct tree *number_edges(const struct number_field *f)
{
    struct tree *edges = tree_list();
    for (size_t i = 0; i < f->edge_count; i++)
        tree_append(edges, tree_float(f->edges[i]));
    return edges;
}

static struct tree *fields_tree(const struct dataset *d)
{
    struct tree *fields = tree_map(), *category = tree_list(),
                *number = tree_list();
    for (size_t i = 0; i < d->category_count; i++) {
        struct tree *t = tree_map();
        tree_set_string(t, "name", d->category[i].name);
        tree_set_int(t, "cardinality", d->category[i].cardinality);
        tree_append(category, t);
    }
    for (size_t i = 0; i < d->number_count; i++) {
        struct tree *t = tree_map();
        tree_set_string(t, "name", d->number[i].name);
        tree_set(t, "edges", number_edges(&d->number[i]));
        tree_append(number, t);
    }
    tree_set(fields, "category", category);
    tree_set(fields, "number", number);
    tree_set_int(fields, "classes", d->classes);
    tree_set_bool(fields, "text", d->has_text);
    tree_set_bool(fields, "characters", d->has_characters);
    tree_set_int(fields, "vector_size", d->vector_size);
    tree_set_int(fields, "frame_size", d->frame_size);
    tree_set_int(fields, "image_height", d->image_height);
    tree_set_int(fields, "image_width", d->image_width);
    return fields;
}

static struct tree *splits_tree(const struct writer *w)
{
    struct tree *splits = tree_map();
    for (int i = 0; i < 3; i++) {
        struct tree *t = tree_map();
        tree_set_int(t, "rows", (int64_t)w->split_count[i]);
        tree_set_int(t, "positives", (int64_t)w->positive_count[i]);
        tree_set(splits, dataset_split_name[i], t);
    }
    return splits;
}

/* All of dataset.json. */
static int format_set(struct writer *w, struct tree *source, struct text *out)
{
    struct tree *t = tree_map();
    tree_set_string(t, "format", DATASET_FORMAT);
    tree_set_int(t, "version", DATASET_VERSION);
    tree_set_string(t, "name", w->shape->name);
    tree_set_int(t, "rows", (int64_t)w->row_count);
    tree_set_int(t, "rows_per_shard", w->rows_per_shard);
    tree_set_int(t, "folds", w->shape->folds);
    tree_set(t, "splits", splits_tree(w));
    tree_set(t, "fields", fields_tree(w->shape));
    tree_set(t, "shards", tree_copy(w->shards));
    tree_set(t, "source", source ? source : tree_null());
    bool good = tree_ok(t);
    if (good)
        json_format_pretty(t, out);
    tree_destroy(t);
    return good && !out->failed ? 0 : -1;
}

static bool is_listed(const struct writer *w, const char *file)
{
    for (size_t i = 0; i < tree_count(w->shards); i++)
        if (strcmp(tree_text(tree_get(tree_at(w->shards, i), "file")), file) ==
            0)
            return true;
    return false;
}

/* Remove the shards of an older set, and what an interrupted writer left. */
static void remove_others(const struct writer *w)
{
    DIR *folder = opendir(w->folder);
    const struct dirent *e;
    while (folder && (e = readdir(folder)))
        if ((is_shard_name(e->d_name) && !is_listed(w, e->d_name)) ||
            strcmp(e->d_name, UNFINISHED) == 0 ||
            strcmp(e->d_name, JOURNAL_FILE) == 0)
            unlinkat(w->lock, e->d_name, 0);
    if (folder)
        closedir(folder);
}

static void remove_created(const struct writer *w)
{
    for (size_t i = 0; i < tree_count(w->created); i++)
        unlinkat(w->lock, tree_text(tree_at(w->created, i)), 0);
}

int writer_finish(struct writer *w, struct tree *source, struct error *err)
{
    struct text json = TEXT_INIT;
    char *path = file_join(w->folder, DATASET_FILE);
    int rc = -1;
    if (w->rows > 0 && flush_shard(w, err) < 0) {
        tree_destroy(source);
        goto out;
    }
    if (format_set(w, source, &json) < 0 || !path) {
        error_memory(err);
        goto out;
    }
    if (file_write(path, json.data, json.size, 0644, err) < 0)
        goto out;
    w->finished = true;
    remove_others(w);
    rc = 0;
out:
    free(path);
    text_clear(&json);
    return rc;
}

void writer_close(struct writer *w)
{
    if (!w)
        return;
    if (w->lock >= 0) {
        if (!w->finished && !w->fingerprint)
            remove_created(w);
        close(w->lock);
    }
    for (int i = 0; i < SHARD_SECTIONS; i++)
        text_clear(&w->section[i]);
    tree_destroy(w->shards);
    tree_destroy(w->created);
    free(w->folder);
    free(w);
}
