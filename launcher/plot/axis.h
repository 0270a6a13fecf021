/* axis: from values to places between 0 and 1, and the ticks between.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_PLOT_AXIS_H
#define LAUNCHER_PLOT_AXIS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/tree.h"

enum { AXIS_TICKS_MAX = 16 };

struct axis {
    const char *title; /* borrowed */
    double low, high;
    bool log;
    const struct tree *choices; /* a list: values are its indices; or NULL */
};

struct tick {
    double value;
    char label[32];
};

/* An axis over no values yet; then take in one value after the other (those
 * that are not finite are left out), then round its ends. */
void axis_init(struct axis *a, const char *title);
void axis_take(struct axis *a, double value);
void axis_finish(struct axis *a);

/* The axis of a parameter, an item of "space" in a reply of GET /v1/changes. */
void axis_of_parameter(struct axis *a, const struct tree *parameter);

/* A trial's value on that axis; NAN where it has none. */
double axis_value(const struct axis *a, const struct tree *value);

/* 0 at 'low', 1 at 'high'. */
double axis_place(const struct axis *a, double value);

/* The ticks, at 1, 2 or 5 times powers of ten (powers of ten on a logarithmic
 * axis), in 'ticks' of AXIS_TICKS_MAX. Returns how many. */
size_t axis_ticks(const struct axis *a, struct tick *ticks);

#endif
