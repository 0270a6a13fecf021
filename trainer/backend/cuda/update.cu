/* update: one step of Adam, AdamW, LAMB or SGD, over all values or some rows.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/kernel.cuh"

enum { PIECE = 16 * THREADS }; /* values whose squares one block adds up */

/* Where the i-th value that is moved stands. */
static __device__ inline size_t place(const uint32_t *id, size_t dimension,
                                      size_t i)
{
    return id ? id[i / dimension] * dimension + i % dimension : i;
}

/* Move the moments; the step Adam asks for, not yet times the rate. */
static __device__ inline float adam_step(const struct update &u, float value,
                                         float grad, float *m, float *v)
{
    float g = grad * u.scale + u.decay * value;

    *m = u.beta1 * *m + (1 - u.beta1) * g;
    *v = u.beta2 * *v + (1 - u.beta2) * g * g;
    return *m / u.correction1 / (sqrtf(*v) / sqrtf(u.correction2) + u.epsilon);
}

static __global__ void adam(struct update u, size_t count, const uint32_t *id,
                            size_t dimension, float *value, const float *grad,
                            float *m, float *v)
{
    for (EACH(i, count)) {
        size_t at = place(id, dimension, i);
        float step = adam_step(u, value[at], grad[i], &m[at], &v[at]);

        value[at] = value[at] * (1 - u.lr * u.shrink) - u.lr * step;
    }
}

static __global__ void sgd(struct update u, size_t count, const uint32_t *id,
                           size_t dimension, float *value, const float *grad,
                           float *m)
{
    for (EACH(i, count)) {
        size_t at = place(id, dimension, i);

        m[at] = u.momentum * m[at] + (grad[i] * u.scale + u.decay * value[at]);
        value[at] -= u.lr * m[at];
    }
}

/* LAMB first moves the moments and notes the squares of the values and of the
 * step, [2][blocks] ... */
static __global__ void note_step(struct update u, size_t count, float *value,
                                 const float *grad, float *m, float *v,
                                 double *part)
{
    __shared__ double of[2][THREADS];
    size_t first = blockIdx.x * (size_t)PIECE, end = first + PIECE;
    double length = 0, wish = 0;

    end = end < count ? end : count;
    for (size_t i = first + threadIdx.x; i < end; i += THREADS) {
        float step =
            adam_step(u, value[i], grad[i], &m[i], &v[i]) + u.shrink * value[i];

        length += (double)value[i] * (double)value[i];
        wish += (double)step * (double)step;
    }
    of[0][threadIdx.x] = length;
    of[1][threadIdx.x] = wish;
    __syncthreads();
    if (threadIdx.x > 1)
        return;
    for (length = 0, first = 0; first < THREADS; first++)
        length += of[threadIdx.x][first];
    part[threadIdx.x * (size_t)gridDim.x + blockIdx.x] = length;
}

/* ... then takes the step at the length of the values. */
static __global__ void lamb(struct update u, size_t count, const double *sums,
                            float *value, const float *m, const float *v)
{
    float rate = u.lr, root = 1 / sqrtf(u.correction2);

    if (sums[0] > 0 && sums[1] > 0)
        rate *= (float)sqrt(sums[0] / sums[1]);
    for (EACH(i, count))
        value[i] -=
            rate * (m[i] / u.correction1 / (sqrtf(v[i]) * root + u.epsilon) +
                    u.shrink * value[i]);
}

static void whole_lamb(struct backend *b, const struct update *u, size_t count,
                       float *value, const float *grad, float *m, float *v)
{
    size_t blocks = (count + PIECE - 1) / PIECE;
    double *part = (double *)cuda_scratch(b, 2 * (blocks + 1) * sizeof *part);
    double *sums = part ? part + 2 * blocks : NULL;

    if (!part)
        return;
    LAUNCH(b, note_step, (unsigned)blocks, THREADS, *u, count, value, grad, m,
           v, part);
    cuda_sum(b, 2, blocks, part, sums);
    LAUNCH(b, lamb, blocks_for(count), THREADS, *u, count, sums, value, m, v);
}

void cuda_update(struct backend *b, const struct update *u, size_t count,
                 const uint32_t *id, size_t dimension, float *value,
                 const float *grad, float *m, float *v)
{
    size_t values = count * dimension;

    if (values == 0)
        return;
    if (u->adam && u->trust)
        whole_lamb(b, u, values, value, grad, m, v);
    else if (u->adam)
        LAUNCH(b, adam, blocks_for(values), THREADS, *u, values, id, dimension,
               value, grad, m, v);
    else
        LAUNCH(b, sgd, blocks_for(values), THREADS, *u, values, id, dimension,
               value, grad, m);
}
