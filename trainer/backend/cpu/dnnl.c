/* dnnl: the door to oneDNN; 3x3 convolutions.
 *
 * Activations are nChw16c as everywhere in this backend, except the input of
 * the first convolution, which is plain nchw (from channels-last it would fall
 * to a reference kernel, a hundred times slower). Weights are kept plain and
 * brought into the kernel's own order at each call; that costs less than a
 * hundredth. Channels are filled up to whole blocks with zero weights: oneDNN
 * has no fast kernels for others. Primitives are made for each number of rows when it first comes.
 * A kernel that calls itself a reference is refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <oneapi/dnnl/dnnl.h>

#include "base/log.h"
#include "trainer/backend/cpu/cpu.h"

void omp_set_num_threads(int threads); /* of the runtime under oneDNN */

enum pass { FORWARD, BACKWARD_DATA, BACKWARD_WEIGHTS, PASSES };
static const char *const pass_names[PASSES] = { "forward", "backward data",
                                                "backward weights" };
enum { SETS = 4 }; /* numbers of rows kept ready */

/* One pass made ready for one number of rows. */
struct ready {
    dnnl_primitive_t primitive, reorder;
    dnnl_memory_t x, y, kernel, plain; /* kernel: in the primitive's order */
};

struct set {
    size_t rows; /* 0: free */
    struct ready pass[PASSES];
};

struct conv {
    struct backend *backend;
    struct conv_shape shape;
    size_t in, out; /* channels with those that fill up */
    float *full;    /* weights [out][in][3][3], where they differ */
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    struct set sets[SETS];
    size_t next; /* the set to be replaced */
};

void cpu_conv_threads(int threads)
{
    omp_set_num_threads(threads);
}

/* Put the first failure down; true when all is well. */
static bool good(struct conv *c, dnnl_status_t status, const char *what)
{
    if (status == dnnl_success)
        return true;
    if (c->backend->failure.kind == ERROR_NONE)
        error_set(&c->backend->failure, "oneDNN cannot %s: status %d", what,
                  (int)status);
    return false;
}

static void ready_clear(struct ready *r)
{
    dnnl_memory_t *memories[] = { &r->x, &r->y, &r->kernel, &r->plain };
    size_t i;

    if (r->primitive)
        dnnl_primitive_destroy(r->primitive);
    if (r->reorder)
        dnnl_primitive_destroy(r->reorder);
    for (i = 0; i < sizeof memories / sizeof *memories; i++)
        if (*memories[i])
            dnnl_memory_destroy(*memories[i]);
    memset(r, 0, sizeof *r);
}

static void set_clear(struct set *s)
{
    size_t pass;

    for (pass = 0; pass < PASSES; pass++)
        ready_clear(&s->pass[pass]);
    s->rows = 0;
}

void cpu_conv_destroy(struct conv *c)
{
    size_t i;

    if (!c)
        return;
    for (i = 0; i < SETS; i++)
        set_clear(&c->sets[i]);
    if (c->stream)
        dnnl_stream_destroy(c->stream);
    if (c->engine)
        dnnl_engine_destroy(c->engine);
    free(c->full);
    free(c);
}

struct conv *cpu_conv_create(struct backend *b, const struct conv_shape *s,
                             struct error *err)
{
    struct conv *c = calloc(1, sizeof *c);

    if (!c) {
        error_memory(err);
        return NULL;
    }
    c->backend = b;
    c->shape = *s;
    c->in = s->plain_input ? s->in : cpu_blocks(s->in) * CPU_BLOCK;
    c->out = cpu_blocks(s->out) * CPU_BLOCK;
    if (c->in != s->in || c->out != s->out) {
        c->full = calloc(c->in * c->out, 9 * sizeof *c->full);
        if (!c->full)
            error_memory(&b->failure);
    }
    if (b->failure.kind == ERROR_NONE &&
        good(c, dnnl_engine_create(&c->engine, dnnl_cpu, 0), "start") &&
        good(c,
             dnnl_stream_create(&c->stream, c->engine,
                                dnnl_stream_default_flags),
             "make a stream"))
        return c;
    backend_check(b, err);
    cpu_conv_destroy(c);
    return NULL;
}

/* What the four arrays of a pass look like. */
struct layout {
    dnnl_memory_desc_t x, y, any, plain;
};

