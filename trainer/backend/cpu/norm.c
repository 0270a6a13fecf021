/* norm: batch norm, bias and residual sums, each with ReLU, block by block.
 *
 * A pass reads its input once. What ReLU let through is found again from the
 * input (the same arithmetic gives the same bits), so that the output need not
 * be read in the backward pass. Where input and output may be one array, a
 * block is finished in registers before it is stored, or no compiler would
 * vectorise it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "trainer/backend/cpu/cpu.h"

#define MOMENTUM 0.1f

/* One block of channels, with zeros where there are none. */
typedef float lanes[CPU_BLOCK];

struct plane {
    size_t first, lanes; /* channels first..first+lanes-1 */
    size_t places;       /* height x width */
    size_t step;         /* floats from one row's block to the next row's */
    size_t offset;       /* of row 0's block */
};

static struct plane plane_at(const struct shape *s, size_t block)
{
    struct plane p;
    size_t left = s->channels - block * CPU_BLOCK;

    p.first = block * CPU_BLOCK;
    p.lanes = left < CPU_BLOCK ? left : CPU_BLOCK;
    p.places = s->height * s->width;
    p.step = cpu_blocks(s->channels) * p.places * CPU_BLOCK;
    p.offset = block * p.places * CPU_BLOCK;
    return p;
}

static void load(lanes to, const float *values, const struct plane *p)
{
    memset(to, 0, sizeof(lanes));
    memcpy(to, values + p->first, p->lanes * sizeof *values);
}

CPU_VECTOR
static void add_moments(const float *restrict x, size_t places,
                        float *restrict sum, float *restrict square)
{
    size_t i, k;

    memset(sum, 0, sizeof(lanes));
    memset(square, 0, sizeof(lanes));
    for (i = 0; i < places; i++, x += CPU_BLOCK)
        for (k = 0; k < CPU_BLOCK; k++) {
            sum[k] += x[k];
            square[k] += x[k] * x[k];
        }
}

static void add_to(double *sums, const struct plane *p, const lanes values)
{
    for (size_t k = 0; k < p->lanes; k++)
        sums[p->first + k] += (double)values[k];
}

void cpu_norm_moments(struct backend *b, const struct shape *s, const float *x,
                      double *sums)
{
    size_t blocks = cpu_blocks(s->channels);

    (void)b;
    memset(sums, 0, 2 * s->channels * sizeof *sums);
    for (size_t block = 0; block < blocks; block++) {
        struct plane p = plane_at(s, block);

        CPU_IN_ORDER
        for (size_t row = 0; row < s->rows; row++) {
            lanes sum, square;

            add_moments(x + p.offset + row * p.step, p.places, sum, square);
            CPU_NEXT
            {
                add_to(sums, &p, sum);
                add_to(sums + s->channels, &p, square);
            }
        }
    }
}

/* y = x scale + shift, and 0 where that is negative. 'low' is 0 with ReLU,
 * else minus infinity. */
CPU_VECTOR
static void affine(const float *restrict scale, const float *restrict shift,
                   float low, size_t places, const float *x, float *y)
{
    lanes result;
    size_t i, k;

    for (i = 0; i < places; i++, x += CPU_BLOCK, y += CPU_BLOCK) {
        for (k = 0; k < CPU_BLOCK; k++) {
            float value = x[k] * scale[k] + shift[k];

            result[k] = value < low ? low : value; /* NaN stays */
        }
        memcpy(y, result, sizeof result);
    }
}

/* The same for a block of all rows. */
static void affine_rows(const struct shape *s, const struct plane *p,
                        const lanes scale, const lanes shift, bool relu,
                        const float *x, float *y)
{
    CPU_SHARED
    for (size_t row = 0; row < s->rows; row++) {
        size_t at = p->offset + row * p->step;

        affine(scale, shift, relu ? 0 : -INFINITY, p->places, x + at, y + at);
    }
}

/* Scale and shift of a channel from its statistics. */
static void line_of(const struct plane *p, size_t channels, const float *gamma,
                    const float *beta, const float *saved, lanes scale,
                    lanes shift)
{
    size_t k, c;

    memset(scale, 0, sizeof(lanes));
    memset(shift, 0, sizeof(lanes));
    for (k = 0; k < p->lanes; k++) {
        c = p->first + k;
        scale[k] = gamma[c] * saved[channels + c];
        shift[k] = beta[c] - saved[c] * scale[k];
    }
}

static void normalise(const struct shape *s, const float *x, const float *gamma,
                      const float *beta, const float *saved, bool relu,
                      float *y)
{
    size_t blocks = cpu_blocks(s->channels), block;
    lanes scale, shift;

    for (block = 0; block < blocks; block++) {
        struct plane p = plane_at(s, block);

        line_of(&p, s->channels, gamma, beta, saved, scale, shift);
        affine_rows(s, &p, scale, shift, relu, x, y);
    }
}

