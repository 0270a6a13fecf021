/* cpu: the operations of the CPU backend, file by file.
 *
 * An activation is stored in blocks of 16 channels, the widest vector of this
 * family of machines: [row][channel / 16][height][width][16], oneDNN's
 * nChw16c. The last block is filled up with zeros. Own loops keep one
 * accumulator a lane, so their results do not depend on the vector width.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BACKEND_CPU_CPU_H
#define TRAINER_BACKEND_CPU_CPU_H

#include "trainer/backend/backend.h"

enum { CPU_BLOCK = 16, CPU_ALIGNMENT = 64 };

struct cpu {
    struct backend base;
    enum precision precision; /* fp32 or bf16 */
};

/* Compile a loop for the vector units there may be; the best is chosen when
 * the program starts. Left out under sanitizers, which run too late for it. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define CPU_VECTOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CPU_VECTOR
#endif

/* A block in registers, for loops that compilers would not vectorise by
 * themselves: of each lane 'a' where the mask is set, else 'b'. */
typedef float cpu_vector
    __attribute__((vector_size(CPU_BLOCK * 4), may_alias, aligned(4)));
typedef int32_t cpu_mask
    __attribute__((vector_size(CPU_BLOCK * 4), may_alias, aligned(4)));
typedef uint8_t cpu_bytes
    __attribute__((vector_size(CPU_BLOCK), may_alias, aligned(1)));
#define CPU_SELECT(mask, a, b) \
    ((cpu_vector)(((cpu_mask)(a) & (mask)) | ((cpu_mask)(b) & ~(mask))))

static inline size_t cpu_blocks(size_t channels)
{
    return (channels + CPU_BLOCK - 1) / CPU_BLOCK;
}

/* dnnl.c: the door to oneDNN */
struct conv *cpu_conv_create(struct backend *b, const struct conv_shape *s,
                             struct error *err);
void cpu_conv_destroy(struct conv *c);
void cpu_conv_forward(struct conv *c, size_t rows, const float *x,
                      const float *w, float *y);
void cpu_conv_backward_data(struct conv *c, size_t rows, const float *dy,
                            const float *w, float *dx);
void cpu_conv_backward_weights(struct conv *c, size_t rows, const float *x,
                               const float *dy, float *dw);
void cpu_conv_threads(int threads);

/* blas.c: the door to OpenBLAS */
void cpu_gemm(struct backend *b, bool transpose_a, bool transpose_b, size_t m,
              size_t n, size_t k, const float *a_, size_t lda, const float *b_,
              size_t ldb, float beta, float *c, size_t ldc);
void cpu_gemm_threads(int threads);

/* norm.c */
void cpu_norm_moments(struct backend *b, const struct shape *s, const float *x,
                      double *sums);
void cpu_norm_forward(struct backend *b, const struct shape *s, const float *x,
                      const double *sums, double count, const float *gamma,
                      const float *beta, bool relu, float *running,
                      float *saved, float *y);
void cpu_norm_inference(struct backend *b, const struct shape *s,
                        const float *x, const float *gamma, const float *beta,
                        const float *running, bool relu, float *y);
void cpu_norm_gradient_sums(struct backend *b, const struct shape *s,
                            const float *x, const float *dy, const float *gamma,
                            const float *beta, const float *saved, bool relu,
                            float *dgamma, float *dbeta, double *sums);
void cpu_norm_backward(struct backend *b, const struct shape *s, const float *x,
                       const float *dy, const float *gamma, const float *beta,
                       const float *saved, bool relu, const double *sums,
                       double count, float *dx);
void cpu_bias_forward(struct backend *b, const struct shape *s, const float *x,
                      const float *bias, bool relu, float *y);
void cpu_bias_backward(struct backend *b, const struct shape *s, const float *y,
                       const float *dy, bool relu, float *dbias, float *dx);

void cpu_add(struct backend *b, const struct shape *s, size_t channels,
             const float *x, bool relu, float *y);
void cpu_relu_backward(struct backend *b, const struct shape *s, const float *y,
                       float *dy);

/* image.c */
void cpu_load_image(struct backend *b, size_t count, const uint8_t *pixels,
                    float *out);
void cpu_max_forward(struct backend *b, const struct shape *s, const float *x,
                     float *y, uint8_t *where);
void cpu_max_backward(struct backend *b, const struct shape *s, const float *dy,
                      const uint8_t *where, float *dx);
void cpu_mean_forward(struct backend *b, const struct shape *s, const float *x,
                      float *out, size_t stride);
void cpu_mean_backward(struct backend *b, const struct shape *s,
                       const float *dout, size_t stride, float *dx);

/* rows.c */
void cpu_dropout(struct backend *b, size_t rows, size_t columns, size_t stride,
                 size_t first_row, double rate, uint64_t key, float *x);
void cpu_bag(struct backend *b, size_t rows, size_t dimension, size_t count,
             const uint32_t *offset, const uint32_t *id, const float *weight,
             const float *table, size_t table_step, float *out,
             size_t out_step);
void cpu_copy_rows(struct backend *b, size_t rows, size_t columns,
                   const float *from, size_t from_step, float *to,
                   size_t to_step);

/* time.c */
void cpu_lstm_forward(struct backend *b, size_t rows, size_t units,
                      size_t position, const uint32_t *length, float *gates,
                      size_t gates_step, const float *c0, const float *h0,
                      float *c1, float *h1, size_t state_step);
void cpu_lstm_backward(struct backend *b, size_t rows, size_t units,
                       size_t position, const uint32_t *length, float *gates,
                       size_t gates_step, const float *c0, const float *c1,
                       size_t state_step, float *dh, float *dc);
void cpu_peak_forward(struct backend *b, size_t rows, size_t positions,
                      size_t window, const uint32_t *length, size_t columns,
                      const float *x, float *out, size_t out_step,
                      uint32_t *where);
void cpu_peak_backward(struct backend *b, size_t rows, size_t positions,
                       size_t columns, const uint32_t *where, const float *dout,
                       size_t out_step, float *dx);

/* loss.c */
void cpu_loss(struct backend *b, const struct loss *l, size_t rows,
              const float *logit, const float *label, float scale,
              float *dlogit, double *sum);

/* update.c */
double cpu_squares(struct backend *b, size_t count, const float *x);
void cpu_update(struct backend *b, const struct update *u, size_t count,
                const uint32_t *id, size_t dimension, float *value,
                const float *grad, float *m, float *v);

#endif
