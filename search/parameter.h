/* parameter: one axis of a space, as a list of values or as the interval 0..1.
 *
 * The unit coordinate is where samplers work: equal lengths are equally likely
 * under the uniform prior, logarithmic where the parameter is. A value of a
 * discrete parameter owns a cell of it: half a step on either side.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_PARAMETER_H
#define SEARCH_PARAMETER_H

#include <stdbool.h>

#include "base/tree.h"
#include "search/space.h"

/* How many values it can take; INFINITY for a float without step. */
double parameter_count(const struct parameter *p);

/* The 'k'-th value from below, and the index of the value nearest to 'v'
 * (clamped). Only where parameter_count() is finite. */
double parameter_value(const struct parameter *p, double k);
double parameter_index(const struct parameter *p, double v);

/* The legal value nearest to 'v'; the middle of the range for NAN. */
double parameter_snap(const struct parameter *p, double v);

/* Whether 'v' is legal, allowing for rounding of a stepped float. */
bool parameter_contains(const struct parameter *p, double v);

/* The value whose cell holds unit coordinate 'u' (0..1). */
double parameter_from_unit(const struct parameter *p, double u);

/* The unit coordinate of a legal value: its own place, not its cell's middle
 * (the two differ for whole numbers on a log scale). */
double parameter_to_unit(const struct parameter *p, double v);

/* The length of the cell of 'v' in the unit coordinate; 0 for a continuous
 * parameter. */
double parameter_cell(const struct parameter *p, double v);

/* The index of the choice equal to 'value', or -1. */
long parameter_choice(const struct parameter *p, const struct tree *value);

#endif
