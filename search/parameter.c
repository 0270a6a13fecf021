/* parameter: values, indices and unit coordinates of one axis.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/parameter.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* The distance of neighbouring values, 0 when continuous. */
static double parameter_step(const struct parameter *p)
{
    if (p->step > 0)
        return p->step;
    return p->kind == PARAMETER_FLOAT ? 0 : 1;
}

double parameter_count(const struct parameter *p)
{
    double step = parameter_step(p);

    if (p->low == p->high)
        return 1;
    /* 0..1 by 0.1 are 11 values though 1 / 0.1 may round below 10 */
    return step > 0 ? floor((p->high - p->low) / step + 1e-9) + 1 : INFINITY;
}

/* 'v' with at most 12 digits, so that 3 * 0.1 is the number people call 0.3,
 * where that is the same value for all purposes of this axis. */
static double tidy(const struct parameter *p, double v)
{
    char digits[32];

    snprintf(digits, sizeof digits, "%.12g", v);
    double short_one = strtod(digits, NULL);
    return fabs(short_one - v) < 1e-9 * p->step ? short_one : v;
}

double parameter_value(const struct parameter *p, double k)
{
    double v = p->low + k * parameter_step(p);

    assert(k >= 0 && k < parameter_count(p));
    return fmin(p->kind == PARAMETER_FLOAT ? tidy(p, v) : v, p->high);
}

double parameter_index(const struct parameter *p, double v)
{
    double last = parameter_count(p) - 1;

    assert(isfinite(last));
    if (last == 0)
        return 0;
    double k = round((v - p->low) / parameter_step(p));
    return fmax(0, fmin(k, last));
}

double parameter_snap(const struct parameter *p, double v)
{
    if (isnan(v))
        return parameter_from_unit(p, 0.5);
    if (isfinite(parameter_count(p)))
        return parameter_value(p, parameter_index(p, v));
    return fmax(p->low, fmin(v, p->high));
}

bool parameter_contains(const struct parameter *p, double v)
{
    double slack = 1e-9 * p->step;

    if (!(v >= p->low - slack && v <= p->high + slack))
        return false;
    return fabs(v - parameter_snap(p, v)) <=
           (p->kind == PARAMETER_FLOAT ? slack : 0);
}

/* The axis before scaling to 0..1: the value or its logarithm, from the lower
 * edge of the first cell to the upper edge of the last. */
static double scaled(const struct parameter *p, double v)
{
    return p->log ? log(v) : v;
}

static void parameter_edges(const struct parameter *p, double *low,
                            double *high)
{
    double half = parameter_step(p) / 2;
    double last =
        half > 0 ? p->low + (parameter_count(p) - 1) * 2 * half : p->high;

    *low = scaled(p, p->low - half);
    *high = scaled(p, last + half);
}

double parameter_from_unit(const struct parameter *p, double u)
{
    double count = parameter_count(p), low, high;

    if (isfinite(count) && !p->log)
        return parameter_value(p, fmin(floor(u * count), count - 1));
    parameter_edges(p, &low, &high);
    double v = low + u * (high - low);
    if (p->log)
        v = exp(v);
    if (isfinite(count))
        return parameter_value(p, parameter_index(p, v));
    return fmax(p->low, fmin(v, p->high));
}

double parameter_to_unit(const struct parameter *p, double v)
{
    double low, high;

    parameter_edges(p, &low, &high);
    if (!(high > low))
        return 0.5;
    return fmax(0, fmin((scaled(p, v) - low) / (high - low), 1));
}

double parameter_cell(const struct parameter *p, double v)
{
    double half = parameter_step(p) / 2, low, high;

    parameter_edges(p, &low, &high);
    if (half == 0 || !(high > low))
        return 0;
    return (scaled(p, v + half) - scaled(p, v - half)) / (high - low);
}

long parameter_choice(const struct parameter *p, const struct tree *value)
{
    size_t count = tree_count(p->choices);

    for (size_t i = 0; i < count; i++)
        if (tree_equal(tree_at(p->choices, i), value))
            return (long)i;
    return -1;
}
