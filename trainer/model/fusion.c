/* See fusion.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/model/fusion.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

static int add_weight(struct layout *dense, const char *name, size_t out,
                      size_t in, double deviation, size_t *offset,
                      struct error *err)
{
    struct parameter p = {
        .rank = 2, .shape = { out, in }, .deviation = deviation, .decay = true
    };

    snprintf(p.name, sizeof p.name, "%s.weight", name);
    return layout_add(dense, &p, offset, err);
}

static int layer_init(struct fusion_layer *l, struct backend *b, size_t number,
                      size_t rows, bool batch_norm, struct layout *dense,
                      struct layout *running, struct error *err)
{
    struct shape shape = { rows, l->out, 1, 1 };
    size_t bytes = b->ops->floats(b, &shape) * sizeof(float);
    char name[64];

    snprintf(name, sizeof name, "fusion.%zu.linear", number);
    if (add_weight(dense, name, l->out, l->in, sqrt(2.0 / (double)l->in),
                   &l->weight, err) < 0)
        return -1;
    snprintf(name, sizeof name, "fusion.%zu.norm", number);
    if (norm_init(&l->norm, b, name, &shape, batch_norm, dense, running, err) <
        0)
        return -1;
    l->x = b->ops->allocate(b, bytes);
    l->y = b->ops->allocate(b, bytes);
    return l->x && l->y ? 0 : error_memory(err);
}

static int last_init(struct fusion *f, struct backend *b, size_t rows,
                     size_t widest, struct layout *dense, struct error *err)
{
    struct shape one = { rows, 1, 1, 1 }, wide = { rows, widest, 1, 1 };
    struct parameter bias = { .name = "fusion.out.bias",
                              .rank = 1,
                              .shape = { 1 } };
    size_t bytes = b->ops->floats(b, &wide) * sizeof(float);

    if (add_weight(dense, "fusion.out", 1, f->in, sqrt(1.0 / (double)f->in),
                   &f->weight, err) < 0 ||
        layout_add(dense, &bias, &f->bias, err) < 0)
        return -1;
    f->logit = b->ops->allocate(b, b->ops->floats(b, &one) * sizeof(float));
    f->gradient[0] = b->ops->allocate(b, bytes);
    f->gradient[1] = b->ops->allocate(b, bytes);
    return f->logit && f->gradient[0] && f->gradient[1] ? 0 : error_memory(err);
}

int fusion_init(struct fusion *f, struct backend *b,
                const struct fusion_options *o, size_t rows, size_t features,
                struct layout *dense, struct layout *running, struct error *err)
{
    size_t depth = (size_t)o->depth, width = (size_t)o->width, i;
    size_t widest = width > features ? width : features;

    *f = (struct fusion){ .in = features, .dropout = o->dropout };
    f->layer = calloc(depth + 1, sizeof *f->layer);
    if (!f->layer)
        return error_memory(err);
    for (i = 0; i < depth; i++) {
        struct fusion_layer *l = &f->layer[f->count++];

        l->in = f->in;
        l->out = f->in = width;
        if (layer_init(l, b, i, rows, o->batch_norm, dense, running, err) < 0)
            return -1;
    }
    return last_init(f, b, rows, widest, dense, err);
}

void fusion_clear(struct fusion *f, struct backend *b)
{
    size_t i;

    for (i = 0; i < f->count; i++) {
        norm_clear(&f->layer[i].norm, b);
        b->ops->release(b, f->layer[i].x);
        b->ops->release(b, f->layer[i].y);
    }
    free(f->layer);
    b->ops->release(b, f->logit);
    b->ops->release(b, f->gradient[0]);
    b->ops->release(b, f->gradient[1]);
    *f = (struct fusion){ 0 };
}

/* y = x W' */
static void linear_forward(const struct pass *p, size_t in, size_t out,
                           const float *x, const float *w, float *y)
{
    struct backend *b = p->backend;

    b->ops->gemm(b, false, true, p->rows, out, in, x, b->ops->stride(b, in), w,
                 in, 0, y, b->ops->stride(b, out));
}

/* dw = dy' x, dx = dy W */
static void linear_backward(const struct pass *p, size_t in, size_t out,
                            const float *x, const float *w, const float *dy,
                            float *dw, float *dx)
{
    struct backend *b = p->backend;
    size_t wide = b->ops->stride(b, in), narrow = b->ops->stride(b, out);

    b->ops->gemm(b, true, false, out, in, p->rows, dy, narrow, x, wide, 0, dw,
                 in);
    b->ops->gemm(b, false, false, p->rows, in, out, dy, narrow, w, in, 0, dx,
                 wide);
}

static void drop(const struct fusion *f, const struct pass *p, size_t i,
                 float *x)
{
    struct backend *b = p->backend;
    size_t width = f->layer[i].out;

    if (p->training && f->dropout > 0)
        b->ops->dropout(b, p->rows, width, b->ops->stride(b, width),
                        p->first_row, f->dropout, random_mix(p->key + i), x);
}

void fusion_forward(struct fusion *f, const struct pass *p,
                    const float *features)
{
    struct shape one = { p->rows, 1, 1, 1 };
    const float *x = features;
    size_t i;

    for (i = 0; i < f->count; i++) {
        struct fusion_layer *l = &f->layer[i];

        linear_forward(p, l->in, l->out, x, p->dense + l->weight, l->x);
        norm_forward(&l->norm, p, l->x, l->y);
        drop(f, p, i, l->y);
        x = l->y;
    }
    linear_forward(p, f->in, 1, x, p->dense + f->weight, f->logit);
    p->backend->ops->bias_forward(p->backend, &one, f->logit,
                                  p->dense + f->bias, false, f->logit);
}

void fusion_backward(struct fusion *f, const struct pass *p,
                     const float *features, const float *dlogit,
                     float *dfeatures)
{
    struct shape one = { p->rows, 1, 1, 1 };
    const float *x = f->count > 0 ? f->layer[f->count - 1].y : features;
    float *now = f->gradient[0], *next = f->gradient[1], *swap;
    size_t i;

    p->backend->ops->bias_backward(p->backend, &one, f->logit, dlogit, false,
                                   p->grad + f->bias, next);
    linear_backward(p, f->in, 1, x, p->dense + f->weight, dlogit,
                    p->grad + f->weight, f->count > 0 ? now : dfeatures);
    for (i = f->count; i-- > 0;) {
        struct fusion_layer *l = &f->layer[i];

        x = i > 0 ? f->layer[i - 1].y : features;
        drop(f, p, i, now);
        norm_backward(&l->norm, p, l->x, l->y, now, now);
        linear_backward(p, l->in, l->out, x, p->dense + l->weight, now,
                        p->grad + l->weight, i > 0 ? next : dfeatures);
        swap = now, now = next, next = swap;
    }
}
