/* See image.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/model/image.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trainer/batch/inputs.h"

enum { GRADIENTS = 3 };

static struct shape halved(struct shape s)
{
    s.height /= 2;
    s.width /= 2;
    return s;
}

static int layer_memory(struct image_layer *l, struct backend *b,
                        struct error *err)
{
    struct shape half = halved(l->out);
    size_t bytes = b->ops->floats(b, &l->out) * sizeof(float);
    size_t fewer = b->ops->floats(b, &half);

    l->x = b->ops->allocate(b, bytes);
    l->y = b->ops->allocate(b, bytes);
    if (!l->x || !l->y)
        return error_memory(err);
    if (!l->pooled)
        return 0;
    l->smaller = b->ops->allocate(b, fewer * sizeof(float));
    l->where = b->ops->allocate(b, fewer);
    return l->smaller && l->where ? 0 : error_memory(err);
}

static int layer_init(struct image_layer *l, struct backend *b, size_t number,
                      bool batch_norm, struct layout *dense,
                      struct layout *running, struct error *err)
{
    struct conv_shape s = { l->in.channels, l->out.channels, l->in.height,
                            l->in.width, number == 0 };
    struct parameter weight = {
        .rank = 4,
        .shape = { s.out, s.in, 3, 3 },
        .fan_in = 9 * s.in,
        .fan_out = 9 * s.out,
        .gain = 1,
        .decay = true,
    };
    char name[64];

    snprintf(name, sizeof name, "image.%zu.norm", number);
    snprintf(weight.name, sizeof weight.name, "image.%zu.conv.weight", number);
    if (layout_add(dense, &weight, &l->weight, err) < 0 ||
        norm_init(&l->norm, b, name, &l->out, batch_norm, !l->closes, dense,
                  running, err) < 0)
        return -1;
    l->conv = b->ops->conv_create(b, &s, err);
    if (!l->conv)
        return -1;
    return layer_memory(l, b, err);
}

/* Room for the largest gradient, twice, and for the input. */
static int tower_memory(struct image_tower *t, struct backend *b,
                        const struct shape *input, struct error *err)
{
    size_t pixels =
        input->rows * input->channels * input->height * input->width;
    size_t most = 0, i, floats;

    for (i = 0; i < t->count; i++) {
        floats = b->ops->floats(b, &t->layer[i].out);
        most = floats > most ? floats : most;
        if (i > 0)
            floats = b->ops->floats(b, &t->layer[i].in);
        most = floats > most ? floats : most;
    }
    t->pixels = b->ops->allocate(b, pixels * sizeof(float));
    t->bytes = b->ops->allocate(b, pixels);
    for (i = 0; i < GRADIENTS; i++)
        t->gradient[i] = b->ops->allocate(b, most * sizeof(float));
    return t->pixels && t->bytes && t->gradient[0] && t->gradient[1] &&
                   t->gradient[2]
               ? 0
               : error_memory(err);
}

int image_init(struct image_tower *t, struct backend *b,
               const struct image_options *o, size_t rows, size_t height,
               size_t width, struct layout *dense, struct layout *running,
               struct error *err)
{
    size_t stages = (size_t)o->stages, stem = o->residual ? 1 : 0, i;
    size_t each = (size_t)o->blocks * (o->residual ? 2 : 1);
    size_t count = stem + stages * each;
    struct shape input = { rows, IMAGE_CHANNELS, height, width }, at = input;

    *t = (struct image_tower){ 0 };
    if (height >> (stages - 1) == 0 || width >> (stages - 1) == 0)
        return error_usage(err,
                           "images of %zux%zu are too small for %zu stages",
                           height, width, stages);
    t->layer = calloc(count, sizeof *t->layer);
    if (!t->layer)
        return error_memory(err);
    for (i = 0; i < count; i++) {
        size_t place = i < stem ? 0 : i - stem; /* among those of stages */
        struct image_layer *l = &t->layer[t->count++];

        l->in = at;
        at.channels = (size_t)o->width << (place / each);
        l->out = at;
        l->closes = o->residual && i >= stem && place % 2 == 1;
        l->pooled = i >= stem && (place + 1) % each == 0 && i + 1 < count;
        if (layer_init(l, b, i, o->batch_norm, dense, running, err) < 0)
            return -1;
        if (l->pooled)
            at = halved(at);
    }
    t->features = at.channels;
    return tower_memory(t, b, &input, err);
}

