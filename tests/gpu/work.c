/* See work.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/gpu/work.h"

enum { CONVOLUTIONS = 64, TAPS = 9 };

enum kind {
    CONV_FORWARD,
    CONV_BACKWARD_DATA,
    CONV_BACKWARD_WEIGHTS,
    LOAD_IMAGE,
    NORM_MOMENTS,
    NORM_FORWARD,
    NORM_GRADIENT_SUMS,
    NORM_BACKWARD,
    ADD,
    RELU_BACKWARD,
    MAX_FORWARD,
    MAX_BACKWARD,
    GEMM,
    BAG,
    UPDATE,
    UPDATE_ALL,
    KINDS
};

static struct work done[KINDS + 1] = {
    { .name = "conv_forward" },
    { .name = "conv_backward_data" },
    { .name = "conv_backward_weights" },
    { .name = "load_image" },
    { .name = "norm_moments" },
    { .name = "norm_forward" },
    { .name = "norm_gradient_sums" },
    { .name = "norm_backward" },
    { .name = "add" },
    { .name = "relu_backward" },
    { .name = "max_forward" },
    { .name = "max_backward" },
    { .name = "gemm" },
    { .name = "bag" },
    { .name = "update" },
    { .name = "update_all" },
};

static const struct backend_ops *real;
static struct backend_ops counting;

static struct {
    struct conv *conv;
    struct backend *backend;
    struct conv_shape shape;
} known[CONVOLUTIONS];
static size_t known_count;

static void note(enum kind k, double operations, double bytes)
{
    done[k].operations += operations;
    done[k].bytes += bytes;
}

/* Bytes of planes as the backend keeps them. */
static double size_of(struct backend *b, const struct shape *s)
{
    return (double)(real->floats(b, s) * sizeof(float));
}

static double floats(size_t count)
{
    return (double)(count * sizeof(float));
}

/* --- convolutions ------------------------------------------------------------- */

static struct conv *conv_create(struct backend *b, const struct conv_shape *s,
                                struct error *err)
{
    struct conv *c = real->conv_create(b, s, err);

    if (c && known_count < CONVOLUTIONS) {
        known[known_count].conv = c;
        known[known_count].backend = b;
        known[known_count++].shape = *s;
    }
    return c;
}

static void note_conv(enum kind k, const struct conv *c, size_t rows)
{
    size_t i;

    for (i = 0; i < known_count; i++) {
        const struct conv_shape *s = &known[i].shape;
        struct shape in = { rows, s->in, s->height, s->width };
        struct shape out = { rows, s->out, s->height, s->width };
        double places = (double)(rows * s->height * s->width);

        if (known[i].conv == c)
            note(k, 2 * TAPS * places * (double)(s->in * s->out),
                 size_of(known[i].backend, &in) +
                     size_of(known[i].backend, &out) +
                     floats(TAPS * s->in * s->out));
    }
}

static void conv_forward(struct conv *c, size_t rows, const float *x,
                         const float *w, float *y)
{
    note_conv(CONV_FORWARD, c, rows);
    real->conv_forward(c, rows, x, w, y);
}

static void conv_backward_data(struct conv *c, size_t rows, const float *dy,
                               const float *w, float *dx)
{
    note_conv(CONV_BACKWARD_DATA, c, rows);
    real->conv_backward_data(c, rows, dy, w, dx);
}

static void conv_backward_weights(struct conv *c, size_t rows, const float *x,
                                  const float *dy, float *dw)
{
    note_conv(CONV_BACKWARD_WEIGHTS, c, rows);
    real->conv_backward_weights(c, rows, x, dy, dw);
}

/* --- planes --------------------------------------------------------------------- */

static void load_image(struct backend *b, size_t count, const uint8_t *pixels,
                       float *out)
{
    note(LOAD_IMAGE, 0, (double)count + floats(count));
    real->load_image(b, count, pixels, out);
}

static void norm_moments(struct backend *b, const struct shape *s,
                         const float *x, double *sums)
{
    note(NORM_MOMENTS, 0, size_of(b, s));
    real->norm_moments(b, s, x, sums);
}

static void norm_forward(struct backend *b, const struct shape *s,
                         const float *x, const double *sums, double count,
                         const float *gamma, const float *beta, bool relu,
                         float *running, float *saved, float *y)
{
    note(NORM_FORWARD, 0, 2 * size_of(b, s));
    real->norm_forward(b, s, x, sums, count, gamma, beta, relu, running, saved,
                       y);
}

static void norm_gradient_sums(struct backend *b, const struct shape *s,
                               const float *x, const float *dy,
                               const float *gamma, const float *beta,
                               const float *saved, bool relu, float *dgamma,
                               float *dbeta, double *sums)
{
    note(NORM_GRADIENT_SUMS, 0, 2 * size_of(b, s));
    real->norm_gradient_sums(b, s, x, dy, gamma, beta, saved, relu, dgamma,
                             dbeta, sums);
}

static void norm_backward(struct backend *b, const struct shape *s,
                          const float *x, const float *dy, const float *gamma,
                          const float *beta, const float *saved, bool relu,
                          const double *sums, double count, float *dx)
{
    note(NORM_BACKWARD, 0, 3 * size_of(b, s));
    real->norm_backward(b, s, x, dy, gamma, beta, saved, relu, sums, count, dx);
}

