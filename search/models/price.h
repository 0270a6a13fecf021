/* price: what a point will cost to try, by the value expected of it.
 *
 * A pruner ends what looks bad early, so a trial in an unknown place is cheap
 * and one beside the best runs to its end. What trials ran for is learned from
 * those that ended: the mean of the logarithms of their reports, smoothed over
 * their values (Nadaraya 1964; Watson 1964). Improvement per cost: Snoek,
 * Larochelle & Adams, Practical Bayesian optimization of machine learning
 * algorithms, NeurIPS 2012. Without a pruner all cost the same.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MODELS_PRICE_H
#define SEARCH_MODELS_PRICE_H

#include <stdbool.h>

#include "search/models/outlook.h"

enum { PRICE_PLACES = 64 };

struct price {
    bool known;                 /* enough trials ended */
    double low, high;           /* values, as the model's targets */
    double costs[PRICE_PLACES]; /* at even places from low to high, in logs */
};

/* Learn from the trials that the outlook's model knows. */
void price_learn(struct price *p, const struct outlook *o,
                 const struct history *h);

/* The log of the reports expected of a point, up to a constant, by mean and
 * deviation of the model's target there; 0 when nothing is known. */
double price_of(const struct price *p, double mean, double deviation);

#endif
