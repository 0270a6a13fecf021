/* recording: see recording.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/simulate/recording.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

enum { MAX_WIDTH = STUDY_MAX_OBJECTIVES + STUDY_MAX_CONSTRAINTS };

/* Where an answer's columns are. */
struct columns {
    size_t count, step, seconds, values[MAX_WIDTH];
};

const char *recording_metric(const struct study *s, size_t i)
{
    return i < s->objective_count
               ? s->objectives[i].metric
               : s->constraints[i - s->objective_count].metric;
}

static int find_column(const struct tree *list, const char *name, size_t *at,
                       struct error *err)
{
    struct text names = TEXT_INIT;

    for (*at = 0; *at < tree_count(list); ++*at)
        if (strcmp(tree_text(tree_at(list, *at)), name) == 0)
            return 0;
    for (size_t i = 0; i < tree_count(list); i++)
        text_format(&names, "%s%s", i ? ", " : "", tree_text(tree_at(list, i)));
    error_set(err, "the oracle's answer has no column '%s', only: %.200s", name,
              text_get(&names));
    text_clear(&names);
    return -1;
}

static int find_columns(struct columns *c, const struct study *s, size_t width,
                        const struct tree *list, struct error *err)
{
    c->count = tree_count(list);
    if (find_column(list, "step", &c->step, err) ||
        find_column(list, "seconds", &c->seconds, err))
        return -1;
    for (size_t i = 0; i < width; i++)
        if (find_column(list, recording_metric(s, i), &c->values[i], err))
            return -1;
    return 0;
}

static bool is_step(const struct tree *t)
{
    double v = tree_number(t);

    return tree_is_number(t) && v >= 0 && v <= 9e15 && v == floor(v);
}

/* Read the results of row 'i'. */
static int read_values(struct recording *r, const struct columns *c,
                       const struct tree *row, size_t i, struct error *err)
{
    for (size_t k = 0; k < r->width; k++) {
        const struct tree *t = tree_at(row, c->values[k]);
        double v = tree_number(t);
        bool said_nan =
            tree_kind(t) == TREE_STRING && strcmp(tree_text(t), "nan") == 0;

        r->values[i * r->width + k] = v;
        if (tree_kind(t) == TREE_NULL)
            continue;
        if (isnan(v) && !said_nan && tree_kind(t) != TREE_FLOAT)
            return error_set(err,
                             "the oracle's curve, row %zu: expected a number, "
                             "found %s",
                             i + 1, tree_kind_name(tree_kind(t)));
        r->rows[i].known |= 1u << k;
    }
    return 0;
}

static int read_row(struct recording *r, const struct columns *c,
                    const struct tree *row, size_t i, struct error *err)
{
    const struct recorded *last = i > 0 ? &r->rows[i - 1] : NULL;
    const struct tree *step = tree_at(row, c->step);
    double seconds = tree_number(tree_at(row, c->seconds));

    if (tree_kind(row) != TREE_LIST || tree_count(row) != c->count)
        return error_set(err,
                         "the oracle's curve, row %zu: expected a list of %zu "
                         "values, one a column",
                         i + 1, c->count);
    if (!is_step(step) || (last && tree_number(step) <= (double)last->step))
        return error_set(err,
                         "the oracle's curve, row %zu: steps are whole numbers "
                         "that grow",
                         i + 1);
    if (!isfinite(seconds) || seconds < (last ? last->seconds : 0))
        return error_set(err,
                         "the oracle's curve, row %zu: seconds count from the "
                         "trial's start and never go back",
                         i + 1);
    r->rows[i] = (struct recorded){ (int64_t)tree_number(step), seconds, 0 };
    return read_values(r, c, row, i, err);
}

static int recording_reserve(struct recording *r, size_t capacity,
                             struct error *err)
{
    struct recorded *rows = realloc(r->rows, (capacity + 1) * sizeof *rows);

    if (!rows)
        return error_memory(err);
    r->rows = rows;
    double *values =
        realloc(r->values, (capacity * r->width + 1) * sizeof *values);
    if (!values)
        return error_memory(err);
    r->values = values;
    r->capacity = capacity;
    return 0;
}

int recording_read(struct recording *r, const struct study *s,
                   const struct tree *answer, struct error *err)
{
    const struct tree *curve = tree_get(answer, "curve");
    const struct tree *names = tree_get(answer, "columns");
    struct columns c;

    *r = (struct recording){ .failed = tree_get(answer, "error") != NULL };
    if (r->failed)
        return 0;
    if (tree_kind(names) != TREE_LIST || tree_kind(curve) != TREE_LIST)
        return error_set(err, "the oracle's answer has no lists 'columns' and "
                              "'curve', nor an 'error'");
    r->width = s->objective_count + s->constraint_count;
    r->count = tree_count(curve);
    if (find_columns(&c, s, r->width, names, err))
        return -1;
    if (recording_reserve(r, r->count, err))
        goto error;
    for (size_t i = 0; i < r->count; i++)
        if (read_row(r, &c, tree_at(curve, i), i, err))
            goto error;
    return 0;
error:
    recording_clear(r);
    return -1;
}

int recording_append(struct recording *r, const struct recorded *row,
                     const double *values, struct error *err)
{
    if (r->count == r->capacity &&
        recording_reserve(r, r->capacity ? 2 * r->capacity : 16, err))
        return -1;
    r->rows[r->count] = *row;
    memcpy(r->values + r->count * r->width, values, r->width * sizeof *values);
    r->count++;
    return 0;
}

int recording_copy(struct recording *to, const struct recording *from,
                   struct error *err)
{
    *to = (struct recording){ .failed = from->failed, .width = from->width };
    if (recording_reserve(to, from->count, err)) {
        recording_clear(to);
        return -1;
    }
    to->count = from->count;
    if (from->count > 0) {
        memcpy(to->rows, from->rows, from->count * sizeof *from->rows);
        memcpy(to->values, from->values,
               from->count * from->width * sizeof *from->values);
    }
    return 0;
}

void recording_clear(struct recording *r)
{
    free(r->rows);
    free(r->values);
    *r = (struct recording){ .count = 0 };
}
