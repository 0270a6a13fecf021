/* update: one step of Adam, AdamW, LAMB or SGD, over all values or some rows.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "trainer/backend/cpu/cpu.h"

CPU_VECTOR
void cpu_squares(struct backend *b, size_t count, const float *x, double *sum)
{
    double all = 0, lane[CPU_BLOCK] = { 0 };
    size_t whole = count / CPU_BLOCK * CPU_BLOCK, i, k;

    (void)b;
    for (i = 0; i < whole; i += CPU_BLOCK)
        for (k = 0; k < CPU_BLOCK; k++)
            lane[k] += (double)x[i + k] * (double)x[i + k];
    for (k = 0; k < CPU_BLOCK; k++)
        all += lane[k];
    for (; i < count; i++)
        all += (double)x[i] * (double)x[i];
    *sum += all;
}

CPU_VECTOR
static void adam(const struct update *u, float scale, size_t count,
                 float *restrict value, const float *restrict grad,
                 float *restrict m, float *restrict v)
{
    float lr = u->lr / u->correction1, shrink = 1 - u->lr * u->shrink;
    float root = 1 / sqrtf(u->correction2);
    float beta1 = u->beta1, beta2 = u->beta2;
    float decay = u->decay, epsilon = u->epsilon;
    size_t i;

    for (i = 0; i < count; i++) {
        float g = grad[i] * scale + decay * value[i];

        m[i] = beta1 * m[i] + (1 - beta1) * g;
        v[i] = beta2 * v[i] + (1 - beta2) * g * g;
        value[i] =
            value[i] * shrink - lr * m[i] / (sqrtf(v[i]) * root + epsilon);
    }
}

/* Adam's moments, and the squares of the values and of the step they ask for. */
static void note_step(const struct update *u, float scale, size_t count,
                      const float *value, const float *grad, float *m, float *v,
                      double *length, double *wish)
{
    float root = 1 / sqrtf(u->correction2);
    size_t i;

    *length = *wish = 0;
    for (i = 0; i < count; i++) {
        float g = grad[i] * scale + u->decay * value[i], step;

        m[i] = u->beta1 * m[i] + (1 - u->beta1) * g;
        v[i] = u->beta2 * v[i] + (1 - u->beta2) * g * g;
        step = m[i] / u->correction1 / (sqrtf(v[i]) * root + u->epsilon) +
               u->shrink * value[i];
        *length += (double)value[i] * (double)value[i];
        *wish += (double)step * (double)step;
    }
}

static void lamb(const struct update *u, float scale, size_t count,
                 float *value, const float *grad, float *m, float *v)
{
    float root = 1 / sqrtf(u->correction2), rate = u->lr;
    double length, wish;
    size_t i;

    note_step(u, scale, count, value, grad, m, v, &length, &wish);
    if (length > 0 && wish > 0)
        rate *= (float)sqrt(length / wish);
    for (i = 0; i < count; i++)
        value[i] -=
            rate * (m[i] / u->correction1 / (sqrtf(v[i]) * root + u->epsilon) +
                    u->shrink * value[i]);
}

CPU_VECTOR
static void sgd(const struct update *u, float scale, size_t count,
                float *restrict value, const float *restrict grad,
                float *restrict m)
{
    float lr = u->lr, decay = u->decay;
    float momentum = u->momentum;
    size_t i;

    for (i = 0; i < count; i++) {
        m[i] = momentum * m[i] + (grad[i] * scale + decay * value[i]);
        value[i] -= lr * m[i];
    }
}

/* All values of arrays. */
static void step(const struct update *u, float scale, size_t count,
                 float *value, const float *grad, float *m, float *v)
{
    if (u->adam && u->trust)
        lamb(u, scale, count, value, grad, m, v);
    else if (u->adam)
        adam(u, scale, count, value, grad, m, v);
    else
        sgd(u, scale, count, value, grad, m);
}

void cpu_update(struct backend *b, const struct update *u, size_t count,
                const uint32_t *id, size_t dimension, float *value,
                const float *grad, float *m, float *v)
{
    float scale = update_scale(u);
    size_t i, at;

    (void)b;
    for (i = 0; i < count; i++) {
        at = id[i] * dimension;
        step(u, scale, dimension, value + at, grad + i * dimension, m + at,
             v + at);
    }
}

void cpu_update_all(struct backend *b, const struct update *u, size_t spans,
                    const struct span *span, float *value, const float *grad,
                    float *m, float *v)
{
    float scale = update_scale(u);
    size_t i, at;

    (void)b;
    for (i = 0; i < spans; i++) {
        const struct update mine = update_for(u, &span[i]);

        at = span[i].first;
        step(&mine, scale, span[i].count, value + at, grad + at, m + at,
             v + at);
    }
}
