/* plain: the operations as their definitions say them, one loop after another,
 * sums in doubles.
 *
 * Slow, and needs no library: what other backends are checked against.
 * Planes are stored channels last, [row][height][width][channels]; the stride
 * of a matrix is its columns.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BACKEND_PLAIN_PLAIN_H
#define TRAINER_BACKEND_PLAIN_PLAIN_H

#include "trainer/backend/backend.h"

/* planes.c */
struct conv *plain_conv_create(struct backend *b, const struct conv_shape *s,
                               struct error *err);
void plain_conv_destroy(struct conv *c);
void plain_conv_forward(struct conv *c, size_t rows, const float *x,
                        const float *w, float *y);
void plain_conv_backward_data(struct conv *c, size_t rows, const float *dy,
                              const float *w, float *dx);
void plain_conv_backward_weights(struct conv *c, size_t rows, const float *x,
                                 const float *dy, float *dw);
void plain_load_image(struct backend *b, size_t count, const uint8_t *pixels,
                      float *out);
void plain_max_forward(struct backend *b, const struct shape *s, const float *x,
                       float *y, uint8_t *where);
void plain_max_backward(struct backend *b, const struct shape *s,
                        const float *dy, const uint8_t *where, float *dx);
void plain_mean_forward(struct backend *b, const struct shape *s,
                        const float *x, float *out, size_t stride);
void plain_mean_backward(struct backend *b, const struct shape *s,
                         const float *dout, size_t stride, float *dx);

/* norm.c */
void plain_norm_moments(struct backend *b, const struct shape *s,
                        const float *x, double *sums);
void plain_norm_forward(struct backend *b, const struct shape *s,
                        const float *x, const double *sums, double count,
                        const float *gamma, const float *beta, bool relu,
                        float *running, float *saved, float *y);
void plain_norm_inference(struct backend *b, const struct shape *s,
                          const float *x, const float *gamma, const float *beta,
                          const float *running, bool relu, float *y);
void plain_norm_gradient_sums(struct backend *b, const struct shape *s,
                              const float *x, const float *dy,
                              const float *gamma, const float *beta,
                              const float *saved, bool relu, float *dgamma,
                              float *dbeta, double *sums);
void plain_norm_backward(struct backend *b, const struct shape *s,
                         const float *x, const float *dy, const float *gamma,
                         const float *beta, const float *saved, bool relu,
                         const double *sums, double count, float *dx);
void plain_bias_forward(struct backend *b, const struct shape *s,
                        const float *x, const float *bias, bool relu, float *y);
void plain_bias_backward(struct backend *b, const struct shape *s,
                         const float *y, const float *dy, bool relu,
                         float *dbias, float *dx);
void plain_add(struct backend *b, const struct shape *s, size_t channels,
               const float *x, bool relu, float *y);
void plain_relu_backward(struct backend *b, const struct shape *s,
                         const float *y, float *dy);

/* rows.c */
void plain_gemm(struct backend *b, bool transpose_a, bool transpose_b, size_t m,
                size_t n, size_t k, const float *a_, size_t lda,
                const float *b_, size_t ldb, float beta, float *c, size_t ldc);
void plain_copy(struct backend *b, size_t rows, size_t columns,
                const float *from, size_t from_step, float *to, size_t to_step);
void plain_dropout(struct backend *b, size_t rows, size_t columns,
                   size_t stride, size_t first_row, double rate, uint64_t key,
                   float *x);
void plain_bag(struct backend *b, size_t rows, size_t dimension, size_t count,
               const uint32_t *offset, const uint32_t *id, const float *weight,
               const float *table, size_t table_step, float *out,
               size_t out_step);
void plain_lstm_forward(struct backend *b, size_t rows, size_t units,
                        size_t position, const uint32_t *length, float *gates,
                        size_t gates_step, const float *c0, const float *h0,
                        float *c1, float *h1, size_t state_step);
void plain_lstm_backward(struct backend *b, size_t rows, size_t units,
                         size_t position, const uint32_t *length, float *gates,
                         size_t gates_step, const float *c0, const float *c1,
                         size_t state_step, float *dh, float *dc);
void plain_peak_forward(struct backend *b, size_t rows, size_t positions,
                        size_t window, const uint32_t *length, size_t columns,
                        const float *x, float *out, size_t out_step,
                        uint32_t *where);
void plain_peak_backward(struct backend *b, size_t rows, size_t positions,
                         size_t columns, const uint32_t *where,
                         const float *dout, size_t out_step, float *dx);
void plain_loss(struct backend *b, const struct loss *l, size_t rows,
                const float *logit, const float *label, float scale,
                float *dlogit, double *sum);
double plain_squares(struct backend *b, size_t count, const float *x);
void plain_update(struct backend *b, const struct update *u, size_t count,
                  const uint32_t *id, size_t dimension, float *value,
                  const float *grad, float *m, float *v);

#endif