static bool lay_out(struct conv *c, size_t rows, struct layout *l)
{
    const struct conv_shape *s = &c->shape;
    int64_t n = (int64_t)rows, h = (int64_t)s->height, w = (int64_t)s->width;
    dnnl_dims_t x = { n, (int64_t)c->in, h, w };
    dnnl_dims_t y = { n, (int64_t)c->out, h, w };
    dnnl_dims_t k = { (int64_t)c->out, (int64_t)c->in, 3, 3 };
    dnnl_format_tag_t in = s->plain_input ? dnnl_nchw : dnnl_nChw16c;

    return good(c, dnnl_memory_desc_init_by_tag(&l->x, 4, x, dnnl_f32, in),
                "describe the input") &&
           good(c,
                dnnl_memory_desc_init_by_tag(&l->y, 4, y, dnnl_f32,
                                             dnnl_nChw16c),
                "describe the output") &&
           good(c,
                dnnl_memory_desc_init_by_tag(&l->any, 4, k, dnnl_f32,
                                             dnnl_format_tag_any),
                "describe the kernel") &&
           good(c,
                dnnl_memory_desc_init_by_tag(&l->plain, 4, k, dnnl_f32,
                                             dnnl_oihw),
                "describe the weights");
}

static dnnl_status_t describe(enum pass pass, dnnl_alg_kind_t algorithm,
                              const struct layout *l,
                              dnnl_convolution_desc_t *d)
{
    const dnnl_dims_t ones = { 1, 1 }; /* strides, and padding of each side */

    if (pass == FORWARD)
        return dnnl_convolution_forward_desc_init(
            d, dnnl_forward_training, algorithm, &l->x, &l->any, NULL, &l->y,
            ones, ones, ones);
    if (pass == BACKWARD_DATA)
        return dnnl_convolution_backward_data_desc_init(
            d, algorithm, &l->x, &l->any, &l->y, ones, ones, ones);
    return dnnl_convolution_backward_weights_desc_init(
        d, algorithm, &l->x, &l->any, NULL, &l->y, ones, ones, ones);
}

/* The kernel oneDNN has for a pass; NULL when it has none of this algorithm
 * but a reference. */
static dnnl_primitive_desc_t choose(struct conv *c, enum pass pass,
                                    dnnl_alg_kind_t algorithm,
                                    const struct layout *l)
{
    dnnl_primitive_desc_t hint = NULL, chosen = NULL;
    dnnl_convolution_desc_t d, forward;
    const char *name = "";

    if (describe(FORWARD, dnnl_convolution_direct, l, &forward) ||
        dnnl_primitive_desc_create(&hint, &forward, NULL, c->engine, NULL))
        return NULL;
    if (describe(pass, algorithm, l, &d) ||
        dnnl_primitive_desc_create(&chosen, &d, NULL, c->engine, hint))
        chosen = NULL;
    dnnl_primitive_desc_destroy(hint);
    if (!chosen)
        return NULL;
    dnnl_primitive_desc_query(chosen, dnnl_query_impl_info_str, 0, &name);
    if (!strstr(name, "ref")) {
        log_trace("conv", "%zu>%zu %zux%zu %s: %s", c->shape.in, c->shape.out,
                  c->shape.height, c->shape.width, pass_names[pass], name);
        return chosen;
    }
    dnnl_primitive_desc_destroy(chosen);
    return NULL;
}

static bool memory(struct conv *c, dnnl_memory_t *out,
                   const dnnl_memory_desc_t *d, void *handle)
{
    return good(c, dnnl_memory_create(out, d, c->engine, handle),
                "make a memory");
}

/* The reorder between plain weights and the kernel's order; backward weights
 * go the other way. */
static bool make_reorder(struct conv *c, enum pass pass, struct ready *r,
                         const dnnl_memory_desc_t *plain,
                         const dnnl_memory_desc_t *kernel)
{
    bool back = pass == BACKWARD_WEIGHTS;
    dnnl_primitive_desc_t d = NULL;
    dnnl_status_t status;

    status = dnnl_reorder_primitive_desc_create(
        &d, back ? kernel : plain, c->engine, back ? plain : kernel, c->engine,
        NULL);
    if (!good(c, status, "describe a reorder"))
        return false;
    status = dnnl_primitive_create(&r->reorder, d);
    dnnl_primitive_desc_destroy(d);
    return good(c, status, "make a reorder");
}

static bool make_ready(struct conv *c, enum pass pass, size_t rows,
                       struct ready *r)
{
    const dnnl_memory_desc_t *kernel;
    dnnl_primitive_desc_t chosen;
    struct layout l;
    bool done;

