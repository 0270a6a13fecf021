/* wilcoxon: the signed-rank test for paired samples.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MATH_WILCOXON_H
#define SEARCH_MATH_WILCOXON_H

#include <stddef.h>

/* Up to so many differences the p-value is exact. */
enum { WILCOXON_EXACT_MAX = 50 };

/* The one-sided p-value against "the differences lie no higher than 0": small
 * when they are above. The ranks of equal magnitudes are averaged, those of
 * zeros split between both sides ("zsplit"); infinities are the largest
 * magnitudes. Exact, by counting all signs of the ranks as they are, up to
 * WILCOXON_EXACT_MAX; beyond that the normal approximation with the correction
 * for ties. Wilcoxon, Individual comparisons by ranking methods, 1945.
 * Returns NAN when there are none or memory is out. */
double wilcoxon_above(const double *differences, size_t count);

#endif
