/* threshold: a trial ends when a value it reports is outside of known bounds:
 * a loss that has diverged, an accuracy that no sane model has. A NaN is
 * outside.
 * SPDX-License-Identifier: Apache-2.0 */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "search/pruner.h"

struct threshold {
    double lower, upper;    /* of the metric's values, as they are reported */
    int64_t warmup_steps;   /* no pruning up to this step */
    int64_t interval_steps; /* after that at every so many steps */
};

static void threshold_destroy(void *state)
{
    free(state);
}

static int threshold_create(void **state, struct reader *options,
                            struct error *err)
{
    struct threshold *p = calloc(1, sizeof *p);

    *state = p;
    if (p == NULL)
        return error_memory(err);
    p->lower = -INFINITY;
    p->upper = INFINITY;
    p->interval_steps = 1;
    reader_float(options, "lower", -DBL_MAX, DBL_MAX, &p->lower);
    reader_float(options, "upper", -DBL_MAX, DBL_MAX, &p->upper);
    reader_int(options, "warmup_steps", 0, INT64_MAX, &p->warmup_steps);
    reader_int(options, "interval_steps", 1, INT64_MAX, &p->interval_steps);
    if (isinf(p->lower) && isinf(p->upper))
        reader_need(options, "upper");
    else if (p->lower > p->upper)
        reader_fail(options, "upper", "no value is at least %g and at most %g",
                    p->lower, p->upper);
    return 0;
}

static enum decision threshold_judge(void *state, const struct history *h,
                                     int64_t number)
{
    const struct threshold *p = state;
    const struct trial *t = &h->trials[number];
    const struct observation *last = &t->curve[t->curve_count - 1];
    double value = h->maximize ? -last->loss : last->loss;

    if (last->step <= p->warmup_steps ||
        (last->step - p->warmup_steps - 1) % p->interval_steps != 0)
        return DECISION_CONTINUE;
    return last->loss == INFINITY || value < p->lower || value > p->upper
               ? DECISION_PRUNE
               : DECISION_CONTINUE;
}

static void threshold_describe(const void *state, struct text *out)
{
    const struct threshold *p = state;

    text_append(out, "ends what reports NaN");
    if (p->lower > -INFINITY)
        text_format(out, ", less than %g", p->lower);
    if (p->upper < INFINITY)
        text_format(out, ", more than %g", p->upper);
    if (p->warmup_steps > 0)
        text_format(out, " after step %lld", (long long)p->warmup_steps);
    if (p->interval_steps > 1)
        text_format(out, ", every %lld steps", (long long)p->interval_steps);
}

const struct pruner pruner_threshold = {
    .name = "threshold",
    .create = threshold_create,
    .judge = threshold_judge,
    .describe = threshold_describe,
    .destroy = threshold_destroy,
};
