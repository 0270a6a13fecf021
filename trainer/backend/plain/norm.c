/* norm: batch norm, bias and residual sums.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "trainer/backend/plain/plain.h"

static size_t size_of(const struct shape *s)
{
    return s->rows * s->height * s->width * s->channels;
}

static float relu_of(bool relu, float value)
{
    return relu && value < 0 ? 0 : value;
}

void plain_norm_moments(struct backend *b, const struct shape *s,
                        const float *x, double *sums)
{
    size_t n = s->channels, i;

    (void)b;
    memset(sums, 0, 2 * n * sizeof *sums);
    for (i = 0; i < size_of(s); i++) {
        sums[i % n] += (double)x[i];
        sums[n + i % n] += (double)x[i] * (double)x[i];
    }
}

/* y = (x - mean) / deviation gamma + beta, then ReLU. */
static float normal(const struct shape *s, size_t i, const float *x,
                    const float *gamma, const float *beta, const float *saved)
{
    size_t c = i % s->channels;

    return (x[i] - saved[c]) * saved[s->channels + c] * gamma[c] + beta[c];
}

void plain_norm_forward(struct backend *b, const struct shape *s,
                        const float *x, const double *sums, double count,
                        const float *gamma, const float *beta, bool relu,
                        float *running, float *saved, float *y)
{
    size_t n = s->channels, c, i;

    (void)b;
    for (c = 0; c < n; c++) {
        double mean = sums[c] / count;
        double variance = fmax(sums[n + c] / count - mean * mean, 0);
        double wide = count > 1 ? variance * count / (count - 1) : variance;

        saved[c] = (float)mean;
        saved[n + c] = (float)(1 / sqrt(variance + NORM_EPSILON));
        running[c] = 0.9F * running[c] + 0.1F * (float)mean;
        running[n + c] = 0.9F * running[n + c] + 0.1F * (float)wide;
    }
    for (i = 0; i < size_of(s); i++)
        y[i] = relu_of(relu, normal(s, i, x, gamma, beta, saved));
}

void plain_norm_inference(struct backend *b, const struct shape *s,
                          const float *x, const float *gamma, const float *beta,
                          const float *running, bool relu, float *y)
{
    size_t n = s->channels, i;

    (void)b;
    for (i = 0; i < size_of(s); i++) {
        double deviation = sqrt((double)running[n + i % n] + NORM_EPSILON);
        double value = (double)(x[i] - running[i % n]) / deviation;

        y[i] = relu_of(
            relu, (float)(value * (double)gamma[i % n] + (double)beta[i % n]));
    }
}

/* What the output's gradient is before ReLU. */
static double before_relu(const struct shape *s, size_t i, const float *x,
                          const float *dy, const float *gamma,
                          const float *beta, const float *saved, bool relu)
{
    if (relu && !(normal(s, i, x, gamma, beta, saved) > 0))
        return 0;
    return (double)dy[i];
}

void plain_norm_gradient_sums(struct backend *b, const struct shape *s,
                              const float *x, const float *dy,
                              const float *gamma, const float *beta,
                              const float *saved, bool relu, float *dgamma,
                              float *dbeta, double *sums)
{
    size_t n = s->channels, i, c;

    (void)b;
    memset(sums, 0, 2 * n * sizeof *sums);
    for (i = 0; i < size_of(s); i++) {
        double g = before_relu(s, i, x, dy, gamma, beta, saved, relu);

        c = i % n;
        sums[c] += g;
        sums[n + c] += g * (double)(x[i] - saved[c]) * (double)saved[n + c];
    }
    for (c = 0; c < n; c++) {
        dbeta[c] = (float)sums[c];
        dgamma[c] = (float)sums[n + c];
    }
}

void plain_norm_backward(struct backend *b, const struct shape *s,
                         const float *x, const float *dy, const float *gamma,
                         const float *beta, const float *saved, bool relu,
                         const double *sums, double count, float *dx)
{
    size_t n = s->channels, i, c;

    (void)b;
    for (i = 0; i < size_of(s); i++) {
        double g = before_relu(s, i, x, dy, gamma, beta, saved, relu);
        double at = (double)(x[i] - saved[i % n]);

        c = i % n;
        at *= (double)saved[n + c];
        dx[i] = (float)((double)gamma[c] * (double)saved[n + c] *
                        (g - sums[c] / count - at * sums[n + c] / count));
    }
}

void plain_bias_forward(struct backend *b, const struct shape *s,
                        const float *x, const float *bias, bool relu, float *y)
{
    size_t i;

    (void)b;
    for (i = 0; i < size_of(s); i++)
        y[i] = relu_of(relu, x[i] + bias[i % s->channels]);
}

void plain_bias_backward(struct backend *b, const struct shape *s,
                         const float *y, const float *dy, bool relu,
                         float *dbias, float *dx)
{
    size_t c, i;

    (void)b;
    for (i = 0; i < size_of(s); i++)
        dx[i] = relu && !(y[i] > 0) ? 0 : dy[i];
    for (c = 0; c < s->channels; c++) {
        double sum = 0;

        for (i = c; i < size_of(s); i += s->channels)
            sum += (double)dx[i];
        dbias[c] = (float)sum;
    }
}

void plain_add(struct backend *b, const struct shape *s, size_t channels,
               const float *x, bool relu, float *y)
{
    size_t i, c;

    (void)b;
    for (i = 0; i < size_of(s); i++) {
        c = i % s->channels;
        y[i] = relu_of(
            relu,
            y[i] + (c < channels ? x[i / s->channels * channels + c] : 0));
    }
}

void plain_relu_backward(struct backend *b, const struct shape *s,
                         const float *y, float *dy)
{
    size_t i;

    (void)b;
    for (i = 0; i < size_of(s); i++)
        dy[i] = y[i] > 0 ? dy[i] : 0;
}
