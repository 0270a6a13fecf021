/* linear: a matrix of weights between two matrices of rows.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_MODEL_LINEAR_H
#define TRAINER_MODEL_LINEAR_H

#include "trainer/model/layout.h"
#include "trainer/model/pass.h"

/* Add the weights "<name>" [out][in] to 'dense', to start by the initial
 * scheme with 'gain' (see struct parameter). Returns 0, or -1 with 'err'. */
int linear_add(struct layout *dense, const char *name, size_t out, size_t in,
               double gain, size_t *offset, struct error *err);

/* y = x W' + beta y, for 'rows' rows at the strides of 'in' and 'out'. */
void linear_forward(const struct pass *p, size_t rows, size_t in, size_t out,
                    const float *x, const float *w, float beta, float *y);

/* dw = dy' x + beta_w dw. */
void linear_backward_weights(const struct pass *p, size_t rows, size_t in,
                             size_t out, const float *x, const float *dy,
                             float beta, float *dw);

/* dx = dy W + beta dx. */
void linear_backward_data(const struct pass *p, size_t rows, size_t in,
                          size_t out, const float *dy, const float *w,
                          float beta, float *dx);

#endif
