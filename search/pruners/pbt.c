/* pbt: population-based training (population.h): who ends, who waits.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "search/population.h"
#include "search/pruner.h"

static int pbt_create(void **state, struct reader *options, struct error *err)
{
    struct population *p = malloc(sizeof *p);

    *state = p;
    if (p == NULL)
        return error_memory(err);
    population_read(p, options);
    return 0;
}

static enum decision pbt_judge(void *state, const struct history *h,
                               int64_t number)
{
    if (population_worst(state, h, number))
        return DECISION_PRUNE;
    return population_ahead(state, h, number) ? DECISION_PAUSE
                                              : DECISION_CONTINUE;
}

static int64_t pbt_promote(void *state, const struct history *h)
{
    (void)state;
    return population_behind(h);
}

static void pbt_describe(const void *state, struct text *out)
{
    const struct population *p = state;

    text_format(out,
                "after each turn the worst %g%% end, new ones begin from the "
                "checkpoints of the best",
                100 * p->quantile);
}

static void pbt_destroy(void *state)
{
    free(state);
}

const struct pruner pruner_pbt = {
    .name = "pbt",
    .create = pbt_create,
    .judge = pbt_judge,
    .promote = pbt_promote,
    .describe = pbt_describe,
    .destroy = pbt_destroy,
};
