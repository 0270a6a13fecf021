/* random: every active parameter uniformly over its own scale.
 *
 * Bergstra & Bengio, Random search for hyper-parameter optimization, JMLR 2012.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "search/parameter.h"
#include "search/sampler.h"

void random_fill(const struct space *space, struct random *random, double *x)
{
    for (size_t k = 0; k < space->count; k++) {
        size_t i = space->order[k];

        if (!space_active(space, i, x))
            x[i] = NAN;
        else if (isnan(x[i]))
            x[i] = parameter_from_unit(&space->parameters[i],
                                       random_uniform(random));
    }
}

static int random_create(void **state, const struct space *space,
                         struct reader *options, struct error *err)
{
    (void)state, (void)space, (void)options, (void)err;
    return 0;
}

static int random_suggest(void *state, const struct history *h,
                          struct random *random, struct suggestion *s,
                          struct error *err)
{
    (void)state, (void)err;
    random_fill(h->space, random, s->x);
    return 0;
}

static void random_describe(const void *state, struct text *out)
{
    (void)state;
    text_append(out, "uniform");
}

static void random_destroy(void *state)
{
    (void)state;
}

const struct sampler sampler_random = {
    .name = "random",
    .create = random_create,
    .suggest = random_suggest,
    .describe = random_describe,
    .destroy = random_destroy,
};
