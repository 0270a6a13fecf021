/* See linear.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/model/linear.h"

#include <stdio.h>

int linear_add(struct layout *dense, const char *name, size_t out, size_t in,
               double gain, size_t *offset, struct error *err)
{
    struct parameter p = { .rank = 2,
                           .shape = { out, in },
                           .fan_in = in,
                           .fan_out = out,
                           .gain = gain,
                           .decay = true };

    snprintf(p.name, sizeof p.name, "%s", name);
    return layout_add(dense, &p, offset, err);
}

static size_t stride(const struct pass *p, size_t columns)
{
    return p->backend->ops->stride(p->backend, columns);
}

void linear_forward(const struct pass *p, size_t rows, size_t in, size_t out,
                    const float *x, const float *w, float beta, float *y)
{
    p->backend->ops->gemm(p->backend, false, true, rows, out, in, x,
                          stride(p, in), w, in, beta, y, stride(p, out));
}

void linear_backward_weights(const struct pass *p, size_t rows, size_t in,
                             size_t out, const float *x, const float *dy,
                             float beta, float *dw)
{
    p->backend->ops->gemm(p->backend, true, false, out, in, rows, dy,
                          stride(p, out), x, stride(p, in), beta, dw, in);
}

void linear_backward_data(const struct pass *p, size_t rows, size_t in,
                          size_t out, const float *dy, const float *w,
                          float beta, float *dx)
{
    p->backend->ops->gemm(p->backend, false, false, rows, in, out, dy,
                          stride(p, out), w, in, beta, dx, stride(p, in));
}
