/* dnnl: the door to oneDNN; products of matrices, 3x3 convolutions.
 *
 * Each pass of a convolution has three arrays: input, weights, output. Ours
 * are nChw16c (the first input plain nchw; from channels-last it would fall to
 * a reference kernel, a hundred times slower) and plain weights. An array is
 * brought into the order its kernel wants and back at each call: always the
 * weights, which costs less than a hundredth, the others only on machines
 * whose kernels know no blocks of 16. Channels are filled up to whole blocks
 * with zero weights, because there are no fast kernels for others. What a pass
 * needs is made when a number of rows first comes. A kernel that calls itself
 * a reference is refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <oneapi/dnnl/dnnl.h>

#include "base/log.h"
#include "trainer/backend/cpu/cpu.h"

void omp_set_num_threads(int threads); /* of the runtime under oneDNN */

enum pass { FORWARD, BACKWARD_DATA, BACKWARD_WEIGHTS, PASSES };
enum { INPUT, WEIGHTS, OUTPUT, ARRAYS };
enum { SETS = 4 }; /* numbers of rows kept ready */

/* What oneDNN calls the arrays of a pass, how to ask a kernel for the order it
 * wants, and which of them the pass writes. */
static const struct {
    const char *name;
    int argument[ARRAYS];
    dnnl_query_t order[ARRAYS];
    int written;
} passes[PASSES] = {
    { "forward",
      { DNNL_ARG_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DST },
      { dnnl_query_src_md, dnnl_query_weights_md, dnnl_query_dst_md },
      OUTPUT },
    { "backward data",
      { DNNL_ARG_DIFF_SRC, DNNL_ARG_WEIGHTS, DNNL_ARG_DIFF_DST },
      { dnnl_query_diff_src_md, dnnl_query_weights_md, dnnl_query_diff_dst_md },
      INPUT },
    { "backward weights",
      { DNNL_ARG_SRC, DNNL_ARG_DIFF_WEIGHTS, DNNL_ARG_DIFF_DST },
      { dnnl_query_src_md, dnnl_query_diff_weights_md, dnnl_query_diff_dst_md },
      WEIGHTS },
};

/* An array in our order and, where that differs, in the kernel's. */
struct array {
    dnnl_memory_t ours, kernels;
    dnnl_primitive_t reorder; /* from the one to the other, NULL: the same */
};

/* One pass made ready for one number of rows. */
struct ready {
    dnnl_primitive_t primitive;
    struct array array[ARRAYS];
};

struct set {
    size_t rows; /* 0: free */
    struct ready pass[PASSES];
};

struct conv {
    struct backend *backend;
    struct conv_shape shape;
    bool bf16;      /* multiply bfloat16 numbers, add up floats: three digits */
    size_t in, out; /* channels with those that fill up */
    float *full;    /* weights [out][in][3][3], where they differ */
    dnnl_engine_t engine;
    dnnl_stream_t stream;
    struct set sets[SETS];
    size_t next; /* the set to be replaced */
};

void cpu_threads(int threads)
{
    omp_set_num_threads(threads);
}

/* Put the first failure down; true when all is well. */
static bool note(struct backend *b, dnnl_status_t status, const char *what)
{
    if (status == dnnl_success)
        return true;
    if (b->failure.kind == ERROR_NONE)
        error_set(&b->failure, "oneDNN cannot %s: status %d", what,
                  (int)status);
    return false;
}

static bool good(struct conv *c, dnnl_status_t status, const char *what)
{
    return note(c->backend, status, what);
}

/* --- products --------------------------------------------------------------- */

void cpu_gemm(struct backend *b, bool transpose_a, bool transpose_b, size_t m,
              size_t n, size_t k, const float *a_, size_t lda, const float *b_,
              size_t ldb, float beta, float *c, size_t ldc)
{
    if (m == 0 || n == 0)
        return;
    if (k == 0 && beta == 0) /* oneDNN writes nothing then */
        for (size_t i = 0; i < m; i++)
            memset(c + i * ldc, 0, n * sizeof *c);
    if (k == 0)
        return;
    note(b,
         dnnl_sgemm(transpose_a ? 'T' : 'N', transpose_b ? 'T' : 'N',
                    (dnnl_dim_t)m, (dnnl_dim_t)n, (dnnl_dim_t)k, 1, a_,
                    (dnnl_dim_t)lda, b_, (dnnl_dim_t)ldb, beta, c,
                    (dnnl_dim_t)ldc),
         "multiply");
}

/* --- making and freeing ---------------------------------------------------- */

