/* normal: the normal distribution and its truncation.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MATH_NORMAL_H
#define SEARCH_MATH_NORMAL_H

#include <stddef.h>

/* P(Z < z). Relative error a few ulp, in the lower tail too. */
double normal_cdf(double z);

/* The z with normal_cdf(z) = p; -INFINITY and INFINITY at 0 and 1. Relative
 * error about 1e-16 (Wichura, algorithm AS 241, Applied Statistics 1988). */
double normal_quantile(double p);

/* The 'p'-quantile of normal(mean, deviation) truncated to low..high, for a
 * mean in low..high. With a uniform 'p': a random draw. */
double normal_truncated(double p, double mean, double deviation, double low,
                        double high);

/* The mean of max(0, z - Y) for a standard normal Y: what is expected to be
 * gained below z. */
double normal_excess(double z);

/* log(sum of exp(v[i])) without overflow; -INFINITY for none. */
double log_sum_exp(const double *v, size_t count);

#endif
