/* sparkline: a curve in one line of text.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/format/sparkline.h"

#include <math.h>

enum { LEVELS = 8 };

static const char *const blocks[LEVELS] = { "▁", "▂", "▃", "▄",
                                            "▅", "▆", "▇", "█" };
static const char *const ascii[LEVELS] = { "_", ".", ",", "-",
                                           "~", "=", "*", "#" };

/* The mean of the finite values among 'count'; NAN when there is none. */
static double mean(const double *values, size_t count)
{
    double sum = 0;
    size_t finite = 0;

    for (size_t i = 0; i < count; i++)
        if (isfinite(values[i])) {
            sum += values[i];
            finite++;
        }
    return finite ? sum / (double)finite : NAN;
}

/* Character 'i' of 'width' stands for values from..to-1. */
static double bucket(const double *values, size_t count, size_t i, size_t width)
{
    size_t from = i * count / width, to = (i + 1) * count / width;

    return mean(values + from, to - from);
}

void sparkline_print(const double *values, size_t count, size_t width,
                     bool utf8, struct text *out)
{
    const char *const *levels = utf8 ? blocks : ascii;
    double low = INFINITY, high = -INFINITY;

    width = count < width ? count : width;
    for (size_t i = 0; i < width; i++) {
        low = fmin(low, bucket(values, count, i, width));
        high = fmax(high, bucket(values, count, i, width));
    }
    for (size_t i = 0; i < width; i++) {
        double v = bucket(values, count, i, width);
        double part = high > low ? (v - low) / (high - low) : 0.5;
        if (isnan(v))
            text_append_char(out, ' ');
        else
            text_append(out, levels[(int)(part * (LEVELS - 1) + 0.5)]);
    }
}
