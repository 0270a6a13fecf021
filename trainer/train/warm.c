/* See warm.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/train/warm.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/log.h"
#include "base/text.h"
#include "trainer/checkpoint/safetensors.h"

/* The earlier training. */
struct earlier {
    struct safetensors file;
    struct tree *values; /* of its categories, by field */
    struct tree *fields;
    const struct training *t;
    size_t taken, fresh;
};

/* The name of a tensor in the file: of this fold, else of fold 0. The caller
 * frees. */
static char *name_in(const struct earlier *e, size_t fold, const char *name)
{
    char *whole = text_print("fold%zu.%s", fold, name);

    if (!whole || tree_get(e->file.header, whole) || fold == 0)
        return whole;
    free(whole);
    return text_print("fold0.%s", name);
}

static int refuse(struct earlier *e, const char *name, struct error *err)
{
    if (e->t->config->init_fresh) {
        e->fresh++;
        return 0;
    }
    error_usage(err, "init_from: '%s' is not there, or of another shape", name);
    error_where(err, "%s", e->file.path);
    return error_hint(err, "give the model the earlier shape, or say "
                           "init_other: fresh to let such parts begin anew");
}

/* Take a tensor of the same shape to the backend. */
static int take(struct earlier *e, size_t fold, const char *name, size_t rank,
                const size_t *shape, float *to, struct error *err)
{
    struct backend *b = e->t->backend;
    struct tensor tensor = { .rank = rank };
    struct error why = ERROR_INIT;
    char *whole = name_in(e, fold, name);
    float *host;
    int rc = -1;

    memcpy(tensor.shape, shape, rank * sizeof *shape);
    tensor.name = whole;
    host = malloc(tensor_count(&tensor) * sizeof *host + 1);
    if (!whole || !host) {
        error_memory(err);
    } else if (safetensors_get(&e->file, &tensor, host, &why) < 0) {
        rc = refuse(e, name, err);
    } else {
        b->ops->upload(b, to, host, tensor_count(&tensor) * sizeof *host);
        e->taken++;
        rc = 0;
    }
    free(host);
    free(whole);
    return rc;
}

static int take_layout(struct earlier *e, size_t fold, const struct layout *l,
                       float *to, struct error *err)
{
    size_t i;

    for (i = 0; i < l->count; i++) {
        const struct parameter *p = &l->parameter[i];

        if (take(e, fold, p->name, p->rank, p->shape, to + p->offset, err) < 0)
            return -1;
    }
    return 0;
}

/* --- categories ---------------------------------------------------------------- */

/* A value and its row, sorted by value to be found. */
struct known {
    const char *value;
    size_t row;
};

static int by_value(const void *a, const void *b)
{
    return strcmp(((const struct known *)a)->value,
                  ((const struct known *)b)->value);
}

static struct known *sort_values(const struct tree *values)
{
    size_t count = tree_count(values), i;
    struct known *list = calloc(count + 1, sizeof *list);

    for (i = 0; list && i < count; i++)
        list[i] = (struct known){ tree_text(tree_at(values, i)), i + 1 };
    if (list)
        qsort(list, count, sizeof *list, by_value);
    return list;
}

/* Rows of 'old' to rows of 'now' for equal values; row 0 is "unknown" in
 * both. How many were found. */
static size_t match_rows(const struct tree *then, const struct tree *today,
                         const struct known *list, size_t dimension,
                         const float *old, float *now)
{
    size_t found = 0, i;

    memcpy(now, old, dimension * sizeof *now);
    for (i = 0; i < tree_count(today); i++) {
        struct known key = { tree_text(tree_at(today, i)), 0 };
        const struct known *at =
            bsearch(&key, list, tree_count(then), sizeof *list, by_value);

        if (!at)
            continue;
        memcpy(now + (i + 1) * dimension, old + at->row * dimension,
               dimension * sizeof *now);
        found++;
    }
    return found;
}

