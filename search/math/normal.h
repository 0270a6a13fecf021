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

/* The share of normal(mean, deviation) that lies in low..high, for a mean in
 * low..high. */
double normal_mass(double mean, double deviation, double low, double high);

/* The 'p'-quantile of normal(mean, deviation) truncated to low..high, for a
 * mean in low..high. With a uniform 'p': a random draw. */
double normal_truncated(double p, double mean, double deviation, double low,
                        double high);

/* log(density) of the same at 'x' in low..high. */
double normal_truncated_log_density(double x, double mean, double deviation,
                                    double low, double high);

/* log(sum of exp(v[i])) without overflow; -INFINITY for none. */
double log_sum_exp(const double *v, size_t count);

#endif
