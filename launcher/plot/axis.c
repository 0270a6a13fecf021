/* axis: see axis.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/plot/axis.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"

enum { INTERVALS = 6 };

void axis_init(struct axis *a, const char *title)
{
    *a = (struct axis){ .title = title, .low = INFINITY, .high = -INFINITY };
}

void axis_take(struct axis *a, double value)
{
    if (!isfinite(value))
        return;
    a->low = fmin(a->low, value);
    a->high = fmax(a->high, value);
}

/* The least of 1, 2, 5 times a power of ten so that 'INTERVALS' of it reach
 * over the axis. */
static double step_of(const struct axis *a)
{
    double least = (1 - 1e-9) * (a->high - a->low) / INTERVALS;
    double power = pow(10, floor(log10(least)));

    return power * (least <= power       ? 1
                    : least <= 2 * power ? 2
                    : least <= 5 * power ? 5
                                         : 10);
}

void axis_finish(struct axis *a)
{
    double step;

    if (a->low > a->high) {
        a->low = 0;
        a->high = 1;
    } else if (a->low == a->high) {
        a->low -= fabs(a->low) > 0 ? fabs(a->low) / 2 : 0.5;
        a->high += fabs(a->high) > 0 ? fabs(a->high) / 2 : 0.5;
    }
    step = step_of(a);
    a->low = step * floor(a->low / step);
    a->high = step * ceil(a->high / step);
}

void axis_of_parameter(struct axis *a, const struct tree *parameter)
{
    axis_init(a, tree_text(tree_get(parameter, "name")));
    a->choices = tree_get(parameter, "choices");
    a->log = tree_truth(tree_get(parameter, "log"));
    a->low = a->choices ? -0.5 : tree_number(tree_get(parameter, "low"));
    a->high = a->choices ? (double)tree_count(a->choices) - 0.5
                         : tree_number(tree_get(parameter, "high"));
    if (a->low == a->high)
        axis_finish(a);
}

/* A choice as words. */
static void write_choice(const struct tree *choice, char *out, size_t size)
{
    switch (tree_kind(choice)) {
    case TREE_STRING:
        snprintf(out, size, "%s", tree_text(choice));
        break;
    case TREE_BOOL:
        snprintf(out, size, "%s", tree_truth(choice) ? "true" : "false");
        break;
    default:
        snprintf(out, size, "%.6g", tree_number(choice));
    }
}

double axis_value(const struct axis *a, const struct tree *value)
{
    char wanted[256], choice[256];

    if (!value)
        return NAN;
    if (!a->choices)
        return tree_number(value);
    write_choice(value, wanted, sizeof wanted);
    for (size_t i = 0; i < tree_count(a->choices); i++) {
        write_choice(tree_at(a->choices, i), choice, sizeof choice);
        if (strcmp(choice, wanted) == 0)
            return (double)i;
    }
    return NAN;
}

double axis_place(const struct axis *a, double value)
{
    if (a->log)
        return log(value / a->low) / log(a->high / a->low);
    return (value - a->low) / (a->high - a->low);
}

/* ---- ticks --------------------------------------------------------------- */

static size_t choice_ticks(const struct axis *a, struct tick *ticks)
{
    size_t count = tree_count(a->choices);
    size_t every = (count + AXIS_TICKS_MAX - 1) / AXIS_TICKS_MAX, n = 0;

    for (size_t i = 0; i < count; i += every) {
        ticks[n].value = (double)i;
        write_choice(tree_at(a->choices, i), ticks[n].label,
                     sizeof ticks[n].label);
        n++;
    }
    return n;
}

static size_t log_ticks(const struct axis *a, struct tick *ticks)
{
    double first = ceil(log10(a->low) - 1e-9),
           last = floor(log10(a->high) + 1e-9);
    double every = fmax(1, ceil((last - first + 1) / AXIS_TICKS_MAX));
    size_t n = 0;

    for (double e = first; e <= last && n < AXIS_TICKS_MAX; e += every) {
        ticks[n].value = pow(10, e);
        snprintf(ticks[n].label, sizeof ticks[n].label, "%g", ticks[n].value);
        n++;
    }
    return n;
}

size_t axis_ticks(const struct axis *a, struct tick *ticks)
{
    double step = step_of(a);
    double first = ceil(a->low / step - 1e-9);
    size_t n = 0;

    if (a->choices)
        return choice_ticks(a, ticks);
    if (a->log &&
        floor(log10(a->high) + 1e-9) - ceil(log10(a->low) - 1e-9) >= 1)
        return log_ticks(a, ticks);
    for (double k = first;
         step * k <= a->high + 1e-9 * step && n < AXIS_TICKS_MAX; k++, n++) {
        ticks[n].value = step * k;
        snprintf(ticks[n].label, sizeof ticks[n].label, "%.6g",
                 fabs(k) < 0.5 ? 0 : ticks[n].value);
    }
    return n;
}
