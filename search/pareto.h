/* pareto: which of many results are worse than another in every objective.
 *
 * Results are rows of losses, lower is better; NAN counts as INFINITY. Equal
 * rows do not dominate each other.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_PARETO_H
#define SEARCH_PARETO_H

#include <stdbool.h>
#include <stddef.h>

/* Whether 'a' is nowhere worse than 'b' and somewhere better. */
bool pareto_dominates(const double *a, const double *b, size_t objectives);

/* front[i]: 0 where nothing dominates row i, else one more than the highest
 * front of those that do (Deb et al., NSGA-II, 2002; found by the efficient
 * sort of Zhang et al., 2015: O(n log n) for two objectives, O(n^2) at worst
 * for more). Returns 0, or -1 when out of memory. */
int pareto_fronts(const double *losses, size_t count, size_t objectives,
                  size_t *front);

/* crowding[k]: how much room row members[k] has among these rows of one front,
 * in sum over the objectives, each scaled to its range (Deb et al.); INFINITY
 * at the ends. 'crowding' holds 'count' values. Returns 0, or -1 when out of
 * memory. */
int pareto_crowding(const double *losses, size_t objectives,
                    const size_t *members, size_t count, double *crowding);

#endif