/* The rows of a category by their values; 'today' has as many as the table. */
static int take_category(struct earlier *e, size_t fold, const struct table *t,
                         const struct tree *then, const struct tree *today,
                         float *to, struct error *err)
{
    struct backend *b = e->t->backend;
    struct tensor tensor = { .rank = 2,
                             .shape = { tree_count(then) + 1, t->dimension } };
    size_t count = t->rows * t->dimension, found = 0;
    struct known *list = sort_values(then);
    char *whole = name_in(e, fold, t->name);
    float *old = malloc(tensor_count(&tensor) * sizeof *old);
    float *now = malloc(count * sizeof *now);
    struct error why = ERROR_INIT;
    int rc = -1;

    tensor.name = whole;
    if (!list || !whole || !old || !now) {
        error_memory(err);
    } else if (safetensors_get(&e->file, &tensor, old, &why) < 0) {
        rc = refuse(e, t->name, err);
    } else {
        b->ops->download(b, now, to, count * sizeof *now);
        found = match_rows(then, today, list, t->dimension, old, now);
        b->ops->upload(b, to, now, count * sizeof *now);
        e->taken++;
        rc = 0;
        if (e->t->comm->rank == 0 && fold == 0 && found < tree_count(today))
            log_note("init_from: %s: %zu of %zu values are new", t->name,
                     tree_count(today) - found, tree_count(today));
    }
    free(list);
    free(whole);
    free(old);
    free(now);
    return rc;
}

/* Whether a number's buckets are those of before; true for other tables. */
static bool same_buckets(const struct earlier *e, const struct input_table *in)
{
    const struct tree *then = tree_get(e->fields, "number"), *today;
    const struct tree *fields = tree_get(e->t->data->json, "fields");
    size_t i;

    if (in->kind != INPUT_NUMBER)
        return true;
    today = tree_at(tree_get(fields, "number"), in->field);
    for (i = 0; i < tree_count(then); i++)
        if (tree_equal(tree_at(then, i), today))
            return true;
    return false;
}

static int take_table(struct earlier *e, size_t fold, size_t i, float *to,
                      struct error *err)
{
    const struct input_table *in = &e->t->inputs.table[i];
    const struct table *t = &e->t->model->table[i];
    const struct tree *source = tree_get(e->t->data->json, "source");
    size_t shape[2] = { t->rows, t->dimension };
    const struct tree *then, *today;

    if (in->kind == INPUT_CATEGORY) {
        const char *field = e->t->data->category[in->field].name;

        then = tree_get(e->values, field);
        today = tree_get(tree_get(source, "values"), field);
        if (then && tree_count(today) + 1 == t->rows)
            return take_category(e, fold, t, then, today, to, err);
    }
    if (!same_buckets(e, in))
        return refuse(e, t->name, err);
    return take(e, fold, t->name, 2, shape, to, err);
}

static int take_fold(struct earlier *e, size_t k, struct error *err)
{
    const struct model *m = e->t->model;
    struct weights *w = &e->t->fold[k].weights;
    size_t i;

    if (take_layout(e, k, &m->dense, w->dense.value, err) < 0 ||
        take_layout(e, k, &m->running, w->running, err) < 0)
        return -1;
    for (i = 0; i < m->table_count; i++)
        if (take_table(e, k, i, w->table[i].value, err) < 0)
            return -1;
    return 0;
}

static struct tree *parse(const struct earlier *e, const char *key)
{
    const char *text = safetensors_metadata(&e->file, key);

    return json_parse(text, strlen(text), key, NULL);
}

int warm_start(struct training *t, struct error *err)
{
    struct earlier e = { .t = t };
    struct tree *source;
    size_t k;
    int rc = 0;

    if (safetensors_open(&e.file, t->config->init_from, err) < 0)
        return -1;
    source = parse(&e, "source");
    e.values = tree_copy(tree_get(source, "values"));
    e.fields = parse(&e, "fields");
    for (k = 0; k < t->fold_count && rc == 0; k++)
        rc = take_fold(&e, k, err);
    if (rc == 0 && t->comm->rank == 0)
        log_note("init_from: %zu tensors of %s, %zu begin anew", e.taken,
                 t->config->init_from, e.fresh);
    tree_destroy(source);
    tree_destroy(e.values);
    tree_destroy(e.fields);
    safetensors_close(&e.file);
    return rc;
}
