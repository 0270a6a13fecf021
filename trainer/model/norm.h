/* norm: a layer of batch norm, or of a bias, and ReLU.
 *
 * Statistics are those of all ranks' rows, so that N ranks with a part each
 * do what one rank does with the whole batch.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_MODEL_NORM_H
#define TRAINER_MODEL_NORM_H

#include "trainer/model/layout.h"
#include "trainer/model/pass.h"

struct norm {
    struct shape shape; /* rows: as many as there may be */
    bool on;            /* else a bias */
    bool relu;
    size_t gamma, beta, running; /* places; beta is also the bias */
    float *saved;
    double *sums;
};

/* Add the parameters "<name>.weight" and "<name>.bias" to 'dense' and
 * "<name>.running" to 'running', and make room. Returns 0, or -1 with 'err'
 * (norm_clear() in any case). */
int norm_init(struct norm *n, struct backend *b, const char *name,
              const struct shape *shape, bool on, bool relu,
              struct layout *dense, struct layout *running, struct error *err);
void norm_clear(struct norm *n, struct backend *b);

/* y = norm(x), and ReLU where asked for */
void norm_forward(struct norm *n, const struct pass *p, const float *x,
                  float *y);

/* The gradient of the parameters into p->grad, that of x into 'dx', which may
 * be 'dy'. 'x' and 'y' as in the forward pass. */
void norm_backward(struct norm *n, const struct pass *p, const float *x,
                   const float *y, const float *dy, float *dx);

#endif
