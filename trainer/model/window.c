/* See window.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/model/window.h"

#include <stdio.h>
#include <stdlib.h>

#include "trainer/model/linear.h"

static int add_parameters(struct windows *w, const char *name,
                          struct layout *dense, struct error *err)
{
    struct parameter bias = { .rank = 1, .shape = { w->count * w->width } };
    size_t i, size;

    for (i = 0; i < w->count; i++) {
        struct parameter p = { .rank = 3, .gain = 1, .decay = true };

        size = w->shortest + i;
        p.shape[0] = size;
        p.shape[1] = w->width;
        p.shape[2] = w->in;
        p.fan_in = size * w->in;
        p.fan_out = size * w->width;
        snprintf(p.name, sizeof p.name, "%s.%zu.weight", name, size);
        if (layout_add(dense, &p, &w->weight[i], err) < 0)
            return -1;
    }
    snprintf(bias.name, sizeof bias.name, "%s.bias", name);
    return layout_add(dense, &bias, &w->bias, err);
}

int windows_init(struct windows *w, struct backend *b, const char *name,
                 const struct sequences *s, size_t rows, size_t width,
                 size_t shortest, size_t longest, struct layout *dense,
                 struct error *err)
{
    size_t lines, all;

    *w = (struct windows){ .in = s->channels,
                           .width = width,
                           .shortest = shortest,
                           .count = longest - shortest + 1,
                           .rows = rows };
    lines = rows * s->most_positions * b->ops->stride(b, width);
    all = rows * b->ops->stride(b, w->count * width);
    w->weight = calloc(w->count, sizeof *w->weight);
    if (!w->weight)
        return error_memory(err);
    if (add_parameters(w, name, dense, err) < 0)
        return -1;
    w->y = b->ops->allocate(b, lines * sizeof *w->y);
    w->dy = b->ops->allocate(b, lines * sizeof *w->dy);
    w->peak = b->ops->allocate(b, all * sizeof *w->peak);
    w->dpeak = b->ops->allocate(b, all * sizeof *w->dpeak);
    w->where = b->ops->allocate(b, w->count * rows * width * sizeof *w->where);
    return w->y && w->dy && w->peak && w->dpeak && w->where ? 0
                                                            : error_memory(err);
}

void windows_clear(struct windows *w, struct backend *b)
{
    free(w->weight);
    b->ops->release(b, w->y);
    b->ops->release(b, w->dy);
    b->ops->release(b, w->peak);
    b->ops->release(b, w->dpeak);
    b->ops->release(b, w->where);
    *w = (struct windows){ 0 };
}

/* The part of a window's weights that sees its k-th position, as a place. */
static size_t slice_of(const struct windows *w, size_t i, size_t k)
{
    return w->weight[i] + k * w->width * w->in;
}

/* Answers that reach into the next row are of no window, and the last ones of
 * all are not even whole: none of them is looked at. */
static void answer(struct windows *w, const struct pass *p,
                   const struct sequences *s, size_t i)
{
    size_t lines = p->rows * s->positions, k;
    size_t step = p->backend->ops->stride(p->backend, w->in);

    for (k = 0; k < w->shortest + i && k < lines; k++)
        linear_forward(p, lines - k, w->in, w->width, s->x + k * step,
                       p->dense + slice_of(w, i, k), k > 0, w->y);
}

static struct shape peaks(const struct windows *w, const struct pass *p)
{
    return (struct shape){ p->rows, w->count * w->width, 1, 1 };
}

void windows_forward(struct windows *w, const struct pass *p,
                     const struct sequences *s, float *out, size_t step)
{
    const struct backend_ops *ops = p->backend->ops;
    size_t all = w->count * w->width, wide = ops->stride(p->backend, all), i;
    struct shape shape = peaks(w, p);

    for (i = 0; i < w->count; i++) {
        answer(w, p, s, i);
        ops->peak_forward(p->backend, p->rows, s->positions, w->shortest + i,
                          s->length, w->width, w->y, w->peak + i * w->width,
                          wide, w->where + i * w->rows * w->width);
    }
    ops->bias_forward(p->backend, &shape, w->peak, p->dense + w->bias, true,
                      w->peak);
    ops->copy(p->backend, p->rows, all, w->peak, wide, out, step);
}

void windows_backward(struct windows *w, const struct pass *p,
                      const struct sequences *s, const float *dout, size_t step)
{
    const struct backend_ops *ops = p->backend->ops;
    size_t all = w->count * w->width, wide = ops->stride(p->backend, all);
    size_t lines = p->rows * s->positions, i, k;
    size_t narrow = ops->stride(p->backend, w->in);
    struct shape shape = peaks(w, p);

    ops->copy(p->backend, p->rows, all, dout, step, w->dpeak, wide);
    ops->bias_backward(p->backend, &shape, w->peak, w->dpeak, true,
                       p->grad + w->bias, w->dpeak);
    ops->zero(p->backend, s->dx, lines * narrow * sizeof *s->dx);
    for (i = 0; i < w->count; i++) {
        ops->peak_backward(p->backend, p->rows, s->positions, w->width,
                           w->where + i * w->rows * w->width,
                           w->dpeak + i * w->width, wide, w->dy);
        for (k = 0; k < w->shortest + i && k < lines; k++) {
            linear_backward_weights(p, lines - k, w->in, w->width,
                                    s->x + k * narrow, w->dy, 0,
                                    p->grad + slice_of(w, i, k));
            linear_backward_data(p, lines - k, w->in, w->width, w->dy,
                                 p->dense + slice_of(w, i, k), 1,
                                 s->dx + k * narrow);
        }
    }
}
