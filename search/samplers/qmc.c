/* qmc: scrambled points of Sobol's sequence, the trial's number its index.
 *
 * Bergstra & Bengio (JMLR 2012) found such sequences better than random
 * search. Each parameter has a dimension of its own, also while a condition
 * switches it off, so conditional spaces are covered evenly too. In a finite
 * space a point met before gives way to a random one that is new.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "search/math/sobol.h"
#include "search/parameter.h"
#include "search/sampler.h"

struct qmc {
    uint64_t seed;
};

static int qmc_create(void **state, const struct space *space,
                      struct reader *options, struct error *err)
{
    (void)space, (void)options;
    *state = calloc(1, sizeof(struct qmc));
    return *state ? 0 : error_memory(err);
}

static void qmc_seed(void *state, uint64_t seed)
{
    ((struct qmc *)state)->seed = seed;
}

static int qmc_suggest(void *state, const struct history *h,
                       struct random *random, struct suggestion *s,
                       struct error *err)
{
    const struct qmc *q = state;
    const struct space *space = h->space;

    (void)random, (void)err;
    for (size_t k = 0; k < space->count; k++) {
        size_t i = space->order[k];
        double u = sobol_scrambled((uint32_t)h->count, i, q->seed);

        if (!space_active(space, i, s->x))
            s->x[i] = NAN;
        else if (isnan(s->x[i]))
            s->x[i] = parameter_from_unit(&space->parameters[i], u);
    }
    return 0;
}

static void qmc_describe(const void *state, struct text *out)
{
    (void)state;
    text_append(out, "Sobol's sequence, scrambled");
}

static void qmc_destroy(void *state)
{
    free(state);
}

const struct sampler sampler_qmc = {
    .name = "qmc",
    .create = qmc_create,
    .seed = qmc_seed,
    .suggest = qmc_suggest,
    .describe = qmc_describe,
    .destroy = qmc_destroy,
};