    if (!lay_out(c, rows, &l))
        return false;
    chosen = choose(c, pass, dnnl_convolution_direct, &l);
    if (!chosen)
        return good(c, dnnl_unimplemented, "convolve this shape quickly");
    kernel = dnnl_primitive_desc_query_md(chosen,
                                          pass == BACKWARD_WEIGHTS
                                              ? dnnl_query_diff_weights_md
                                              : dnnl_query_weights_md,
                                          0);
    done = good(c, dnnl_primitive_create(&r->primitive, chosen),
                "make a convolution") &&
           memory(c, &r->x, &l.x, DNNL_MEMORY_NONE) &&
           memory(c, &r->y, &l.y, DNNL_MEMORY_NONE) &&
           memory(c, &r->plain, &l.plain, DNNL_MEMORY_NONE) &&
           memory(c, &r->kernel, kernel, DNNL_MEMORY_ALLOCATE) &&
           make_reorder(c, pass, r, &l.plain, kernel);
    dnnl_primitive_desc_destroy(chosen);
    return done;
}

/* The pass made ready for 'rows', or NULL after a failure. */
static struct ready *get_ready(struct conv *c, enum pass pass, size_t rows)
{
    struct set *s = NULL;
    size_t i;

    if (c->backend->failure.kind != ERROR_NONE)
        return NULL;
    for (i = 0; i < SETS; i++)
        if (c->sets[i].rows == rows)
            s = &c->sets[i];
    if (!s) {
        s = &c->sets[c->next++ % SETS];
        set_clear(s);
        s->rows = rows;
    }
    if (!s->pass[pass].primitive && !make_ready(c, pass, rows, &s->pass[pass]))
        return NULL;
    return &s->pass[pass];
}

static void reorder(struct conv *c, struct ready *r, enum pass pass)
{
    bool back = pass == BACKWARD_WEIGHTS;
    const dnnl_exec_arg_t args[] = {
        { DNNL_ARG_FROM, back ? r->kernel : r->plain },
        { DNNL_ARG_TO, back ? r->plain : r->kernel },
    };

    good(c, dnnl_primitive_execute(r->reorder, c->stream, 2, args), "reorder");
}

/* Weights to full channels, and full channels to weights. */
static const float *fill_up(struct conv *c, const float *w)
{
    size_t line = c->shape.in * 9, i;

    for (i = 0; c->full && i < c->shape.out; i++)
        memcpy(c->full + i * c->in * 9, w + i * line, line * sizeof *w);
    return c->full ? c->full : w;
}

static void take_out(struct conv *c, float *w)
{
    size_t line = c->shape.in * 9, i;

    for (i = 0; c->full && i < c->shape.out; i++)
        memcpy(w + i * line, c->full + i * c->in * 9, line * sizeof *w);
}

/* The names of a pass's arrays in oneDNN. */
static const int names[PASSES][3] = {
    [FORWARD] = { DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST },
    [BACKWARD_DATA] = { DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS,
                        DNNL_ARG_DIFF_DST },
    [BACKWARD_WEIGHTS] = { DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS,
                           DNNL_ARG_DIFF_DST },
};

/* The arrays are only written through where the pass writes them. */
static void run(struct conv *c, enum pass pass, size_t rows, const float *x,
                const float *w, const float *y)
{
    struct ready *r = rows > 0 ? get_ready(c, pass, rows) : NULL;

    if (!r)
        return;
    dnnl_memory_set_data_handle(r->x, (void *)(uintptr_t)x);
    dnnl_memory_set_data_handle(r->y, (void *)(uintptr_t)y);
    dnnl_memory_set_data_handle(r->plain, (void *)(uintptr_t)w);
    const dnnl_exec_arg_t args[] = {
        { names[pass][0], r->x },
        { names[pass][1], r->kernel },
        { names[pass][2], r->y },
    };
    if (pass != BACKWARD_WEIGHTS)
        reorder(c, r, pass);
    good(c, dnnl_primitive_execute(r->primitive, c->stream, 3, args),
         "convolve");
    if (pass == BACKWARD_WEIGHTS)
        reorder(c, r, pass);
    good(c, dnnl_stream_wait(c->stream), "wait");
}

void cpu_conv_forward(struct conv *c, size_t rows, const float *x,
                      const float *w, float *y)
{
    run(c, FORWARD, rows, x, fill_up(c, w), y);
}

void cpu_conv_backward_data(struct conv *c, size_t rows, const float *dy,
                            const float *w, float *dx)
{
    run(c, BACKWARD_DATA, rows, dx, fill_up(c, w), dy);
}

void cpu_conv_backward_weights(struct conv *c, size_t rows, const float *x,
                               const float *dy, float *dw)
{
    if (rows == 0) {
        memset(dw, 0, c->shape.out * c->shape.in * 9 * sizeof *dw);
        return;
    }
    run(c, BACKWARD_WEIGHTS, rows, x, c->full ? c->full : dw, dy);
    take_out(c, dw);
}
