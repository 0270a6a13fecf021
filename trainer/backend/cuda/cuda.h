/* cuda: the operations of the CUDA backend, and what they share. They give their
 * work to device/.
 *
 * Planes are stored channels last, [row][height][width][stride(channels)], the
 * stride a multiple of 8 with zeros in the places that are no channels: what
 * the matrix units want. With bf16, planes of more than one place hold values
 * of 16 bits in the room of floats; everything else is floats. Sums run in an
 * order that the shape alone decides, no matter which GPU.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BACKEND_CUDA_CUDA_H
#define TRAINER_BACKEND_CUDA_CUDA_H

#include "trainer/backend/backend.h"
#include "trainer/backend/cuda/device/gpu.h"
#include "trainer/backend/cuda/device/input.h"
#include "trainer/backend/cuda/device/queue.h"
#include "trainer/backend/cuda/pieces.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { CUDA_BLOCK = 8 }; /* channels are filled up to so many */

struct blas;
struct dnn;

struct cuda {
    struct backend base;
    enum precision precision;
    struct queue queue;
    struct gpu_facts facts;
    struct blas *blas;
    struct dnn *dnn;
    void *scratch; /* of the operation at hand */
    size_t scratch_size;
    struct pieces pieces; /* of the spans that were updated last */
    struct input input;
};

static inline struct cuda *cuda_of(struct backend *b)
{
    return (struct cuda *)b;
}

static inline size_t cuda_channels(size_t channels)
{
    return (channels + CUDA_BLOCK - 1) / CUDA_BLOCK * CUDA_BLOCK;
}

/* Whether planes of this shape hold values of 16 bits. */
static inline bool cuda_is_half(const struct backend *b, const struct shape *s)
{
    return ((const struct cuda *)b)->precision == PRECISION_BF16 &&
           s->height * s->width > 1;
}

/* Room for the operation at hand, until the next call; NULL on failure. */
void *cuda_scratch(struct backend *b, size_t bytes);

/* Convolutions in conv.c over dnn.h, products in blas.c, the rest in kernels. */
BACKEND_ARITHMETIC(BACKEND_PROTOTYPE, cuda)
BACKEND_PROTOTYPE(cuda, dense_forward)
BACKEND_PROTOTYPE(cuda, dense_backward)

/* layout.cu: plain planes [rows][channels][places] to channels last; weights
 * [out][in][3][3] to [stride(out)][3][3][stride(in)] and back. */
void cuda_planes_in(struct backend *b, const struct shape *s, bool half,
                    const float *plain, void *planes);
void cuda_weights_in(struct backend *b, size_t out, size_t in, bool half,
                     const float *plain, void *weights);
void cuda_weights_out(struct backend *b, size_t out, size_t in, bool half,
                      const void *weights, float *plain);

/* blas.c: the door to cuBLASLt */
struct blas *blas_create(enum precision precision, struct error *err);
void blas_destroy(struct blas *b);

/* sum.cu, in a fixed order: result[k] = the sum over i of part[k * count + i],
 * for 'values' k; or grows by it. */
void cuda_sum(struct backend *b, size_t values, size_t count,
              const double *part, double *result);
void cuda_add_sum(struct backend *b, size_t count, const double *part,
                  double *result);

#ifdef __cplusplus
}
#endif

#endif
