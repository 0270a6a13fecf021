/* cuda: the operations of the CUDA backend, file by file.
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
#include "trainer/backend/cuda/gpu.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { CUDA_BLOCK = 8 }; /* channels are filled up to so many */

struct blas;
struct dnn;

struct cuda {
    struct backend base;
    enum precision precision;
    void *stream;
    struct gpu_facts facts;
    struct blas *blas;
    struct dnn *dnn;
    void *scratch; /* of the operation at hand */
    size_t scratch_size;
    double *result; /* one number on its way back, device and host */
    double *answer;
    char *pinned; /* bytes on their way to the device */
    size_t used;
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

/* --- cuda.c ---------------------------------------------------------------- */

/* Room for the operation at hand, until the next call; NULL on failure. */
void *cuda_scratch(struct backend *b, size_t bytes);

/* The number at c->result, which this waits for. */
double cuda_result(struct backend *b);

/* --- conv.c, over dnn.h and layout.cu --------------------------------------- */

struct conv *cuda_conv_create(struct backend *b, const struct conv_shape *s,
                              struct error *err);
void cuda_conv_destroy(struct conv *c);
void cuda_conv_forward(struct conv *c, size_t rows, const float *x,
                       const float *w, float *y);
void cuda_conv_backward_data(struct conv *c, size_t rows, const float *dy,
                             const float *w, float *dx);
void cuda_conv_backward_weights(struct conv *c, size_t rows, const float *x,
                                const float *dy, float *dw);

/* layout.cu: plain planes [rows][channels][places] to channels last; weights
 * [out][in][3][3] to [stride(out)][3][3][stride(in)] and back. */
void cuda_planes_in(struct backend *b, const struct shape *s, bool half,
                    const float *plain, void *planes);
void cuda_weights_in(struct backend *b, size_t out, size_t in, bool half,
                     const float *plain, void *weights);
void cuda_weights_out(struct backend *b, size_t out, size_t in, bool half,
                      const void *weights, float *plain);

/* --- blas.c: the door to cuBLASLt -------------------------------------------- */

struct blas *blas_create(enum precision precision, struct error *err);
void blas_destroy(struct blas *b);
void cuda_gemm(struct backend *b, bool transpose_a, bool transpose_b, size_t m,
               size_t n, size_t k, const float *a_, size_t lda, const float *b_,
               size_t ldb, float beta, float *c, size_t ldc);

/* --- norm.cu ----------------------------------------------------------------- */

void cuda_norm_moments(struct backend *b, const struct shape *s, const float *x,
                       double *sums);
void cuda_norm_forward(struct backend *b, const struct shape *s, const float *x,
                       const double *sums, double count, const float *gamma,
                       const float *beta, bool relu, float *running,
                       float *saved, float *y);
void cuda_norm_inference(struct backend *b, const struct shape *s,
                         const float *x, const float *gamma, const float *beta,
                         const float *running, bool relu, float *y);
void cuda_norm_gradient_sums(struct backend *b, const struct shape *s,
                             const float *x, const float *dy,
                             const float *gamma, const float *beta,
                             const float *saved, bool relu, float *dgamma,
                             float *dbeta, double *sums);
void cuda_norm_backward(struct backend *b, const struct shape *s,
                        const float *x, const float *dy, const float *gamma,
                        const float *beta, const float *saved, bool relu,
                        const double *sums, double count, float *dx);
void cuda_bias_forward(struct backend *b, const struct shape *s, const float *x,
                       const float *bias, bool relu, float *y);
void cuda_bias_backward(struct backend *b, const struct shape *s,
                        const float *y, const float *dy, bool relu,
                        float *dbias, float *dx);

/* --- image.cu ---------------------------------------------------------------- */

void cuda_load_image(struct backend *b, size_t count, const uint8_t *pixels,
                     float *out);
void cuda_add(struct backend *b, const struct shape *s, size_t channels,
              const float *x, bool relu, float *y);
void cuda_relu_backward(struct backend *b, const struct shape *s,
                        const float *y, float *dy);
void cuda_max_forward(struct backend *b, const struct shape *s, const float *x,
                      float *y, uint8_t *where);
void cuda_max_backward(struct backend *b, const struct shape *s,
                       const float *dy, const uint8_t *where, float *dx);
void cuda_mean_forward(struct backend *b, const struct shape *s, const float *x,
                       float *out, size_t stride);
void cuda_mean_backward(struct backend *b, const struct shape *s,
                        const float *dout, size_t stride, float *dx);

/* --- rows.cu ----------------------------------------------------------------- */

void cuda_copy(struct backend *b, size_t rows, size_t columns,
               const float *from, size_t from_step, float *to, size_t to_step);
void cuda_dropout(struct backend *b, size_t rows, size_t columns, size_t stride,
                  size_t first_row, double rate, uint64_t key, float *x);
void cuda_bag(struct backend *b, size_t rows, size_t dimension, size_t count,
              const uint32_t *offset, const uint32_t *id, const float *weight,
              const float *table, size_t table_step, float *out,
              size_t out_step);

/* --- time.cu ----------------------------------------------------------------- */

void cuda_lstm_forward(struct backend *b, size_t rows, size_t units,
                       size_t position, const uint32_t *length, float *gates,
                       size_t gates_step, const float *c0, const float *h0,
                       float *c1, float *h1, size_t state_step);
void cuda_lstm_backward(struct backend *b, size_t rows, size_t units,
                        size_t position, const uint32_t *length, float *gates,
                        size_t gates_step, const float *c0, const float *c1,
                        size_t state_step, float *dh, float *dc);
void cuda_peak_forward(struct backend *b, size_t rows, size_t positions,
                       size_t window, const uint32_t *length, size_t columns,
                       const float *x, float *out, size_t out_step,
                       uint32_t *where);
void cuda_peak_backward(struct backend *b, size_t rows, size_t positions,
                        size_t columns, const uint32_t *where,
                        const float *dout, size_t out_step, float *dx);

/* --- loss.cu ----------------------------------------------------------------- */

void cuda_loss(struct backend *b, const struct loss *l, size_t rows,
               const float *logit, const float *label, float scale,
               float *dlogit, double *sum);

/* --- sum.cu: sums in a fixed order ---------------------------------------------- */

/* result[k] = the sum over i of part[k * count + i], for 'values' k. */
void cuda_sum(struct backend *b, size_t values, size_t count,
              const double *part, double *result);
double cuda_squares(struct backend *b, size_t count, const float *x);

/* --- update.cu --------------------------------------------------------------- */

void cuda_update(struct backend *b, const struct update *u, size_t count,
                 const uint32_t *id, size_t dimension, float *value,
                 const float *grad, float *m, float *v);

#ifdef __cplusplus
}
#endif

#endif