static void add(struct backend *b, const struct shape *s, size_t channels,
                const float *x, bool relu, float *y)
{
    struct shape from = *s;

    from.channels = channels;
    note(ADD, 0, 2 * size_of(b, s) + size_of(b, &from));
    real->add(b, s, channels, x, relu, y);
}

static void relu_backward(struct backend *b, const struct shape *s,
                          const float *y, float *dy)
{
    note(RELU_BACKWARD, 0, 3 * size_of(b, s));
    real->relu_backward(b, s, y, dy);
}

/* The planes and a quarter of them. */
static double pooled(struct backend *b, const struct shape *s)
{
    struct shape half = { s->rows, s->channels, s->height / 2, s->width / 2 };

    return size_of(b, s) + size_of(b, &half) + (double)real->floats(b, &half);
}

static void max_forward(struct backend *b, const struct shape *s,
                        const float *x, float *y, uint8_t *where)
{
    note(MAX_FORWARD, 0, pooled(b, s));
    real->max_forward(b, s, x, y, where);
}

static void max_backward(struct backend *b, const struct shape *s,
                         const float *dy, const uint8_t *where, float *dx)
{
    note(MAX_BACKWARD, 0, pooled(b, s));
    real->max_backward(b, s, dy, where, dx);
}

/* --- matrices, tables, weights --------------------------------------------------- */

static void gemm(struct backend *b, bool transpose_a, bool transpose_b,
                 size_t m, size_t n, size_t k, const float *a_, size_t lda,
                 const float *b_, size_t ldb, float beta, float *c, size_t ldc)
{
    note(GEMM, 2 * (double)m * (double)n * (double)k,
         floats(m * k + k * n + m * n));
    real->gemm(b, transpose_a, transpose_b, m, n, k, a_, lda, b_, ldb, beta, c,
               ldc);
}

/* A layer that is not done in one go comes to gemm() above. */
static bool note_dense(size_t rows, size_t in, size_t out, bool was_done)
{
    if (was_done)
        note(GEMM, 2 * (double)rows * (double)in * (double)out,
             floats(rows * in + in * out + rows * out));
    return was_done;
}

static bool dense_forward(struct backend *b, size_t rows, size_t in, size_t out,
                          const float *x, const float *w, const float *bias,
                          bool relu, float *y)
{
    return note_dense(
        rows, in, out,
        real->dense_forward(b, rows, in, out, x, w, bias, relu, y));
}

static bool dense_backward(struct backend *b, size_t rows, size_t in,
                           size_t out, const float *x, float *dy, float *dw,
                           float *dbias)
{
    return note_dense(rows, in, out,
                      real->dense_backward(b, rows, in, out, x, dy, dw, dbias));
}

static void bag(struct backend *b, size_t rows, size_t dimension, size_t count,
                const uint32_t *offset, const uint32_t *id, const float *weight,
                const float *table, size_t table_step, float *out,
                size_t out_step)
{
    note(BAG, 0, floats(count * (dimension + 2) + rows * (dimension + 1)));
    real->bag(b, rows, dimension, count, offset, id, weight, table, table_step,
              out, out_step);
}

static void update(struct backend *b, const struct update *u, size_t count,
                   const uint32_t *id, size_t dimension, float *value,
                   const float *grad, float *m, float *v)
{
    note(UPDATE, 0, floats(count * dimension * (u->adam ? 7 : 5)));
    real->update(b, u, count, id, dimension, value, grad, m, v);
}

static void update_all(struct backend *b, const struct update *u, size_t spans,
                       const struct span *span, float *value, const float *grad,
                       float *m, float *v)
{
    size_t i, count = 0;

    for (i = 0; i < spans; i++)
        count += span[i].count;
    note(UPDATE_ALL, 0, floats(count * (u->adam ? 7 : 5)));
    real->update_all(b, u, spans, span, value, grad, m, v);
}

void work_watch(struct backend *b)
{
    real = b->ops;
    counting = *real;
    counting.conv_create = conv_create;
    counting.conv_forward = conv_forward;
    counting.conv_backward_data = conv_backward_data;
    counting.conv_backward_weights = conv_backward_weights;
    counting.load_image = load_image;
    counting.norm_moments = norm_moments;
    counting.norm_forward = norm_forward;
    counting.norm_gradient_sums = norm_gradient_sums;
    counting.norm_backward = norm_backward;
    counting.add = add;
    counting.relu_backward = relu_backward;
    counting.max_forward = max_forward;
    counting.max_backward = max_backward;
    counting.gemm = gemm;
    if (real->dense_forward) {
        counting.dense_forward = dense_forward;
        counting.dense_backward = dense_backward;
    }
    counting.bag = bag;
    counting.update = update;
    counting.update_all = update_all;
    b->ops = &counting;
}

void work_reset(void)
{
    size_t i;

    for (i = 0; i < KINDS; i++)
        done[i].operations = done[i].bytes = 0;
}

const struct work *work_done(void)
{
    return done;
}
