/* conv: 3x3 convolutions over cuDNN's plans.
 *
 * Weights are brought into the order and width of the planes at each call, and
 * so is the plain input of a first layer; both cost little beside the
 * convolution. Plans are made when a number of rows first comes.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "trainer/backend/cuda/cuda.h"
#include "trainer/backend/cuda/dnn.h"

enum { SETS = 4, TAPS = 9 }; /* numbers of rows kept ready; places of 3x3 */

struct set {
    size_t rows; /* 0: free */
    struct dnn_plan *plan[DNN_PASSES];
};

struct conv {
    struct backend *backend;
    struct conv_shape shape;
    bool half;
    struct set sets[SETS];
    size_t next; /* the set to be replaced */
};

struct conv *cuda_conv_create(struct backend *b, const struct conv_shape *s,
                              struct error *err)
{
    struct shape planes = { 1, s->out, s->height, s->width };
    struct conv *c;

    if (cuda_of(b)->precision == PRECISION_BF16 && !cuda_is_half(b, &planes)) {
        error_usage(err, "with precision bf16 an image must not shrink to one "
                         "place before the last stage");
        error_hint(err, "take fewer model.image.stages, or precision: tf32");
        return NULL;
    }
    c = calloc(1, sizeof *c);
    if (!c) {
        error_memory(err);
        return NULL;
    }
    c->backend = b;
    c->shape = *s;
    c->half = cuda_is_half(b, &planes);
    return c;
}

static void set_clear(struct set *s)
{
    size_t i;

    for (i = 0; i < DNN_PASSES; i++)
        dnn_plan_destroy(s->plan[i]);
    memset(s, 0, sizeof *s);
}

void cuda_conv_destroy(struct conv *c)
{
    size_t i;

    if (!c)
        return;
    queue_forget(&cuda_of(c->backend)->queue, &c->backend->failure);
    for (i = 0; i < SETS; i++)
        set_clear(&c->sets[i]);
    free(c);
}

static struct set *set_of(struct conv *c, size_t rows)
{
    struct set *s;
    size_t i;

    for (i = 0; i < SETS; i++)
        if (c->sets[i].rows == rows)
            return &c->sets[i];
    s = &c->sets[c->next];
    c->next = (c->next + 1) % SETS;
    if (s->rows > 0) /* its plans may be in use, and in graphs */
        queue_forget(&cuda_of(c->backend)->queue, &c->backend->failure);
    set_clear(s);
    s->rows = rows;
    return s;
}

static enum dnn_type type_of(enum precision p)
{
    return p == PRECISION_FP32   ? DNN_FP32
           : p == PRECISION_TF32 ? DNN_TF32
                                 : DNN_BF16;
}

static struct dnn_plan *plan_of(struct conv *c, enum dnn_pass pass, size_t rows)
{
    struct cuda *b = cuda_of(c->backend);
    struct set *s = set_of(c, rows);
    struct dnn_problem p = { .pass = pass,
                             .type = type_of(b->precision),
                             .rows = rows,
                             .in = cuda_channels(c->shape.in),
                             .out = cuda_channels(c->shape.out),
                             .height = c->shape.height,
                             .width = c->shape.width };

    if (!s->plan[pass])
        s->plan[pass] = dnn_plan_create(b->dnn, &p, &b->base.failure);
    return s->plan[pass];
}

/* --- a pass -------------------------------------------------------------------- */

/* Where a pass keeps what it brings into order: one piece of scratch. */
struct room {
    char *weights, *planes, *workspace;
};

static size_t rounded(size_t bytes)
{
    return (bytes + 255) / 256 * 256;
}

static int make_room(struct conv *c, size_t rows, size_t workspace,
                     struct room *r)
{
    const struct conv_shape *s = &c->shape;
    size_t value = c->half ? 2 : 4;
    size_t weights =
        rounded(cuda_channels(s->in) * cuda_channels(s->out) * TAPS * value);
    size_t planes = s->plain_input ? rounded(rows * s->height * s->width *
                                             cuda_channels(s->in) * value)
                                   : 0;

    r->weights = cuda_scratch(c->backend, weights + planes + workspace + 256);
    if (!r->weights)
        return -1;
    r->planes = r->weights + weights;
    r->workspace = r->planes + planes;
    return 0;
}

/* The planes of 'x', in order. */
static void *input_of(struct conv *c, size_t rows, const float *x,
                      const struct room *r)
{
    const struct conv_shape *s = &c->shape;
    struct shape planes = { rows, s->in, s->height, s->width };

    if (!s->plain_input)
        return (void *)(uintptr_t)x; /* cuDNN takes no pointers to const */
    cuda_planes_in(c->backend, &planes, c->half, x, r->planes);
    return r->planes;
}

/* A plan to be run: no gaps, see queue_work(). */
struct convolution {
    struct dnn *dnn;
    const struct dnn_plan *plan;
    void *input, *weights, *output, *workspace;
};

static void convolve(const void *arguments, void *stream, struct error *e)
{
    const struct convolution *c = arguments;

    dnn_plan_run(c->dnn, c->plan, c->input, c->weights, c->output, c->workspace,
                 stream, e);
}

/* Run a pass; 'w' is read, or NULL where weights are written to 'dw'. */
static void run(struct conv *c, enum dnn_pass pass, size_t rows, const float *x,
                const float *w, float *dw, const float *y)
{
    struct cuda *b = cuda_of(c->backend);
    struct convolution it = { .dnn = b->dnn, .plan = plan_of(c, pass, rows) };
    struct room r;

    if (!it.plan || make_room(c, rows, dnn_plan_workspace(it.plan), &r) < 0)
        return;
    it.weights = r.weights;
    it.output = (void *)(uintptr_t)y;
    it.workspace = r.workspace;
    if (w)
        cuda_weights_in(c->backend, c->shape.out, c->shape.in, c->half, w,
                        r.weights);
    it.input = input_of(c, rows, x, &r);
    queue_work(&b->queue, &(struct gpu_work){ convolve, &it, sizeof it },
               &b->base.failure);
    if (dw)
        cuda_weights_out(c->backend, c->shape.out, c->shape.in, c->half,
                         r.weights, dw);
}

void cuda_conv_forward(struct conv *c, size_t rows, const float *x,
                       const float *w, float *y)
{
    run(c, DNN_FORWARD, rows, x, w, NULL, y);
}

void cuda_conv_backward_data(struct conv *c, size_t rows, const float *dy,
                             const float *w, float *dx)
{
    run(c, DNN_BACKWARD_DATA, rows, dx, w, NULL, dy);
}

void cuda_conv_backward_weights(struct conv *c, size_t rows, const float *x,
                                const float *dy, float *dw)
{
    run(c, DNN_BACKWARD_WEIGHTS, rows, x, NULL, dw, dy);
}
