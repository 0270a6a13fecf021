/* order: see order.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/service/order.h"

#include <stdlib.h>

#include "search/pareto.h"

static int compare(const void *left, const void *right)
{
    const struct place *a = left, *b = right;

    if (a->front > 0 && b->front > 0 && a->front != b->front)
        return a->front < b->front ? -1 : 1;
    return standing_compare(&a->standing, &b->standing);
}

static bool takes_part(const struct study *study, const struct store_trial *t)
{
    return t->state != TRIAL_FAILED && (t->known & 1) &&
           results_feasible(study, t);
}

/* Find the fronts. Returns 0, or -1 when out of memory. */
static int find_fronts(const struct study *study, struct place *places,
                       size_t count)
{
    size_t m = study->objective_count, kept = 0;
    double *losses = calloc(count * m + 1, sizeof *losses);
    size_t *front = calloc(count + 1, sizeof *front);
    int rc = -1;

    if (!losses || !front)
        goto out;
    for (size_t i = 0; i < count; i++)
        if (takes_part(study, &places[i].entry->row))
            results_losses(study, &places[i].entry->row, losses + m * kept++);
    if (pareto_fronts(losses, kept, m, front) < 0)
        goto out;
    for (size_t i = count; i-- > 0;)
        if (takes_part(study, &places[i].entry->row))
            places[i].front = (int64_t)front[--kept] + 1;
    rc = 0;
out:
    free(losses);
    free(front);
    return rc;
}

struct place *order_trials(struct service *s)
{
    size_t count = s->history.count;
    struct place *places = calloc(count + 1, sizeof *places);

    if (!places)
        return NULL;
    for (size_t i = 0; i < count; i++)
        places[i] =
            (struct place){ &s->entries[i], 0,
                            results_standing(s->study, &s->entries[i].row) };
    if (s->study->objective_count > 1 &&
        find_fronts(s->study, places, count) < 0) {
        free(places);
        return NULL;
    }
    qsort(places, count, sizeof *places, compare);
    return places;
}
