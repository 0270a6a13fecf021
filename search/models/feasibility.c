/* feasibility: see feasibility.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/models/feasibility.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/math/normal.h"

void feasibility_clear(struct feasibility *f)
{
    for (size_t i = 0; f->models != NULL && i < f->count; i++)
        surrogate_clear(&f->models[i]);
    free(f->models);
    free(f->rows);
    free(f->values);
    *f = (struct feasibility)FEASIBILITY_INIT;
}

/* Room for the models, on first use. */
static int make(struct feasibility *f, const struct history *h,
                const bool *unordered)
{
    size_t d = h->space->count;

    if (f->models != NULL && f->count == h->constraint_count)
        return 0;
    feasibility_clear(f);
    f->models = calloc(h->constraint_count, sizeof *f->models);
    f->rows = calloc(SURROGATE_MAX * d + 1, sizeof *f->rows);
    f->values = calloc(SURROGATE_MAX * h->constraint_count, sizeof *f->values);
    if (f->models == NULL || f->rows == NULL || f->values == NULL)
        return -1;
    f->count = h->constraint_count;
    for (size_t i = 0; i < f->count; i++)
        if (surrogate_init(&f->models[i], unordered, d))
            return -1;
    return 0;
}

int feasibility_fit(struct feasibility *f, const struct history *h,
                    const bool *unordered, const double *coordinates)
{
    size_t d = h->space->count, n = 0;

    f->known = false;
    if (h->constraint_count == 0)
        return 0;
    if (make(f, h, unordered)) {
        feasibility_clear(f);
        return -1;
    }
    for (size_t i = h->count; i-- > 0 && n < SURROGATE_MAX;) {
        const struct trial *t = &h->trials[i];

        if (t->constraints == NULL)
            continue;
        memcpy(f->rows + n * d, coordinates + i * d, d * sizeof *f->rows);
        for (size_t c = 0; c < f->count; c++)
            f->values[c * SURROGATE_MAX + n] = t->constraints[c];
        n++;
    }
    for (size_t c = 0; c < f->count && n > 0; c++)
        if (surrogate_fit(&f->models[c], f->rows, f->values + c * SURROGATE_MAX,
                          n))
            return -1;
    f->known = n > 0;
    return 0;
}

void feasibility_weigh(const struct feasibility *f, const double *points,
                       size_t count, double *scores)
{
    double mean[GP_BLOCK], variance[GP_BLOCK];

    for (size_t c = 0; f->known && c < f->count; c++) {
        surrogate_predict(&f->models[c], points, count, mean, variance);
        for (size_t b = 0; b < count; b++)
            scores[b] +=
                log(fmax(normal_cdf(-mean[b] / sqrt(fmax(variance[b], 1e-300))),
                         1e-300));
    }
}
