/* pbt: population-based training (population.h): new members.
 *
 * The first ones are drawn at random. In place of one that ended comes a copy
 * of one of the best: it begins from its checkpoint, and each parameter is
 * multiplied by 0.8 or 1.2 as in the paper, or drawn anew with a chance of
 * 'resample'; choices in an order move one up or down, others stay unless they
 * are drawn anew. Only parameters that may change in the middle of a training
 * belong into such a space: rates, schedules, weights of losses.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "search/parameter.h"
#include "search/population.h"
#include "search/pruner.h"
#include "search/sampler.h"

static int pbt_create(void **state, const struct space *space,
                      struct reader *options, struct error *err)
{
    struct population *p = malloc(sizeof *p);

    (void)space;
    *state = p;
    if (p == NULL)
        return error_memory(err);
    population_read(p, options);
    return 0;
}

/* 'v' times 0.8 or 1.2, or a step up or down where that is the same. */
static double perturb(const struct parameter *p, double v, bool up)
{
    double next = parameter_snap(p, v * (up ? 1.2 : 0.8));

    if (p->kind == PARAMETER_CATEGORICAL)
        return p->ordered ? parameter_snap(p, v + (up ? 1 : -1)) : v;
    if (next == v && isfinite(parameter_count(p)))
        next =
            parameter_snap(p, v + (up ? 1 : -1) * (p->step > 0 ? p->step : 1));
    return next;
}

/* Begin 's->x' from the parameters of trial 'parent'. */
static void explore(const struct population *p, const struct history *h,
                    struct random *random, struct suggestion *s)
{
    const struct space *space = h->space;
    const double *from = h->trials[s->parent].x;

    for (size_t k = 0; k < space->count; k++) {
        size_t i = space->order[k];
        bool anew = random_uniform(random) < p->resample;
        bool up = random_below(random, 2) == 1;

        if (isnan(s->x[i]) && !anew && !isnan(from[i]) &&
            space_active(space, i, s->x))
            s->x[i] = perturb(&space->parameters[i], from[i], up);
        else if (isnan(s->x[i]) && space_active(space, i, s->x))
            s->x[i] = parameter_from_unit(&space->parameters[i],
                                          random_uniform(random));
    }
}

/* One of the best, at random; -1 when there is none to copy. Returns 0, or -1
 * when out of memory. */
static int choose_parent(const struct population *p, const struct history *h,
                         struct random *random, int64_t *parent)
{
    int64_t *numbers = malloc((h->count + 1) * sizeof *numbers);

    *parent = -1;
    if (numbers == NULL)
        return -1;
    size_t count = population_parents(p, h, numbers);
    if (count > 0)
        *parent = numbers[random_below(random, count)];
    free(numbers);
    return 0;
}

static int pbt_suggest(void *state, const struct history *h,
                       struct random *random, struct suggestion *s,
                       struct error *err)
{
    const struct population *p = state;
    bool children, lacks = population_lacks(p, h, &children);

    if (lacks && children && choose_parent(p, h, random, &s->parent))
        return error_memory(err);
    if (lacks && s->parent >= 0)
        explore(p, h, random, s);
    if (lacks && (!children || s->parent >= 0)) {
        random_fill(h->space, random, s->x);
        return 0;
    }
    s->trial = population_behind(h);
    s->kind = s->trial >= 0 ? SUGGEST_RESUME
              : h->in_state[TRIAL_RUNNING] + h->in_state[TRIAL_WAITING] > 0
                  ? SUGGEST_WAIT
                  : SUGGEST_EXHAUSTED;
    return 0;
}

static void pbt_describe(const void *state, struct text *out)
{
    population_describe(state, out);
}

static void pbt_destroy(void *state)
{
    free(state);
}

const struct sampler sampler_pbt = {
    .name = "pbt",
    .pruner = &pruner_pbt,
    .create = pbt_create,
    .suggest = pbt_suggest,
    .describe = pbt_describe,
    .destroy = pbt_destroy,
};
