/* hypervolume: how much of the space up to a reference point is dominated.
 *
 * Two objectives by a sweep, more by the recursion of While, Bradstreet &
 * Barone (WFG, A fast way of calculating exact hypervolumes, IEEE Trans. Evol.
 * Comput. 2012). Lower is better in every objective.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MATH_HYPERVOLUME_H
#define SEARCH_MATH_HYPERVOLUME_H

#include <stddef.h>

/* The volume that 'count' rows dominate below 'reference'; rows not below it
 * in every objective (or with a NAN) count for nothing. NAN when out of
 * memory. */
double hypervolume(const double *rows, size_t count, size_t objectives,
                   const double *reference);

/* out[i]: how much of that volume nothing but row i dominates. 'out' holds
 * 'count' values. Returns 0, or -1 when out of memory. */
int hypervolume_contributions(const double *rows, size_t count,
                              size_t objectives, const double *reference,
                              double *out);

#endif
