/* curves: see curves.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/simulate/curves.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/parameter.h"

/* ---- records ------------------------------------------------------------ */

void curves_clear(struct curves *c)
{
    for (size_t i = 0; i < c->count; i++) {
        free(c->items[i].x);
        free(c->items[i].unit);
        recording_clear(&c->items[i].recording);
    }
    free(c->items);
    *c = (struct curves){ .count = 0 };
}

static void to_units(const struct space *s, const double *x, double *unit)
{
    for (size_t i = 0; i < s->count; i++)
        unit[i] =
            isnan(x[i]) ? NAN : parameter_to_unit(&s->parameters[i], x[i]);
}

struct curve_record *curves_add(struct curves *c, const double *x)
{
    size_t d = c->study->space.count;

    if (c->count == c->capacity) {
        size_t capacity = c->capacity ? 2 * c->capacity : 64;
        struct curve_record *more =
            realloc(c->items, capacity * sizeof *c->items);

        if (!more)
            return NULL;
        c->items = more;
        c->capacity = capacity;
    }
    struct curve_record *r = &c->items[c->count++];

    *r = (struct curve_record){ .x = malloc((d + 1) * sizeof *r->x),
                                .unit = malloc((d + 1) * sizeof *r->unit) };
    if (!r->x || !r->unit)
        return NULL;
    memcpy(r->x, x, d * sizeof *x);
    to_units(&c->study->space, x, r->unit);
    return r;
}

/* ---- neighbours --------------------------------------------------------- */

static double distance(const struct space *s, const double *a, const double *b)
{
    double sum = 0;

    for (size_t i = 0; i < s->count; i++) {
        const struct parameter *p = &s->parameters[i];
        double gap = a[i] - b[i];

        if (isnan(gap))
            sum += isnan(a[i]) && isnan(b[i]) ? 0 : 1;
        else if (p->kind == PARAMETER_CATEGORICAL && !p->ordered)
            sum += gap != 0;
        else
            sum += gap * gap;
    }
    return sum;
}

/* The first of the nearest records, of those that ran to their end alone when
 * 'whole'; NULL when there is none. */
static const struct curve_record *nearest(const struct curves *c,
                                          const double *unit, bool whole)
{
    const struct curve_record *best = NULL;
    double least = INFINITY;

    for (size_t i = 0; i < c->count; i++) {
        const struct curve_record *r = &c->items[i];
        double gap;

        if (whole && (r->cut || r->recording.failed))
            continue;
        gap = distance(&c->study->space, r->unit, unit);
        if (gap < least) {
            least = gap;
            best = r;
        }
    }
    return best;
}

/* The record of exactly this point, or NULL. */
static const struct curve_record *same(const struct curves *c, const double *x)
{
    for (size_t i = 0; i < c->count; i++)
        if (space_same(&c->study->space, c->items[i].x, x))
            return &c->items[i];
    return NULL;
}

int curves_answer(const struct curves *c, const struct tree *params,
                  struct recording *out, struct error *err)
{
    const struct space *s = &c->study->space;
    double x[s->count + 1], unit[s->count + 1];
    const struct curve_record *r;

    if (space_point_from_tree(s, params, false, c->study->file, x, err))
        return -1;
    to_units(s, x, unit);
    r = c->exact ? same(c, x) : nearest(c, unit, false);
    *out = (struct recording){ .failed = !r };
    return r ? recording_copy(out, &r->recording, err) : 0;
}

/* ---- curves that were cut ------------------------------------------------- */

/* The last row of 'r' that is no later than 'step', or -1. */
static long row_at(const struct recording *r, int64_t step)
{
    long at = -1;

    for (size_t i = 0; i < r->count && r->rows[i].step <= step; i++)
        at = (long)i;
    return at;
}

/* Let a cut curve go on from where it stood as 'model' did from that step. */
static int go_on(struct recording *r, const struct recording *model,
                 struct error *err)
{
    size_t last = r->count - 1, width = r->width;
    long from = row_at(model, r->rows[last].step);
    double values[width], pace;

    if (from < 0)
        return 0;
    const struct recorded *parted = &model->rows[from];

    pace = parted->seconds > 0 ? r->rows[last].seconds / parted->seconds : 1;
    for (size_t i = (size_t)from + 1; i < model->count; i++) {
        struct recorded row = model->rows[i];

        row.seconds = r->rows[last].seconds +
                      pace * (model->rows[i].seconds - parted->seconds);
        row.known &= parted->known & r->rows[last].known;
        for (size_t k = 0; k < width; k++)
            values[k] = r->values[last * width + k] +
                        model->values[i * width + k] -
                        model->values[(size_t)from * width + k];
        if (recording_append(r, &row, values, err))
            return -1;
    }
    return 0;
}

int curves_continue(struct curves *c, struct error *err)
{
    for (size_t i = 0; i < c->count; i++) {
        struct curve_record *r = &c->items[i];
        const struct curve_record *model =
            r->cut ? nearest(c, r->unit, true) : NULL;

        if (model && r->recording.count > 0 &&
            go_on(&r->recording, &model->recording, err))
            return -1;
    }
    return 0;
}