void cpu_norm_forward(struct backend *b, const struct shape *s, const float *x,
                      const double *sums, double count, const float *gamma,
                      const float *beta, bool relu, float *running,
                      float *saved, float *y)
{
    size_t c, n = s->channels;

    (void)b;
    for (c = 0; c < n; c++) {
        double mean = sums[c] / count;
        double variance = fmax(sums[n + c] / count - mean * mean, 0);
        double wide = count > 1 ? variance * count / (count - 1) : variance;

        saved[c] = (float)mean;
        saved[n + c] = (float)(1 / sqrt(variance + NORM_EPSILON));
        running[c] += MOMENTUM * ((float)mean - running[c]);
        running[n + c] += MOMENTUM * ((float)wide - running[n + c]);
    }
    normalise(s, x, gamma, beta, saved, relu, y);
}

void cpu_norm_inference(struct backend *b, const struct shape *s,
                        const float *x, const float *gamma, const float *beta,
                        const float *running, bool relu, float *y)
{
    size_t blocks = cpu_blocks(s->channels), block, k;
    lanes scale, shift;

    (void)b;
    for (block = 0; block < blocks; block++) {
        struct plane p = plane_at(s, block);

        load(shift, beta, &p);
        load(scale, gamma, &p);
        for (k = 0; k < p.lanes; k++) {
            size_t c = p.first + k;

            scale[k] /= sqrtf(running[s->channels + c] + (float)NORM_EPSILON);
            shift[k] -= running[c] * scale[k];
        }
        affine_rows(s, &p, scale, shift, relu, x, y);
    }
}

/* Sums of dy and of dy x, where the output was above 'low'. */
CPU_VECTOR
static void add_products(const float *restrict scale,
                         const float *restrict shift, float low, size_t places,
                         const float *restrict x, const float *restrict dy,
                         float *restrict sum, float *restrict product)
{
    size_t i, k;

    memset(sum, 0, sizeof(lanes));
    memset(product, 0, sizeof(lanes));
    for (i = 0; i < places; i++, x += CPU_BLOCK, dy += CPU_BLOCK)
        for (k = 0; k < CPU_BLOCK; k++) {
            float g = x[k] * scale[k] + shift[k] > low ? dy[k] : 0;

            sum[k] += g;
            product[k] += g * x[k];
        }
}

void cpu_norm_gradient_sums(struct backend *b, const struct shape *s,
                            const float *x, const float *dy, const float *gamma,
                            const float *beta, const float *saved, bool relu,
                            float *dgamma, float *dbeta, double *sums)
{
    size_t blocks = cpu_blocks(s->channels), n = s->channels, block, k;
    lanes scale, shift;

    (void)b;
    memset(sums, 0, 2 * n * sizeof *sums);
    for (block = 0; block < blocks; block++) {
        struct plane p = plane_at(s, block);

        line_of(&p, n, gamma, beta, saved, scale, shift);
        CPU_IN_ORDER
        for (size_t row = 0; row < s->rows; row++) {
            size_t at = p.offset + row * p.step;
            lanes sum, product;

            add_products(scale, shift, relu ? 0 : -INFINITY, p.places, x + at,
                         dy + at, sum, product);
            CPU_NEXT
            {
                add_to(sums, &p, sum);
                add_to(sums + n, &p, product);
            }
        }
    }
    for (k = 0; k < n; k++) { /* sum of dy x to that of dy (x - mean) / dev */
        sums[n + k] =
            (sums[n + k] - (double)saved[k] * sums[k]) * (double)saved[n + k];
        dbeta[k] = (float)sums[k];
        dgamma[k] = (float)sums[n + k];
    }
}

/* dx = dy scale + x c + d, with dy = 0 where ReLU stopped it. */
CPU_VECTOR
static void combine(const float *restrict scale, const float *restrict shift,
                    float low, const float *restrict c, const float *restrict d,
                    size_t places, const float *restrict x, const float *dy,
                    float *dx)
{
    lanes result;
    size_t i, k;

    for (i = 0; i < places;
         i++, x += CPU_BLOCK, dy += CPU_BLOCK, dx += CPU_BLOCK) {
        for (k = 0; k < CPU_BLOCK; k++) {
            float g = x[k] * scale[k] + shift[k] > low ? dy[k] : 0;

            result[k] = g * scale[k] + (x[k] * c[k] + d[k]);
        }
        memcpy(dx, result, sizeof result);
    }
}

