/* order: see order.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/results/order.h"

#include <stdlib.h>

#include "search/pareto.h"

static int compare(const void *left, const void *right)
{
    const struct place *a = left, *b = right;

    if (a->front > 0 && b->front > 0 && a->front != b->front)
        return a->front < b->front ? -1 : 1;
    return standing_compare(&a->standing, &b->standing);
}

static int grow(struct order *o, struct error *err)
{
    size_t capacity = 2 * o->capacity + 64, m = o->study->objective_count;
    struct place *places = realloc(o->places, capacity * sizeof *places);

    if (!places)
        return error_memory(err);
    o->places = places;
    if (m > 1) {
        double *losses = realloc(o->losses, capacity * m * sizeof *losses);

        if (!losses)
            return error_memory(err);
        o->losses = losses;
    }
    o->capacity = capacity;
    return 0;
}

int order_add(void *context, const struct store_trial *row, double busy_s,
              struct error *err)
{
    struct order *o = context;
    size_t m = o->study->objective_count;
    struct place place = { 0, results_standing(o->study, row) };

    (void)busy_s;
    if (o->cut && compare(&place, &o->places[o->most - 1]) > 0)
        return 0;
    if (m == 1 && o->count / 2 >= o->most) {
        qsort(o->places, o->count, sizeof *o->places, compare);
        o->count = o->most;
        o->cut = true;
    }
    if (o->count == o->capacity && grow(o, err) < 0)
        return -1;
    if (m > 1) {
        place.front = results_may_win(o->study, row);
        results_losses(o->study, row, o->losses + m * o->count);
    }
    o->places[o->count++] = place;
    return 0;
}

/* Number the fronts of the places that are to stand in one. */
static int find_fronts(struct order *o, struct error *err)
{
    size_t m = o->study->objective_count, kept = 0;
    size_t *front = calloc(o->count + 1, sizeof *front);
    int rc = -1;

    if (!front)
        return error_memory(err);
    for (size_t i = 0; i < o->count; i++)
        if (o->places[i].front > 0) {
            for (size_t k = 0; k < m; k++)
                o->losses[m * kept + k] = o->losses[m * i + k];
            kept++;
        }
    if (pareto_fronts(o->losses, kept, m, front) < 0) {
        error_memory(err);
        goto out;
    }
    for (size_t i = o->count; i-- > 0;)
        if (o->places[i].front > 0)
            o->places[i].front = (int64_t)front[--kept] + 1;
    rc = 0;
out:
    free(front);
    return rc;
}

int order_finish(struct order *o, struct error *err)
{
    if (o->losses && find_fronts(o, err) < 0)
        return -1;
    if (o->count > 0)
        qsort(o->places, o->count, sizeof *o->places, compare);
    if (o->count > o->most)
        o->count = o->most;
    return 0;
}

void order_clear(struct order *o)
{
    free(o->places);
    free(o->losses);
    *o = (struct order){ .study = o->study };
}