static void ready_clear(struct ready *r)
{
    size_t i;

    if (r->primitive)
        dnnl_primitive_destroy(r->primitive);
    for (i = 0; i < ARRAYS; i++) {
        struct array *a = &r->array[i];

        if (a->reorder)
            dnnl_primitive_destroy(a->reorder);
        if (a->ours)
            dnnl_memory_destroy(a->ours);
        if (a->kernels)
            dnnl_memory_destroy(a->kernels);
    }
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

static bool start(struct conv *c)
{
    const struct conv_shape *s = &c->shape;

    c->in = s->plain_input ? s->in : cpu_blocks(s->in) * CPU_BLOCK;
    c->out = cpu_blocks(s->out) * CPU_BLOCK;
    if (c->in != s->in || c->out != s->out) {
        c->full = calloc(c->in * c->out, 9 * sizeof *c->full);
        if (!c->full)
            return good(c, dnnl_out_of_memory, "start");
    }
    return good(c, dnnl_engine_create(&c->engine, dnnl_cpu, 0), "start") &&
           good(c,
                dnnl_stream_create(&c->stream, c->engine,
                                   dnnl_stream_default_flags),
                "make a stream");
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
    c->bf16 = ((const struct cpu *)b)->precision == PRECISION_BF16;
    if (start(c))
        return c;
    backend_check(b, err);
    cpu_conv_destroy(c);
    return NULL;
}

/* --- choosing a kernel ----------------------------------------------------- */

/* The arrays in our orders, or in any a kernel likes. */
struct layout {
    dnnl_memory_desc_t array[ARRAYS];
};

static bool lay_out(struct conv *c, size_t rows, bool ours,
                    dnnl_data_type_t type, struct layout *l)
{
    int64_t n = (int64_t)rows, in = (int64_t)c->in, out = (int64_t)c->out;
    int64_t h = (int64_t)c->shape.height, w = (int64_t)c->shape.width;
    const dnnl_dims_t dims[ARRAYS] = { { n, in, h, w },
                                       { out, in, 3, 3 },
                                       { n, out, h, w } };
    const dnnl_format_tag_t orders[ARRAYS] = {
        c->shape.plain_input ? dnnl_nchw : dnnl_nChw16c, dnnl_oihw, dnnl_nChw16c
    };
    size_t i;

    for (i = 0; i < ARRAYS; i++)
        if (!good(c,
                  dnnl_memory_desc_init_by_tag(&l->array[i], 4, dims[i], type,
                                               ours ? orders[i]
                                                    : dnnl_format_tag_any),
                  "describe an array"))
            return false;
    return true;
}

static dnnl_status_t describe(enum pass pass, dnnl_alg_kind_t algorithm,
                              const struct layout *l,
                              dnnl_convolution_desc_t *d)
{
    const dnnl_memory_desc_t *a = l->array;
    const dnnl_dims_t ones = { 1, 1 }; /* strides, and padding of each side */

    if (pass == FORWARD)
        return dnnl_convolution_forward_desc_init(
            d, dnnl_forward_training, algorithm, &a[INPUT], &a[WEIGHTS], NULL,
            &a[OUTPUT], ones, ones, ones);
    if (pass == BACKWARD_DATA)
        return dnnl_convolution_backward_data_desc_init(
            d, algorithm, &a[INPUT], &a[WEIGHTS], &a[OUTPUT], ones, ones, ones);
    return dnnl_convolution_backward_weights_desc_init(
        d, algorithm, &a[INPUT], &a[WEIGHTS], NULL, &a[OUTPUT], ones, ones,
        ones);
}

/* The kernel oneDNN has for these orders and this algorithm; NULL when it has
 * none but a reference. 'there' is how the forward pass is laid out, which it
 * wants to know for the others. */
static dnnl_primitive_desc_t try_kernel(struct conv *c, enum pass pass,
                                        dnnl_alg_kind_t algorithm,
                                        const struct layout *there,
                                        const struct layout *l)
{
    dnnl_primitive_desc_t hint = NULL, chosen = NULL;
    dnnl_convolution_desc_t d, forward;
    const char *name = "";

    if (describe(FORWARD, dnnl_convolution_direct, there, &forward) ||
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
                  c->shape.height, c->shape.width, passes[pass].name, name);
        return chosen;
    }
    dnnl_primitive_desc_destroy(chosen);
    return NULL;
}

/* Winograd's algorithm (Lavin & Gray 2016) takes half the time for wide layers
 * and more for narrow ones. A rule and not a measurement chooses, so that the
 * same training gives the same bits again. */
static bool winograd_pays(const struct conv *c, enum pass pass)
{
    size_t narrow = pass == BACKWARD_WEIGHTS ? 64 : 32;

    return c->in >= 32 && c->out >= narrow;
}

/* The fastest kernel: for our orders, else for its own. With bf16 what it reads
 * is brought to that, and what it writes are floats. */
