/* survey: all that packing must know of the rows before it writes the first.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/pack/survey.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/progress.h"
#include "base/text.h"
#include "trainer/data/hash.h"
#include "trainer/data/pack/sha256.h"
#include "trainer/data/pack/words.h"

static int row_error(struct error *err, const struct record *r,
                     const char *column, const char *what, const char *value)
{
    error_usage(err, "column '%s': '%.80s' %s", column, value, what);
    return error_where(err, "%s:%zu", r->file, r->line);
}

/* --- labels, splits, folds ----------------------------------------------- */

/* The place of the value in the list of classes, or -1 with 'err'. */
static int read_class(const struct description *d, const struct record *r,
                      struct error *err)
{
    const char *value = r->field[d->label];
    for (size_t i = 0; i < tree_count(d->classes); i++)
        if (description_lists(tree_at(d->classes, i), value))
            return (int)i;
    row_error(err, r, d->column[d->label], "is no class", value);
    return error_hint(err, "list it in label.classes of %s", d->file);
}

/* 0 or 1; -1 with 'err' when the value is neither. */
static int read_label(struct survey *s, const struct description *d,
                      const struct record *r, struct error *err)
{
    const char *value = r->field[d->label];
    if (d->classes)
        return read_class(d, r, err);
    if (description_lists(d->positive, value))
        return 1;
    if (d->negative && description_lists(d->negative, value))
        return 0;
    if (!d->negative && *value) {
        if (!s->negative && !(s->negative = text_copy(value)))
            return error_memory(err);
        if (strcmp(s->negative, value) == 0)
            return 0;
    }
    row_error(err, r, d->column[d->label], "is neither positive nor negative",
              value);
    if (s->negative)
        return error_hint(err,
                          "an earlier row has '%s'; list the values: "
                          "negative: [...]",
                          s->negative);
    return error_hint(err, "list it in label.positive or label.negative of %s",
                      d->file);
}

/* A key that orders rows by time; of all rows the column must be of one kind,
 * for numbers and dates cannot be compared. */
static int read_moment(struct survey *s, const struct description *d,
                       const struct record *r, uint64_t *key, struct error *err)
{
    const char *value = r->field[d->split.time];
    double moment;
    const enum moment_kind kind = moment_read(value, &moment);
    if (kind == MOMENT_NONE) {
        row_error(err, r, d->column[d->split.time],
                  "is neither a number nor a date", value);
        return error_hint(err, "a date is written 2026-11-24 or "
                               "2026-11-24T22:53:42+09:00");
    }
    if (s->moments != MOMENT_NONE && s->moments != kind)
        return row_error(err, r, d->column[d->split.time],
                         kind == MOMENT_DATE
                             ? "is a date, where other rows have numbers"
                             : "is a number, where other rows have dates",
                         value);
    s->moments = kind;
    *key = moment_key(moment);
    return 0;
}

static struct cut_row *new_row(struct survey *s)
{
    if (s->row_count == s->row_capacity) {
        size_t capacity = s->row_capacity ? 2 * s->row_capacity : 4096;
        struct cut_row *more = realloc(s->row, capacity * sizeof *more);
        if (!more)
            return NULL;
        s->row = more;
        s->row_capacity = capacity;
    }
    return &s->row[s->row_count++];
}

static int survey_rows(struct survey *s, const struct description *d,
                       struct source *source, struct error *err)
{
    struct progress progress;
    struct record r;
    int more;
    if (source->rewind(source, err) < 0)
        return -1;
    progress_start(&progress, "reading rows", 0);
    while ((more = source->next(source, &r, err)) > 0) {
        int label = read_label(s, d, &r, err);
        struct cut_row *row = label < 0 ? NULL : new_row(s);
        if (!row)
            return label < 0 ? -1 : error_memory(err);
        *row = (struct cut_row){
            .split_key = cut_key(d, &r, false),
            .fold_key = cut_key(d, &r, true),
            .split = (uint8_t)r.split,
            .label = (uint16_t)label,
        };
        if (d->split.time != DESCRIPTION_NONE &&
            read_moment(s, d, &r, &row->split_key, err) < 0)
            return -1;
        for (int i = 0; i < d->column_count; i++)
            s->digest = hash_string(r.field[i], s->digest);
        const int key =
            d->fold.group != DESCRIPTION_NONE ? d->fold.group : d->id;
        if (d->folds && d->fold.sha256)
            row->fold = sha256_modulo(r.field[key], d->folds);
        progress_update(&progress, (int64_t)s->row_count);
    }
    progress_finish(&progress, (int64_t)s->row_count);
    return more;
}

/* Without both classes there is nothing to learn, and a misspelt value is the
 * likely reason. */
