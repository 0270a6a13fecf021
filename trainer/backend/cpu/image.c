/* image: pixels in, and the two poolings.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "trainer/backend/cpu/cpu.h"

/* Bytes have mean 128 and, in photographs, a deviation of about 64. */
CPU_VECTOR
void cpu_load_image(struct backend *b, size_t count, const uint8_t *pixels,
                    float *out)
{
    size_t i;

    (void)b;
    for (i = 0; i < count; i++)
        out[i] = ((float)pixels[i] - 128.0f) * (1.0f / 64.0f);
}

/* The largest of four, and which; the first of equals. */
CPU_VECTOR
static void max_of_four(const float *restrict top, const float *restrict below,
                        float *restrict y, uint8_t *restrict where)
{
    size_t k;

    for (k = 0; k < CPU_BLOCK; k++) {
        float best = top[k];
        int at = 0;

        at = top[CPU_BLOCK + k] > best ? 1 : at;
        best = top[CPU_BLOCK + k] > best ? top[CPU_BLOCK + k] : best;
        at = below[k] > best ? 2 : at;
        best = below[k] > best ? below[k] : best;
        at = below[CPU_BLOCK + k] > best ? 3 : at;
        best = below[CPU_BLOCK + k] > best ? below[CPU_BLOCK + k] : best;
        y[k] = best;
        where[k] = (uint8_t)at;
    }
}

static size_t planes(const struct shape *s)
{
    return s->rows * cpu_blocks(s->channels);
}

void cpu_max_forward(struct backend *b, const struct shape *s, const float *x,
                     float *y, uint8_t *where)
{
    size_t line = s->width * CPU_BLOCK, plane, row, column;

    (void)b;
    for (plane = 0; plane < planes(s); plane++, x += s->height * line)
        for (row = 0; row < s->height / 2; row++)
            for (column = 0; column < s->width / 2; column++) {
                const float *top = x + 2 * row * line + 2 * column * CPU_BLOCK;

                max_of_four(top, top + line, y, where);
                y += CPU_BLOCK;
                where += CPU_BLOCK;
            }
}

CPU_VECTOR
static void spread_to_four(const float *restrict dy,
                           const uint8_t *restrict where, float *restrict top,
                           float *restrict below)
{
    size_t k;

    for (k = 0; k < CPU_BLOCK; k++) {
        top[k] = where[k] == 0 ? dy[k] : 0;
        top[CPU_BLOCK + k] = where[k] == 1 ? dy[k] : 0;
        below[k] = where[k] == 2 ? dy[k] : 0;
        below[CPU_BLOCK + k] = where[k] == 3 ? dy[k] : 0;
    }
}

void cpu_max_backward(struct backend *b, const struct shape *s, const float *dy,
                      const uint8_t *where, float *dx)
{
    size_t line = s->width * CPU_BLOCK, plane, row, column;

    (void)b;
    if (s->height % 2 || s->width % 2)
        memset(dx, 0, planes(s) * s->height * line * sizeof *dx);
    for (plane = 0; plane < planes(s); plane++, dx += s->height * line)
        for (row = 0; row < s->height / 2; row++)
            for (column = 0; column < s->width / 2; column++) {
                float *top = dx + 2 * row * line + 2 * column * CPU_BLOCK;

                spread_to_four(dy, where, top, top + line);
                dy += CPU_BLOCK;
                where += CPU_BLOCK;
            }
}

CPU_VECTOR
static void mean_of(const float *restrict x, size_t places, float *restrict out)
{
    size_t i, k;

    memset(out, 0, CPU_BLOCK * sizeof *out);
    for (i = 0; i < places; i++, x += CPU_BLOCK)
        for (k = 0; k < CPU_BLOCK; k++)
            out[k] += x[k];
    for (k = 0; k < CPU_BLOCK; k++)
        out[k] /= (float)places;
}

/* How many of a block's lanes are channels. */
static size_t lanes_of(const struct shape *s, size_t block)
{
    size_t left = s->channels - block * CPU_BLOCK;

    return left < CPU_BLOCK ? left : CPU_BLOCK;
}

void cpu_mean_forward(struct backend *b, const struct shape *s, const float *x,
                      float *out, size_t stride)
{
    size_t places = s->height * s->width, row, block;
    float mean[CPU_BLOCK];

    (void)b;
    for (row = 0; row < s->rows; row++)
        for (block = 0; block < cpu_blocks(s->channels); block++) {
            mean_of(x, places, mean);
            memcpy(out + row * stride + block * CPU_BLOCK, mean,
                   lanes_of(s, block) * sizeof *out);
            x += places * CPU_BLOCK;
        }
}

void cpu_mean_backward(struct backend *b, const struct shape *s,
                       const float *dout, size_t stride, float *dx)
{
    size_t places = s->height * s->width, row, block, i, k;
    float share[CPU_BLOCK] = { 0 };

    (void)b;
    for (row = 0; row < s->rows; row++)
        for (block = 0; block < cpu_blocks(s->channels); block++) {
            memset(share, 0, sizeof share);
            for (k = 0; k < lanes_of(s, block); k++)
                share[k] =
                    dout[row * stride + block * CPU_BLOCK + k] / (float)places;
            for (i = 0; i < places; i++, dx += CPU_BLOCK)
                memcpy(dx, share, sizeof share);
        }
}
