/* See backend.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/backend.h"

#include <math.h>

#include <string.h>

const char *const precision_names[] = { "fp32", "tf32", "bf16", NULL };
const char *const backend_names[] = { "cpu", "cuda", "plain", NULL };

bool backend_has(const char *name, enum precision p)
{
    return p == PRECISION_FP32 || strcmp(name, "cuda") == 0 ||
           (p == PRECISION_BF16 && strcmp(name, "cpu") == 0);
}

void backend_destroy(struct backend *b)
{
    if (b)
        b->ops->destroy(b);
}

void backend_begin_step(struct backend *b)
{
    if (b->ops->begin_step)
        b->ops->begin_step(b);
}

void backend_end_step(struct backend *b)
{
    if (b->ops->end_step)
        b->ops->end_step(b);
}

void backend_dense_forward(struct backend *b, size_t rows, size_t in,
                           size_t out, const float *x, const float *w,
                           const float *bias, bool relu, float *y)
{
    const struct backend_ops *ops = b->ops;
    struct shape s = { rows, out, 1, 1 };

    if (ops->dense_forward &&
        ops->dense_forward(b, rows, in, out, x, w, bias, relu, y))
        return;
    ops->gemm(b, false, true, rows, out, in, x, ops->stride(b, in), w, in, 0, y,
              ops->stride(b, out));
    ops->bias_forward(b, &s, y, bias, relu, y);
}

void backend_dense_backward(struct backend *b, size_t rows, size_t in,
                            size_t out, const float *x, float *dy, float *dw,
                            float *dbias)
{
    const struct backend_ops *ops = b->ops;
    struct shape s = { rows, out, 1, 1 };

    if (ops->dense_backward &&
        ops->dense_backward(b, rows, in, out, x, dy, dw, dbias))
        return;
    ops->bias_backward(b, &s, dy, dy, false, dbias, dy);
    ops->gemm(b, true, false, out, in, rows, dy, ops->stride(b, out), x,
              ops->stride(b, in), 0, dw, in);
}

float update_scale(const struct update *u)
{
    double norm = u->clip > 0 ? sqrt(*u->squares) : 0;

    return norm > (double)u->clip ? (float)((double)u->clip / norm) : 1;
}

struct update update_for(const struct update *u, const struct span *s)
{
    struct update mine = *u;

    if (s->decay)
        return mine;
    mine.decay = mine.shrink = 0;
    mine.trust = false;
    return mine;
}

int backend_check(const struct backend *b, struct error *err)
{
    if (b->failure.kind == ERROR_NONE)
        return 0;
    if (err)
        *err = b->failure;
    return -1;
}
