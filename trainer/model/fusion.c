/* See fusion.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/model/fusion.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "trainer/model/linear.h"

/* Without a ReLU behind it a weight starts smaller by this. */
static const double no_relu = 0.70710678118654752;

static int layer_init(struct fusion_layer *l, struct backend *b, size_t number,
                      size_t rows, bool batch_norm, struct layout *dense,
                      struct layout *running, struct error *err)
{
    struct shape shape = { rows, l->out, 1, 1 };
    size_t bytes = b->ops->floats(b, &shape) * sizeof(float);
    char name[64];

    snprintf(name, sizeof name, "fusion.%zu.linear.weight", number);
    if (linear_add(dense, name, l->out, l->in, 1, &l->weight, err) < 0)
        return -1;
    snprintf(name, sizeof name, "fusion.%zu.norm", number);
    if (norm_init(&l->norm, b, name, &shape, batch_norm, true, dense, running,
                  err) < 0)
        return -1;
    if (batch_norm)
        l->x = b->ops->allocate(b, bytes);
    l->y = b->ops->allocate(b, bytes);
    return l->y && (l->x || !batch_norm) ? 0 : error_memory(err);
}

static int last_init(struct fusion *f, struct backend *b, size_t rows,
                     size_t widest, struct layout *dense, struct error *err)
{
    struct shape last = { rows, f->outputs, 1, 1 },
                 wide = { rows, widest, 1, 1 };
    struct parameter bias = { .name = "fusion.out.bias",
                              .rank = 1,
                              .shape = { f->outputs } };
    size_t bytes = b->ops->floats(b, &wide) * sizeof(float);

    if (linear_add(dense, "fusion.out.weight", f->outputs, f->in, no_relu,
                   &f->weight, err) < 0 ||
        layout_add(dense, &bias, &f->bias, err) < 0)
        return -1;
    f->logit = b->ops->allocate(b, b->ops->floats(b, &last) * sizeof(float));
    f->gradient[0] = b->ops->allocate(b, bytes);
    f->gradient[1] = b->ops->allocate(b, bytes);
    return f->logit && f->gradient[0] && f->gradient[1] ? 0 : error_memory(err);
}

int fusion_init(struct fusion *f, struct backend *b,
                const struct fusion_options *o, size_t rows, size_t features,
                size_t outputs, struct layout *dense, struct layout *running,
                struct error *err)
{
    size_t depth = (size_t)o->depth, width = (size_t)o->width, i;
    size_t widest = width > features ? width : features;
    widest = outputs > widest ? outputs : widest;

    *f = (struct fusion){ .in = features,
                          .outputs = outputs,
                          .dropout = o->dropout };
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

static void drop(const struct fusion *f, const struct pass *p, size_t i,
                 float *x)
{
    struct backend *b = p->backend;
    size_t width = f->layer[i].out;

    if (p->training && f->dropout > 0)
        b->ops->dropout(b, p->rows, width, b->ops->stride(b, width),
                        p->first_row, f->dropout, random_mix(p->key + i), x);
}

/* A layer's y: with its bias and ReLU in one go where it has no batch norm. */
static void enter(struct fusion_layer *l, const struct pass *p, const float *x)
{
    if (!l->norm.on) {
        backend_dense_forward(p->backend, p->rows, l->in, l->out, x,
                              p->dense + l->weight, p->dense + l->norm.beta,
                              l->norm.relu, l->y);
        return;
    }
    linear_forward(p, p->rows, l->in, l->out, x, p->dense + l->weight, 0, l->x);
    norm_forward(&l->norm, p, l->x, l->y);
}

/* From the gradient of a layer's y, which becomes that of its products, to those
 * of its parameters. */
static void leave(struct fusion_layer *l, const struct pass *p, const float *x,
                  float *dy)
{
    struct shape s = { p->rows, l->out, 1, 1 };

    if (!l->norm.on) {
        if (l->norm.relu)
            p->backend->ops->relu_backward(p->backend, &s, l->y, dy);
        backend_dense_backward(p->backend, p->rows, l->in, l->out, x, dy,
                               p->grad + l->weight, p->grad + l->norm.beta);
        return;
    }
    norm_backward(&l->norm, p, l->x, l->y, dy, dy);
    linear_backward_weights(p, p->rows, l->in, l->out, x, dy, 0,
                            p->grad + l->weight);
}

void fusion_forward(struct fusion *f, const struct pass *p,
                    const float *features)
{
    const float *x = features;
    size_t i;

    for (i = 0; i < f->count; i++) {
        struct fusion_layer *l = &f->layer[i];

        enter(l, p, x);
        drop(f, p, i, l->y);
        x = l->y;
    }
    backend_dense_forward(p->backend, p->rows, f->in, f->outputs, x,
                          p->dense + f->weight, p->dense + f->bias, false,
                          f->logit);
}

void fusion_backward(struct fusion *f, const struct pass *p,
                     const float *features, float *dlogit, float *dfeatures)
{
    const float *x = f->count > 0 ? f->layer[f->count - 1].y : features;
    float *now = f->gradient[0], *next = f->gradient[1], *swap;
    size_t i;

    backend_dense_backward(p->backend, p->rows, f->in, f->outputs, x, dlogit,
                           p->grad + f->weight, p->grad + f->bias);
    linear_backward_data(p, p->rows, f->in, f->outputs, dlogit,
                         p->dense + f->weight, 0,
                         f->count > 0 ? now : dfeatures);
    for (i = f->count; i-- > 0;) {
        struct fusion_layer *l = &f->layer[i];

        x = i > 0 ? f->layer[i - 1].y : features;
        drop(f, p, i, now);
        leave(l, p, x, now);
        linear_backward_data(p, p->rows, l->in, l->out, now,
                             p->dense + l->weight, 0, i > 0 ? next : dfeatures);
        swap = now, now = next, next = swap;
    }
}