static int check_labels(const struct survey *s, const struct description *d,
                        struct error *err)
{
    size_t others = 0;
    for (size_t i = 0; i < s->row_count; i++)
        others += s->row[i].label != s->row[0].label;
    if (others > 0)
        return 0;
    if (s->row_count == 0)
        return error_usage(err, "the data has no rows");
    if (d->classes)
        error_usage(err, "all %zu rows are of one class", s->row_count);
    else
        error_usage(err, "all %zu rows are %s", s->row_count,
                    s->row[0].label ? "positive" : "negative");
    error_where(err, "%s", d->file);
    return error_hint(err, "column '%s' has %s%s%s; see label.positive",
                      d->column[d->label],
                      s->negative ? "only '" : "no other value",
                      s->negative ? s->negative : "", s->negative ? "'" : "");
}

/* Hashes of all pictures, where near-duplicates are kept together. Returns 0 or
 * -1 with 'err'; '*hash' is the caller's, NULL where they are not wanted. */
static int hash_pictures(const struct survey *s, const struct description *d,
                         struct source *source, const struct pictures *pictures,
                         uint64_t **hash, struct error *err)
{
    *hash = NULL;
    if (d->split.duplicates == DESCRIPTION_NONE &&
        d->fold.duplicates == DESCRIPTION_NONE)
        return 0;
    *hash = pictures_hash_all(pictures, source, d->image, s->row_count, err);
    return *hash ? 0 : -1;
}

static int cut(struct survey *s, const struct description *d,
               struct source *source, const struct pictures *pictures,
               struct error *err)
{
    uint64_t *hash;
    int rc = hash_pictures(s, d, source, pictures, &hash, err);
    if (rc == 0)
        rc = cut_rows(s->row, s->row_count, d, hash, err);
    free(hash);
    return rc;
}

/* --- fields ---------------------------------------------------------------- */

int survey_number(const struct description *d, const struct record *r, size_t i,
                  float *value, struct error *err)
{
    const int column = d->number[i].column;
    const char *field = r->field[column];
    const struct tree *missing = d->number[i].missing;
    double number = NAN;
    *value = NAN;
    if (!*field || (missing && description_lists(missing, field)))
        return 0;
    if (text_to_double(field, &number) < 0) {
        row_error(err, r, d->column[column], "is no number", field);
        return error_hint(err, "an empty field means none; list what else "
                               "does: {column: ..., missing: [...]}");
    }
    *value = (float)number;
    if (isinf(*value))
        return row_error(err, r, d->column[column],
                         "is no number within a float's range", field);
    return 0;
}

/* Values of one number, to be cut by quantiles: floats in a text. */
static int note_numbers(const struct description *d, const struct record *r,
                        bool training, struct text *values, struct error *err)
{
    for (size_t i = 0; i < d->number_count; i++) {
        float value;
        if (survey_number(d, r, i, &value, err) < 0)
            return -1;
        if (!training || d->number[i].edges || isnan(value))
            continue;
        text_append_bytes(&values[i], &value, sizeof value);
        if (values[i].failed)
            return error_memory(err);
    }
    return 0;
}

static int note_categories(struct survey *s, const struct description *d,
                           const struct record *r, bool training,
                           struct error *err)
{
    for (size_t i = 0; i < d->category_count; i++) {
        const int column = d->category[i].column;
        const char *value = r->field[column];
        if (!words_valid(value)) {
            row_error(err, r, d->column[column], "is no UTF-8", value);
            return error_hint(err, "convert the file: iconv -f SHIFT_JIS -t "
                                   "UTF-8, say");
        }
        if (training && vocabulary_count(&s->vocabulary[i], value, err) < 0)
            return -1;
    }
    return 0;
}

static int compare_floats(const void *a, const void *b)
{
    const float x = *(const float *)a, y = *(const float *)b;
    return (x > y) - (x < y);
}

/* Edges at the quantiles 1/n, 2/n, ... of the values, each once and above the
 * least value, so that no bucket is empty. */
static int quantile_edges(struct number_field *f, struct text *values,
                          int64_t n, struct error *err)
{
    const size_t count = values->size / sizeof(float);
    float *sorted = (float *)(void *)values->data;
    f->edges = calloc((size_t)n + 1, sizeof *f->edges);
    if (!f->edges)
        return error_memory(err);
    if (count == 0)
        return 0;
    qsort(sorted, count, sizeof *sorted, compare_floats);
    float last = sorted[0];
    for (int64_t k = 1; k < n; k++) {
        const float edge = sorted[(size_t)k * count / (size_t)n];
        if (edge > last)
            f->edges[f->edge_count++] = (double)edge;
        last = edge;
    }
    return 0;
}