void cpu_norm_backward(struct backend *b, const struct shape *s, const float *x,
                       const float *dy, const float *gamma, const float *beta,
                       const float *saved, bool relu, const double *sums,
                       double count, float *dx)
{
    size_t blocks = cpu_blocks(s->channels), n = s->channels, block, k;
    lanes scale, shift, c, d;

    (void)b;
    for (block = 0; block < blocks; block++) {
        struct plane p = plane_at(s, block);

        line_of(&p, n, gamma, beta, saved, scale, shift);
        memset(c, 0, sizeof c);
        memset(d, 0, sizeof d);
        for (k = 0; k < p.lanes; k++) {
            size_t at = p.first + k;
            double slope =
                (double)scale[k] * (double)saved[n + at] * sums[n + at] / count;

            c[k] = (float)-slope;
            d[k] = (float)(slope * (double)saved[at] -
                           (double)scale[k] * sums[at] / count);
        }
        CPU_SHARED
        for (size_t row = 0; row < s->rows; row++) {
            size_t at = p.offset + row * p.step;

            combine(scale, shift, relu ? 0 : -INFINITY, c, d, p.places, x + at,
                    dy + at, dx + at);
        }
    }
}

void cpu_bias_forward(struct backend *b, const struct shape *s, const float *x,
                      const float *bias, bool relu, float *y)
{
    size_t blocks = cpu_blocks(s->channels), block, k;
    lanes scale, shift;

    (void)b;
    for (k = 0; k < CPU_BLOCK; k++)
        scale[k] = 1;
    for (block = 0; block < blocks; block++) {
        struct plane p = plane_at(s, block);

        load(shift, bias, &p);
        affine_rows(s, &p, scale, shift, relu, x, y);
    }
}

CPU_VECTOR
static void pass(float low, size_t places, const float *y, const float *dy,
                 float *dx, float *restrict sum)
{
    lanes result;
    size_t i, k;

    memset(sum, 0, sizeof(lanes));
    for (i = 0; i < places;
         i++, y += CPU_BLOCK, dy += CPU_BLOCK, dx += CPU_BLOCK) {
        for (k = 0; k < CPU_BLOCK; k++) {
            result[k] = y[k] > low ? dy[k] : 0;
            sum[k] += result[k];
        }
        memcpy(dx, result, sizeof result);
    }
}

void cpu_bias_backward(struct backend *b, const struct shape *s, const float *y,
                       const float *dy, bool relu, float *dbias, float *dx)
{
    size_t blocks = cpu_blocks(s->channels), block, k;
    double total[CPU_BLOCK];

    (void)b;
    for (block = 0; block < blocks; block++) {
        struct plane p = plane_at(s, block);

        memset(total, 0, sizeof total);
        CPU_IN_ORDER
        for (size_t row = 0; row < s->rows; row++) {
            size_t at = p.offset + row * p.step;
            lanes sum;

            pass(relu ? 0 : -INFINITY, p.places, y + at, dy + at, dx + at, sum);
            CPU_NEXT
            for (size_t j = 0; j < p.lanes; j++)
                total[j] += (double)sum[j];
        }
        for (k = 0; k < p.lanes; k++)
            dbias[p.first + k] = (float)total[k];
    }
}

/* y += x, and 0 where that is below 'low'. */
CPU_VECTOR
static void add_block(float low, size_t floats, const float *restrict x,
                      float *restrict y)
{
    size_t i;

    for (i = 0; i < floats; i++) {
        float value = y[i] + x[i];

        y[i] = value < low ? low : value; /* NaN stays */
    }
}

CPU_VECTOR
static void cut_block(size_t floats, float *y)
{
    size_t i;

    for (i = 0; i < floats; i++)
        y[i] = y[i] < 0 ? 0 : y[i];
}

/* The lanes of the last block that are no channels. */
static void clear_rest(const struct shape *s, float *y)
{
    size_t places = s->height * s->width, used = s->channels % CPU_BLOCK, i;
    float *last = y + (cpu_blocks(s->channels) - 1) * places * CPU_BLOCK;

    for (i = 0; i < places && used > 0; i++)
        memset(last + i * CPU_BLOCK + used, 0,
               (CPU_BLOCK - used) * sizeof *last);
}

/* Channels that are not there are zeros, on both sides. */
void cpu_add(struct backend *b, const struct shape *s, size_t channels,
             const float *x, bool relu, float *y)
{
    size_t places = s->height * s->width * CPU_BLOCK;
    size_t all = cpu_blocks(s->channels) * places;
    size_t theirs = cpu_blocks(channels) * places;
    size_t both = all < theirs ? all : theirs;

    (void)b;
    CPU_SHARED
    for (size_t row = 0; row < s->rows; row++) {
        float *to = y + row * all;

        add_block(relu ? 0 : -INFINITY, both, x + row * theirs, to);
        if (relu)
            cut_block(all - both, to + both);
        if (channels > s->channels)
            clear_rest(s, to);
    }
}

CPU_VECTOR
void cpu_relu_backward(struct backend *b, const struct shape *s, const float *y,
                       float *dy)
{
    size_t count =
        s->rows * cpu_blocks(s->channels) * CPU_BLOCK * s->height * s->width;
    size_t i;

    (void)b;
    for (i = 0; i < count; i++)
        dy[i] = y[i] > 0 ? dy[i] : 0;
}