static dnnl_primitive_desc_t choose(struct conv *c, enum pass pass, size_t rows,
                                    const struct layout *ours)
{
    struct layout blocked = *ours, any, half, mixed;
    dnnl_primitive_desc_t chosen = NULL;

    if (!lay_out(c, rows, false, dnnl_f32, &any) ||
        !lay_out(c, rows, false, dnnl_bf16, &half))
        return NULL;
    blocked.array[WEIGHTS] = any.array[WEIGHTS];
    mixed = half;
    mixed.array[passes[pass].written] = blocked.array[passes[pass].written];
    if (c->bf16)
        chosen = try_kernel(c, pass, dnnl_convolution_direct, &half, &mixed);
    if (!chosen && winograd_pays(c, pass))
        chosen =
            try_kernel(c, pass, dnnl_convolution_winograd, &blocked, &blocked);
    if (!chosen)
        chosen =
            try_kernel(c, pass, dnnl_convolution_direct, &blocked, &blocked);
    if (!chosen)
        chosen = try_kernel(c, pass, dnnl_convolution_direct, &any, &any);
    if (!chosen)
        good(c, dnnl_unimplemented, "convolve this shape quickly");
    return chosen;
}

/* --- making a pass ready --------------------------------------------------- */

static bool memory(struct conv *c, dnnl_memory_t *out,
                   const dnnl_memory_desc_t *d, void *handle)
{
    return good(c, dnnl_memory_create(out, d, c->engine, handle),
                "make a memory");
}

static bool make_array(struct conv *c, struct array *a,
                       const dnnl_memory_desc_t *ours,
                       const dnnl_memory_desc_t *kernels, bool written)
{
    dnnl_primitive_desc_t d = NULL;
    dnnl_status_t status;

    if (!memory(c, &a->ours, ours, DNNL_MEMORY_NONE))
        return false;
    if (dnnl_memory_desc_equal(ours, kernels))
        return true;
    if (!memory(c, &a->kernels, kernels, DNNL_MEMORY_ALLOCATE))
        return false;
    status = dnnl_reorder_primitive_desc_create(
        &d, written ? kernels : ours, c->engine, written ? ours : kernels,
        c->engine, NULL);
    if (!good(c, status, "describe a reorder"))
        return false;
    status = dnnl_primitive_create(&a->reorder, d);
    dnnl_primitive_desc_destroy(d);
    return good(c, status, "make a reorder");
}

static bool make_ready(struct conv *c, enum pass pass, size_t rows,
                       struct ready *r)
{
    dnnl_primitive_desc_t chosen;
    struct layout ours;
    bool done;
    int i;

    if (!lay_out(c, rows, true, dnnl_f32, &ours))
        return false;
    chosen = choose(c, pass, rows, &ours);
    if (!chosen)
        return false;
    done = good(c, dnnl_primitive_create(&r->primitive, chosen),
                "make a convolution");
    for (i = 0; i < ARRAYS && done; i++)
        done = make_array(
            c, &r->array[i], &ours.array[i],
            dnnl_primitive_desc_query_md(chosen, passes[pass].order[i], 0),
            i == passes[pass].written);
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

/* --- running --------------------------------------------------------------- */

static void reorder(struct conv *c, const struct array *a, bool written)
{
    const dnnl_exec_arg_t args[] = {
        { DNNL_ARG_FROM, written ? a->kernels : a->ours },
        { DNNL_ARG_TO, written ? a->ours : a->kernels },
    };

    if (a->reorder)
        good(c, dnnl_primitive_execute(a->reorder, c->stream, 2, args),
             "reorder");
}

/* Arrays are given as constant: only that the pass writes is written. */
static void run(struct conv *c, enum pass pass, size_t rows, const float *x,
                const float *w, const float *y)
{
    const void *given[ARRAYS] = { x, w, y };
    struct ready *r = rows > 0 ? get_ready(c, pass, rows) : NULL;
    dnnl_exec_arg_t args[ARRAYS];
    int i, written = passes[pass].written;

    if (!r)
        return;
    for (i = 0; i < ARRAYS; i++) {
        struct array *a = &r->array[i];

        dnnl_memory_set_data_handle(a->ours, (void *)(uintptr_t)given[i]);
        args[i].arg = passes[pass].argument[i];
        args[i].memory = a->kernels ? a->kernels : a->ours;
        if (i != written)
            reorder(c, a, false);
    }
    good(c, dnnl_primitive_execute(r->primitive, c->stream, ARRAYS, args),
         "convolve");
    reorder(c, &r->array[written], true);
    good(c, dnnl_stream_wait(c->stream), "wait");
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

const char *backend_dnnl_version(void)
{
    static char text[48];
    const dnnl_version_t *v = dnnl_version();

    snprintf(text, sizeof text, "%d.%d.%d", v->major, v->minor, v->patch);
    return text;
}