static int fill_number(struct number_field *f, const struct description *d,
                       size_t i, struct text *values, struct error *err)
{
    const struct description_number *n = &d->number[i];
    if (!n->edges)
        return quantile_edges(f, values, n->quantiles, err);
    f->edges = calloc(n->edge_count + 1, sizeof *f->edges);
    if (!f->edges)
        return error_memory(err);
    memcpy(f->edges, n->edges, n->edge_count * sizeof *f->edges);
    f->edge_count = n->edge_count;
    return 0;
}

/* The number field of another set that has this name. */
static const struct number_field *find_number(const struct dataset *like,
                                              const char *name)
{
    for (size_t i = 0; i < like->number_count; i++)
        if (strcmp(like->number[i].name, name) == 0)
            return &like->number[i];
    return NULL;
}

static int no_field(const struct dataset *like, const char *name,
                    struct error *err)
{
    return error_usage(err, "data set '%s' has no field '%s' to pack like",
                       like->name, name);
}

/* Vocabularies and edges as another set has them. */
static int take_fields(struct survey *s, const struct description *d,
                       const struct dataset *like, struct error *err)
{
    const struct tree *values =
        tree_get(tree_get(like->json, "source"), "values");
    for (size_t i = 0; i < d->category_count; i++) {
        const char *name = d->column[d->category[i].column];
        const struct tree *list = tree_get(values, name);
        if (!list)
            return no_field(like, name, err);
        if (vocabulary_restore(&s->vocabulary[i], list, err) < 0)
            return -1;
    }
    for (size_t i = 0; i < d->number_count; i++) {
        const char *name = d->column[d->number[i].column];
        const struct number_field *f = find_number(like, name);
        if (!f)
            return no_field(like, name, err);
        s->number[i].edges = calloc(f->edge_count + 1, sizeof *f->edges);
        if (!s->number[i].edges)
            return error_memory(err);
        memcpy(s->number[i].edges, f->edges, f->edge_count * sizeof *f->edges);
        s->number[i].edge_count = f->edge_count;
    }
    return 0;
}

/* Vocabularies and edges from what was counted. */
static int make_fields(struct survey *s, const struct description *d,
                       struct text *values, struct error *err)
{
    for (size_t i = 0; i < d->number_count; i++)
        if (fill_number(&s->number[i], d, i, &values[i], err) < 0)
            return -1;
    for (size_t i = 0; i < d->category_count; i++)
        if (vocabulary_number(&s->vocabulary[i],
                              (uint64_t)d->category[i].min_count, err) < 0)
            return -1;
    return 0;
}

static int survey_fields(struct survey *s, const struct description *d,
                         struct source *source, const struct dataset *like,
                         struct error *err)
{
    struct text *values = calloc(d->number_count + 1, sizeof *values);
    struct record r;
    int rc = -1, more = 0;
    if (!values) {
        error_memory(err);
        goto out;
    }
    if (source->rewind(source, err) < 0)
        goto out;
    for (size_t i = 0; (more = source->next(source, &r, err)) > 0; i++) {
        if (i == s->row_count)
            break;
        const bool training = !like && s->row[i].split == SPLIT_TRAIN;
        if (note_numbers(d, &r, training, values, err) < 0 ||
            note_categories(s, d, &r, training, err) < 0)
            goto out;
    }
    if (more < 0)
        goto out;
    rc = like ? take_fields(s, d, like, err) : make_fields(s, d, values, err);
out:
    for (size_t i = 0; values && i < d->number_count; i++)
        text_clear(&values[i]);
    free(values);
    return rc;
}

int survey_run(struct survey *s, const struct description *d,
               struct source *source, const struct pictures *pictures,
               const struct dataset *like, struct error *err)
{
    memset(s, 0, sizeof *s);
    s->vocabulary = calloc(d->category_count + 1, sizeof *s->vocabulary);
    s->number = calloc(d->number_count + 1, sizeof *s->number);
    s->category_count = d->category_count;
    s->number_count = d->number_count;
    if (!s->vocabulary || !s->number) {
        error_memory(err);
        goto error;
    }
    if (survey_rows(s, d, source, err) < 0 ||
        (!like && check_labels(s, d, err) < 0) ||
        cut(s, d, source, pictures, err) < 0)
        goto error;
    if (survey_fields(s, d, source, like, err) < 0)
        goto error;
    return 0;
error:
    survey_clear(s);
    return -1;
}

void survey_clear(struct survey *s)
{
    for (size_t i = 0; s->vocabulary && i < s->category_count; i++)
        vocabulary_clear(&s->vocabulary[i]);
    for (size_t i = 0; s->number && i < s->number_count; i++)
        free(s->number[i].edges);
    free(s->vocabulary);
    free(s->number);
    free(s->row);
    free(s->negative);
    memset(s, 0, sizeof *s);
}
