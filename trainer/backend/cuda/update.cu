/* update: one step of Adam, AdamW, LAMB or SGD: over all parameters of a model at
 * once, or over some rows of a table.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/kernel.cuh"

/* What clipping leaves of the gradient: as update_scale(), on the device. */
static __device__ inline float scale_of(const struct update &u)
{
    double norm = u.clip > 0 ? sqrt(*u.squares) : 0;

    return norm > (double)u.clip ? (float)((double)u.clip / norm) : 1.0f;
}

/* Move the moments; the step Adam asks for, not yet times the rate. */
static __device__ inline float adam_step(const struct update &u, float scale,
                                         float value, float grad, float *m,
                                         float *v)
{
    float g = grad * scale + u.decay * value;

    *m = u.beta1 * *m + (1 - u.beta1) * g;
    *v = u.beta2 * *v + (1 - u.beta2) * g * g;
    return *m / u.correction1 / (sqrtf(*v) / sqrtf(u.correction2) + u.epsilon);
}

/* One value's whole step, but LAMB's. */
static __device__ inline void move(const struct update &u, float scale,
                                   float *value, float grad, float *m, float *v)
{
    if (u.adam) {
        float step = adam_step(u, scale, *value, grad, m, v);

        *value = *value * (1 - u.lr * u.shrink) - u.lr * step;
    } else {
        *m = u.momentum * *m + (grad * scale + u.decay * *value);
        *value -= u.lr * *m;
    }
}

/* --- rows -------------------------------------------------------------------- */

static __global__ void update_rows(struct update u, size_t count,
                                   const uint32_t *id, size_t dimension,
                                   float *value, const float *grad, float *m,
                                   float *v)
{
    float scale = scale_of(u);

    for (EACH(i, count)) {
        size_t at = id[i / dimension] * dimension + i % dimension;

        move(u, scale, &value[at], grad[i], &m[at], &v[at]);
    }
}

void cuda_update(struct backend *b, const struct update *u, size_t count,
                 const uint32_t *id, size_t dimension, float *value,
                 const float *grad, float *m, float *v)
{
    size_t values = count * dimension;

    if (values > 0)
        LAUNCH(b, update_rows, blocks_for(values), THREADS, *u, values, id,
               dimension, value, grad, m, v);
}

/* --- all: a block a piece ------------------------------------------------------- */

/* 'u' as it is for this piece. */
static __device__ inline void leave_decay(struct update *u,
                                          const struct piece &p)
{
    if (!p.decay)
        u->decay = u->shrink = 0;
}

static __global__ void update_pieces(struct update u, const struct piece *piece,
                                     float *value, const float *grad, float *m,
                                     float *v)
{
    struct piece p = piece[blockIdx.x];
    float scale = scale_of(u);

    leave_decay(&u, p);
    for (size_t i = p.first + threadIdx.x; i < p.end; i += THREADS)
        move(u, scale, &value[i], grad[i], &m[i], &v[i]);
}

/* LAMB first moves the moments and notes the squares of the values and of the
 * step, [2][pieces] ... */
static __global__ void note_step(struct update u, const struct piece *piece,
                                 const float *value, const float *grad,
                                 float *m, float *v, double *part)
{
    __shared__ double of[2][THREADS];
    struct piece p = piece[blockIdx.x];
    float scale = scale_of(u);
    double length = 0, wish = 0;

    leave_decay(&u, p);
    for (size_t i = p.first + threadIdx.x; i < p.end; i += THREADS) {
        float step = adam_step(u, scale, value[i], grad[i], &m[i], &v[i]) +
                     u.shrink * value[i];

        length += (double)value[i] * (double)value[i];
        wish += (double)step * (double)step;
    }
    of[0][threadIdx.x] = length;
    of[1][threadIdx.x] = wish;
    __syncthreads();
    if (threadIdx.x > 1)
        return;
    length = 0;
    for (unsigned t = 0; t < THREADS; t++)
        length += of[threadIdx.x][t];
    part[threadIdx.x * (size_t)gridDim.x + blockIdx.x] = length;
}

/* ... which are added up over each span's pieces ... */
static __device__ inline double sum_of(const uint32_t *start, uint32_t span,
                                       const double *part)
{
    double sum = 0;

    for (uint32_t i = start[span]; i < start[span + 1]; i++)
        sum += part[i];
    return sum;
}

/* ... then takes the step at the length of the values, where they decay. */
static __global__ void lamb(struct update u, const struct piece *piece,
                            const uint32_t *start, const double *part,
                            float *value, const float *m, const float *v)
{
    __shared__ float rate;
    struct piece p = piece[blockIdx.x];
    float root = 1 / sqrtf(u.correction2);

    leave_decay(&u, p);
    if (threadIdx.x == 0) {
        double length = sum_of(start, p.span, part);
        double wish = sum_of(start, p.span, part + gridDim.x);

        rate = u.lr;
        if (p.decay && length > 0 && wish > 0)
            rate *= (float)sqrt(length / wish);
    }
    __syncthreads();
    for (size_t i = p.first + threadIdx.x; i < p.end; i += THREADS)
        value[i] -=
            rate * (m[i] / u.correction1 / (sqrtf(v[i]) * root + u.epsilon) +
                    u.shrink * value[i]);
}

static void whole_lamb(struct backend *b, const struct update *u, float *value,
                       const float *grad, float *m, float *v)
{
    const struct pieces *p = &cuda_of(b)->pieces;
    unsigned blocks = (unsigned)p->count;
    double *part = (double *)cuda_scratch(b, 2 * p->count * sizeof *part);

    if (!part)
        return;
    LAUNCH(b, note_step, blocks, THREADS, *u, p->piece, value, grad, m, v,
           part);
    LAUNCH(b, lamb, blocks, THREADS, *u, p->piece, p->start, part, value, m, v);
}

void cuda_update_all(struct backend *b, const struct update *u, size_t spans,
                     const struct span *span, float *value, const float *grad,
                     float *m, float *v)
{
    struct pieces *p = &cuda_of(b)->pieces;

    if (pieces_make(p, b, spans, span) < 0 || p->count == 0)
        return;
    if (u->adam && u->trust)
        whole_lamb(b, u, value, grad, m, v);
    else
        LAUNCH(b, update_pieces, (unsigned)p->count, THREADS, *u, p->piece,
               value, grad, m, v);
}