void image_clear(struct image_tower *t, struct backend *b)
{
    size_t i;

    for (i = 0; i < t->count; i++) {
        struct image_layer *l = &t->layer[i];

        b->ops->conv_destroy(l->conv);
        norm_clear(&l->norm, b);
        b->ops->release(b, l->x);
        b->ops->release(b, l->y);
        b->ops->release(b, l->smaller);
        b->ops->release(b, l->where);
    }
    free(t->layer);
    b->ops->release(b, t->pixels);
    b->ops->release(b, t->bytes);
    for (i = 0; i < GRADIENTS; i++)
        b->ops->release(b, t->gradient[i]);
    *t = (struct image_tower){ 0 };
}

static struct shape present(struct shape s, const struct pass *p)
{
    s.rows = p->rows;
    return s;
}

/* What layer 'i' looked at. */
static const float *input_of(const struct image_tower *t, size_t i)
{
    const struct image_layer *before = i > 0 ? &t->layer[i - 1] : NULL;

    if (!before)
        return t->pixels;
    return before->pooled ? before->smaller : before->y;
}

void image_forward(struct image_tower *t, const struct pass *p,
                   const uint8_t *pixels, float *out, size_t stride)
{
    const struct backend_ops *ops = p->backend->ops;
    const struct shape *in = &t->layer[0].in;
    size_t count = p->rows * in->channels * in->height * in->width, i;
    struct shape s;

    ops->upload(p->backend, t->bytes, pixels, count);
    ops->load_image(p->backend, count, t->bytes, t->pixels);
    for (i = 0; i < t->count; i++) {
        struct image_layer *l = &t->layer[i];

        ops->conv_forward(l->conv, p->rows, input_of(t, i),
                          p->dense + l->weight, l->x);
        norm_forward(&l->norm, p, l->x, l->y);
        comm_progress(p->comm);
        s = present(l->out, p);
        if (l->closes)
            ops->add(p->backend, &s, t->layer[i - 1].in.channels,
                     input_of(t, i - 1), true, l->y);
        if (l->pooled)
            ops->max_forward(p->backend, &s, l->y, l->smaller, l->where);
    }
    ops->mean_forward(p->backend, &s, t->layer[t->count - 1].y, out, stride);
}

/* Three arrays take turns as the gradients of image_tower. */
struct turns {
    float *now, *next, *kept;
};

static void turn(struct turns *g)
{
    float *was = g->now;

    g->now = g->next;
    g->next = was;
}

/* The gradient of what layer 'i' gave, in g->now, to that of what its
 * convolution gave. */
static void leave_layer(struct image_tower *t, const struct pass *p, size_t i,
                        struct turns *g)
{
    const struct backend_ops *ops = p->backend->ops;
    struct image_layer *l = &t->layer[i];
    struct shape s = present(l->out, p);
    float *end;

    if (l->pooled) {
        ops->max_backward(p->backend, &s, g->now, l->where, g->next);
        turn(g);
    }
    if (!l->closes) {
        norm_backward(&l->norm, p, l->x, l->y, g->now, g->now);
        return;
    }
    ops->relu_backward(p->backend, &s, l->y, g->now);
    norm_backward(&l->norm, p, l->x, l->y, g->now, g->next);
    end = g->kept; /* what goes around the block waits there */
    g->kept = g->now;
    g->now = g->next;
    g->next = end;
}

void image_backward(struct image_tower *t, const struct pass *p,
                    const float *dout, size_t stride)
{
    const struct backend_ops *ops = p->backend->ops;
    struct turns g = { t->gradient[0], t->gradient[1], t->gradient[2] };
    struct shape s = present(t->layer[t->count - 1].out, p);
    size_t i;

    ops->mean_backward(p->backend, &s, dout, stride, g.now);
    for (i = t->count; i-- > 0;) {
        struct image_layer *l = &t->layer[i];

        leave_layer(t, p, i, &g);
        ops->conv_backward_weights(l->conv, p->rows, input_of(t, i), g.now,
                                   p->grad + l->weight);
        buckets_ready(p->buckets, l->weight);
        if (i == 0)
            break;
        ops->conv_backward_data(l->conv, p->rows, g.now, p->dense + l->weight,
                                g.next);
        turn(&g);
        s = present(l->in, p);
        if (i + 1 < t->count && t->layer[i + 1].closes)
            ops->add(p->backend, &s, l->out.channels, g.kept, false, g.now);
    }
}
