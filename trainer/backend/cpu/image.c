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

/* A line of outputs: the largest of four each, and which; the first of
 * equals. */
CPU_VECTOR
static void max_of_four(const float *top, const float *below, size_t count,
                        float *y, uint8_t *where)
{
    const cpu_vector *t = (const void *)top, *u = (const void *)below;
    cpu_vector *best = (void *)y;
    cpu_bytes *which = (void *)where;
    size_t i;

    for (i = 0; i < count; i++, t += 2, u += 2) {
        cpu_mask right = t[1] > t[0], lower, at;
        cpu_vector high = CPU_SELECT(right, t[1], t[0]);

        at = right & 1;
        lower = u[0] > high;
        high = CPU_SELECT(lower, u[0], high);
        at = (at & ~lower) | (lower & 2);
        lower = u[1] > high;
        best[i] = CPU_SELECT(lower, u[1], high);
        at = (at & ~lower) | (lower & 3);
        which[i] = __builtin_convertvector(at, cpu_bytes);
    }
}

static size_t planes(const struct shape *s)
{
    return s->rows * cpu_blocks(s->channels);
}

void cpu_max_forward(struct backend *b, const struct shape *s, const float *x,
                     float *y, uint8_t *where)
{
    size_t line = s->width * CPU_BLOCK, half = s->width / 2;
    size_t rows = s->height / 2;

    (void)b;
    CPU_SHARED
    for (size_t plane = 0; plane < planes(s); plane++)
        for (size_t row = 0; row < rows; row++) {
            const float *top = x + (plane * s->height + 2 * row) * line;
            size_t at = (plane * rows + row) * half * CPU_BLOCK;

            max_of_four(top, top + line, half, y + at, where + at);
        }
}

/* A line of gradients, each to the place its maximum came from. */
CPU_VECTOR
static void spread_to_four(const float *dy, const uint8_t *where, size_t count,
                           float *top, float *below)
{
    const cpu_mask *g = (const void *)dy;
    const cpu_bytes *which = (const void *)where;
    cpu_mask *t = (void *)top, *u = (void *)below;
    size_t i;

    for (i = 0; i < count; i++, t += 2, u += 2) {
        cpu_mask at = __builtin_convertvector(which[i], cpu_mask);

        t[0] = g[i] & (at == 0);
        t[1] = g[i] & (at == 1);
        u[0] = g[i] & (at == 2);
        u[1] = g[i] & (at == 3);
    }
}

void cpu_max_backward(struct backend *b, const struct shape *s, const float *dy,
                      const uint8_t *where, float *dx)
{
    size_t line = s->width * CPU_BLOCK, half = s->width / 2;
    size_t rows = s->height / 2;

    (void)b;
    if (s->height % 2 || s->width % 2)
        memset(dx, 0, planes(s) * s->height * line * sizeof *dx);
    CPU_SHARED
    for (size_t plane = 0; plane < planes(s); plane++)
        for (size_t row = 0; row < rows; row++) {
            float *top = dx + (plane * s->height + 2 * row) * line;
            size_t at = (plane * rows + row) * half * CPU_BLOCK;

            spread_to_four(dy + at, where + at, half, top, top + line);
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
