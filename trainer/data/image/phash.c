/* See phash.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/image/phash.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { SIDE = 32, LOW = 8, BITS = LOW * LOW };

/* Frequencies below this are rounding, not picture. */
static const double NOTHING = 1e-6;

/* The brightness (ITU-R BT.601) of the pixels from (y0, x0) to (y1, x1). */
static double mean_of(const uint8_t *planes, size_t pixels, uint32_t width,
                      const uint32_t y[2], const uint32_t x[2])
{
    double sum = 0;
    uint32_t i, j;

    for (i = y[0]; i < y[1]; i++)
        for (j = x[0]; j < x[1]; j++) {
            const uint8_t *at = planes + (size_t)i * width + j;

            sum += 0.299 * at[0] + 0.587 * at[pixels] + 0.114 * at[2 * pixels];
        }
    return sum / ((y[1] - y[0]) * (x[1] - x[0]));
}

/* The part of 'size' pixels that is place 'i' of SIDE; at least one. */
static void part_of(uint32_t i, uint32_t size, uint32_t part[2])
{
    part[0] = i * size / SIDE;
    part[1] = (i + 1) * size / SIDE;
    if (part[1] == part[0])
        part[1]++;
}

static void shrink(const uint8_t *planes, uint32_t height, uint32_t width,
                   double out[SIDE][SIDE])
{
    uint32_t i, j, y[2], x[2];

    for (i = 0; i < SIDE; i++)
        for (j = 0; j < SIDE; j++) {
            part_of(i, height, y);
            part_of(j, width, x);
            out[i][j] = mean_of(planes, (size_t)height * width, width, y, x);
        }
}

/* Frequencies 1..LOW of each line of 'in' to 'out', transposed: twice makes it
 * of both directions. */
static void transform(size_t lines, double in[][SIDE], double out[][SIDE])
{
    const double step = acos(-1.0) / (2 * SIDE);
    size_t line, k, i;

    for (line = 0; line < lines; line++)
        for (k = 0; k < LOW; k++) {
            out[k][line] = 0;
            for (i = 0; i < SIDE; i++)
                out[k][line] +=
                    in[line][i] * cos((double)((2 * i + 1) * (k + 1)) * step);
        }
}

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

uint64_t phash(const uint8_t *planes, uint32_t height, uint32_t width)
{
    double light[SIDE][SIDE], half[LOW][SIDE], low[LOW][SIDE];
    double value[BITS], sorted[BITS], median;
    uint64_t hash = 0;
    size_t i;

    shrink(planes, height, width, light);
    transform(SIDE, light, half);
    transform(LOW, half, low);
    for (i = 0; i < BITS; i++)
        value[i] = low[i / LOW][i % LOW];
    memcpy(sorted, value, sizeof sorted);
    qsort(sorted, BITS, sizeof *sorted, compare);
    if (sorted[BITS - 1] - sorted[0] < NOTHING)
        return 0;
    median = (sorted[BITS / 2 - 1] + sorted[BITS / 2]) / 2;
    for (i = 0; i < BITS; i++)
        hash |= (uint64_t)(value[i] > median) << i;
    return hash;
}
