/* price: see price.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/models/price.h"

#include <math.h>

enum { TRIALS_MIN = 8 };
static const double WIDTH = 0.1; /* of the kernel, in deviations of values */
static const double PRIOR = 0.5; /* trials' worth of the mean of all */

/* Values and costs of the trials that ended. Returns how many. */
static size_t collect(const struct outlook *o, const struct history *h,
                      double *values, double *costs)
{
    size_t count = 0;

    for (size_t i = 0; i < o->model.count; i++) {
        const struct trial *t = &h->trials[o->taken[i]];

        if (t->curve_count == 0 || forecast_pending(&o->forecast, o->taken[i]))
            continue;
        values[count] =
            (o->means[o->taken[i]] - o->model.mean) / o->model.deviation;
        costs[count++] = log((double)t->curve_count);
    }
    return count;
}

/* The cost around a value. */
static double smooth(const double *values, const double *costs, size_t count,
                     double value, double mean)
{
    double weights = PRIOR, sum = PRIOR * mean;

    for (size_t i = 0; i < count; i++) {
        double z = (values[i] - value) / WIDTH, weight = exp(-0.5 * z * z);
        weights += weight;
        sum += weight * costs[i];
    }
    return sum / weights;
}

void price_learn(struct price *p, const struct outlook *o,
                 const struct history *h)
{
    double values[SURROGATE_MAX], costs[SURROGATE_MAX], mean = 0;
    size_t count = collect(o, h, values, costs);

    p->low = INFINITY;
    p->high = -INFINITY;
    for (size_t i = 0; i < count; i++) {
        p->low = fmin(p->low, values[i]);
        p->high = fmax(p->high, values[i]);
        mean += costs[i] / (double)count;
    }
    p->known = count >= TRIALS_MIN && p->high > p->low;
    for (size_t k = 0; p->known && k < PRICE_PLACES; k++) {
        double share = (double)k / (PRICE_PLACES - 1);
        p->costs[k] = smooth(values, costs, count,
                             p->low + (p->high - p->low) * share, mean);
    }
}

static double cost_at(const struct price *p, double value)
{
    double place = (value - p->low) / (p->high - p->low) * (PRICE_PLACES - 1);

    return p->costs[(size_t)(fmax(0, fmin(place, PRICE_PLACES - 1)) + 0.5)];
}

double price_of(const struct price *p, double mean, double deviation)
{
    return p->known
               ? 0.25 * cost_at(p, mean - deviation) + 0.5 * cost_at(p, mean) +
                     0.25 * cost_at(p, mean + deviation)
               : 0;
}
