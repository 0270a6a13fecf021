/* ops: every operation of one backend against the same of another (TAP).
 *
 *   ops REFERENCE CANDIDATE[:PRECISION]      ops plain cuda:bf16
 *
 * Both get the same random numbers. A result is right when the length of the
 * difference is at most a tolerance times that of the reference: 2e-5 for
 * fp32, 2e-3 for tf32, 2e-2 for bf16. Each candidate runs twice and must give
 * the same bits.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "tests/gpu/open.h"

enum { MOST = 1 << 18 };

/* One backend and what it gave: values in the plain order, results. */
struct side {
    struct backend *b;
    enum precision precision;
    size_t count;
    float *result;
};

static struct side reference, candidate, again;
static struct random dice;
static int tests, failures;

/* --- numbers in and out ----------------------------------------------------------- */

static size_t size_of(const struct shape *s)
{
    return s->rows * s->channels * s->height * s->width;
}

static bool is_half(const struct side *d, const struct shape *s)
{
    return strcmp(d->b->ops->name, "cuda") == 0 &&
           d->precision == PRECISION_BF16 && s->height * s->width > 1;
}

/* Where the backend keeps value 'i' of the order [row][channel][y][x]: blocks
 * of 16 channels, or channels last. */
static size_t place(const struct side *d, const struct shape *s, size_t i)
{
    size_t places = s->height * s->width, at = i % places;
    size_t c = i / places % s->channels, n = i / places / s->channels;
    size_t stride = d->b->ops->stride(d->b, s->channels);

    if (strcmp(d->b->ops->name, "cpu") == 0)
        return ((n * (stride / 16) + c / 16) * places + at) * 16 + c % 16;
    return (n * places + at) * stride + c;
}

static float from_half(uint16_t half)
{
    uint32_t bits = (uint32_t)half << 16;
    float value;

    memcpy(&value, &bits, sizeof value);
    return value;
}

static uint16_t to_half(float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

static void *bytes_in(const struct side *d, const void *from, size_t bytes)
{
    void *to = d->b->ops->allocate(d->b, bytes);

    if (to)
        d->b->ops->upload(d->b, to, from, bytes);
    return to;
}

/* Planes of the shape from values in the plain order (NULL: zeros). */
static float *planes_in(const struct side *d, const struct shape *s,
                        const float *values)
{
    size_t bytes = d->b->ops->floats(d->b, s) * sizeof(float), i;
    char *host = calloc(1, bytes + 1);
    float *to;

    for (i = 0; host && values && i < size_of(s); i++)
        if (is_half(d, s))
            ((uint16_t *)(void *)host)[place(d, s, i)] = to_half(values[i]);
        else
            ((float *)(void *)host)[place(d, s, i)] = values[i];
    to = bytes_in(d, host, bytes);
    free(host);
    return to;
}

static void keep(struct side *d, float value)
{
    if (d->count < MOST)
        d->result[d->count++] = value;
}

/* Note the planes as a result, then release them. */
static void planes_out(struct side *d, const struct shape *s, float *planes)
{
    size_t bytes = d->b->ops->floats(d->b, s) * sizeof(float), i;
    char *host = calloc(1, bytes + 1);

    d->b->ops->download(d->b, host, planes, bytes);
    for (i = 0; host && i < size_of(s); i++)
        keep(d, is_half(d, s)
                    ? from_half(((uint16_t *)(void *)host)[place(d, s, i)])
                    : ((float *)(void *)host)[place(d, s, i)]);
    free(host);
    d->b->ops->release(d->b, planes);
}

static void floats_out(struct side *d, size_t count, float *values)
{
    float *host = calloc(count + 1, sizeof *host);
    size_t i;

    d->b->ops->download(d->b, host, values, count * sizeof *host);
    for (i = 0; host && i < count; i++)
        keep(d, host[i]);
    free(host);
    d->b->ops->release(d->b, values);
}

static void double_out(struct side *d, double *value)
{
    double host = 0;

    d->b->ops->download(d->b, &host, value, sizeof host);
    keep(d, (float)host);
    d->b->ops->release(d->b, value);
}

static const float *draw(size_t count)
{
    static float values[MOST];
    size_t i;

    /* what bf16 holds exactly, so that both sides start from the same */
    for (i = 0; i < count; i++)
        values[i] = from_half(to_half((float)random_normal(&dice)));
    return values;
}

static float *draw_planes(const struct side *d, const struct shape *s)
{
    return planes_in(d, s, draw(size_of(s)));
}

static float *draw_floats(const struct side *d, size_t count)
{
    return bytes_in(d, draw(count), count * sizeof(float));
}

static float *zeros(const struct side *d, size_t count)
{
    return d->b->ops->allocate(d->b, count * sizeof(float));
}

/* --- operations ------------------------------------------------------------------------ */

static void run_conv(struct side *d, const size_t *n)
{
    struct conv_shape cs = { n[1], n[2], n[3], n[4], n[5] };
    struct shape in = { n[0], n[1], n[3], n[4] };
    struct shape out = { n[0], n[2], n[3], n[4] };
    struct conv *c = d->b->ops->conv_create(d->b, &cs, NULL);
    float *x = n[5] ? draw_floats(d, size_of(&in)) : draw_planes(d, &in);
    float *w = draw_floats(d, n[1] * n[2] * 9);
    float *dy = draw_planes(d, &out), *y = planes_in(d, &out, NULL);
    float *dx = planes_in(d, &in, NULL), *dw = zeros(d, n[1] * n[2] * 9);

    if (!c)
        return;
    d->b->ops->conv_forward(c, n[0], x, w, y);
    d->b->ops->conv_backward_weights(c, n[0], x, dy, dw);
    if (!n[5])
        d->b->ops->conv_backward_data(c, n[0], dy, w, dx);
    planes_out(d, &out, y);
    floats_out(d, n[1] * n[2] * 9, dw);
    planes_out(d, &in, dx);
    d->b->ops->conv_destroy(c);
    d->b->ops->release(d->b, x);
    d->b->ops->release(d->b, w);
    d->b->ops->release(d->b, dy);
}

static struct shape shape_of(const size_t *n)
{
    return (struct shape){ n[0], n[1], n[2], n[3] };
}

static void run_norm(struct side *d, const size_t *n)
{
    const struct backend_ops *ops = d->b->ops;
    struct shape s = shape_of(n);
    size_t c = s.channels;
    double count = (double)(s.rows * s.height * s.width);
    float *x = draw_planes(d, &s), *dy = draw_planes(d, &s);
    float *gamma = draw_floats(d, c), *beta = draw_floats(d, c);
    float *running = zeros(d, 2 * c), *saved = zeros(d, 2 * c);
    float *dgamma = zeros(d, c), *dbeta = zeros(d, c);
    float *y = planes_in(d, &s, NULL), *dx = planes_in(d, &s, NULL);
    double *sums = ops->allocate(d->b, 2 * c * sizeof *sums);

    ops->norm_moments(d->b, &s, x, sums);
    ops->norm_forward(d->b, &s, x, sums, count, gamma, beta, n[4], running,
                      saved, y);
    ops->norm_gradient_sums(d->b, &s, x, dy, gamma, beta, saved, n[4], dgamma,
                            dbeta, sums);
    ops->norm_backward(d->b, &s, x, dy, gamma, beta, saved, n[4], sums, count,
                       dx);
    planes_out(d, &s, y);
    planes_out(d, &s, dx);
    floats_out(d, c, dgamma);
    floats_out(d, c, dbeta);
    y = planes_in(d, &s, NULL);
    ops->norm_inference(d->b, &s, x, gamma, beta, running, n[4], y);
    planes_out(d, &s, y);
    floats_out(d, 2 * c, running);
    floats_out(d, 2 * c, saved);
    ops->release(d->b, x);
    ops->release(d->b, dy);
    ops->release(d->b, gamma);
    ops->release(d->b, beta);
    ops->release(d->b, sums);
}

static void run_bias(struct side *d, const size_t *n)
{
    struct shape s = shape_of(n);
    float *x = draw_planes(d, &s), *dy = draw_planes(d, &s);
    float *bias = draw_floats(d, s.channels), *dbias = zeros(d, s.channels);

    d->b->ops->bias_forward(d->b, &s, x, bias, n[4], x);
    d->b->ops->bias_backward(d->b, &s, x, dy, n[4], dbias, dy);
    planes_out(d, &s, x);
    planes_out(d, &s, dy);
    floats_out(d, s.channels, dbias);
    d->b->ops->release(d->b, bias);
}

static void run_add(struct side *d, const size_t *n)
{
    struct shape s = shape_of(n), t = s;
    float *x, *y = draw_planes(d, &s), *dy = draw_planes(d, &s);

    t.channels = n[4];
    x = draw_planes(d, &t);
    d->b->ops->add(d->b, &s, t.channels, x, true, y);
    d->b->ops->relu_backward(d->b, &s, y, dy);
    planes_out(d, &s, y);
    planes_out(d, &s, dy);
    d->b->ops->release(d->b, x);
}

static void run_pool(struct side *d, const size_t *n)
{
    const struct backend_ops *ops = d->b->ops;
    struct shape s = shape_of(n), half = s;
    size_t stride = ops->stride(d->b, s.channels);
    float *x = draw_planes(d, &s), *dx = planes_in(d, &s, NULL), *dy, *y;
    float *mean = zeros(d, s.rows * stride), *dm;
    struct shape row = { s.rows, s.channels, 1, 1 };
    uint8_t *where;

    half.height /= 2;
    half.width /= 2;
    y = planes_in(d, &half, NULL);
    dy = draw_planes(d, &half);
    where = ops->allocate(d->b, ops->floats(d->b, &half));
    ops->max_forward(d->b, &s, x, y, where);
    ops->max_backward(d->b, &s, dy, where, dx);
    planes_out(d, &half, y);
    planes_out(d, &s, dx);
    ops->mean_forward(d->b, &s, x, mean, stride);
    planes_out(d, &row, mean);
    dm = draw_planes(d, &row);
    dx = planes_in(d, &s, NULL);
    ops->mean_backward(d->b, &s, dm, stride, dx);
    planes_out(d, &s, dx);
    ops->release(d->b, x);
    ops->release(d->b, dy);
    ops->release(d->b, dm);
    ops->release(d->b, where);
}

static void run_pixels(struct side *d, const size_t *n)
{
    uint8_t pixels[4096];
    float *out = zeros(d, n[0]);
    void *bytes;
    size_t i;

    for (i = 0; i < n[0]; i++)
        pixels[i] = (uint8_t)random_below(&dice, 256);
    bytes = bytes_in(d, pixels, n[0]);
    d->b->ops->load_image(d->b, n[0], bytes, out);
    floats_out(d, n[0], out);
    d->b->ops->release(d->b, bytes);
}

static void run_gemm(struct side *d, const size_t *n)
{
    size_t lda = (n[3] ? n[0] : n[2]) + 3, ldb = (n[4] ? n[2] : n[1]) + 1;
    float *a = draw_floats(d, lda * (n[3] ? n[2] : n[0]));
    float *b = draw_floats(d, ldb * (n[4] ? n[1] : n[2]));
    float *c = draw_floats(d, n[0] * (n[1] + 2));

    d->b->ops->gemm(d->b, n[3], n[4], n[0], n[1], n[2], a, lda, b, ldb,
                    (float)n[5], c, n[1] + 2);
    floats_out(d, n[0] * (n[1] + 2), c);
    d->b->ops->release(d->b, a);
    d->b->ops->release(d->b, b);
}

/* n: rows, in, out, ReLU */
static void run_dense(struct side *d, const size_t *n)
{
    struct shape in = { n[0], n[1], 1, 1 }, out = { n[0], n[2], 1, 1 };
    float *x = draw_planes(d, &in), *dy = draw_planes(d, &out);
    float *w = draw_floats(d, n[2] * n[1]), *bias = draw_floats(d, n[2]);
    float *y = planes_in(d, &out, NULL), *dw = zeros(d, n[2] * n[1]);
    float *dbias = zeros(d, n[2]);

    backend_dense_forward(d->b, n[0], n[1], n[2], x, w, bias, n[3], y);
    backend_dense_backward(d->b, n[0], n[1], n[2], x, dy, dw, dbias);
    planes_out(d, &out, y);
    planes_out(d, &out, dy);
    floats_out(d, n[2] * n[1], dw);
    floats_out(d, n[2], dbias);
    d->b->ops->release(d->b, x);
    d->b->ops->release(d->b, w);
    d->b->ops->release(d->b, bias);
}

static void run_rows(struct side *d, const size_t *n)
{
    float *x = draw_floats(d, n[0] * n[2]), *y = zeros(d, n[0] * (n[1] + 1));

    d->b->ops->dropout(d->b, n[0], n[1], n[2], 7, 0.3, 99, x);
    d->b->ops->copy(d->b, n[0], n[1], x, n[2], y, n[1] + 1);
    floats_out(d, n[0] * n[2], x);
    floats_out(d, n[0] * (n[1] + 1), y);
}

/* n: rows, dimension, rows of the table, most ids a row */
static void run_bag(struct side *d, const size_t *n)
{
    uint32_t offset[512] = { 0 }, id[8192];
    float *table = draw_floats(d, n[2] * n[1]), *weight, *out;
    void *offsets, *ids;
    size_t i, j = 0;

    for (i = 0; i < n[0]; i++) {
        size_t more = random_below(&dice, n[3] + 1);

        while (more-- > 0)
            id[j++] = (uint32_t)random_below(&dice, n[2]);
        offset[i + 1] = (uint32_t)j;
    }
    offsets = bytes_in(d, offset, (n[0] + 1) * sizeof *offset);
    ids = bytes_in(d, id, j * sizeof *id);
    weight = draw_floats(d, j);
    out = zeros(d, n[0] * (n[1] + 5));
    d->b->ops->bag(d->b, n[0], n[1], j, offsets, ids, weight, table, n[1], out,
                   n[1] + 5);
    floats_out(d, n[0] * (n[1] + 5), out);
    d->b->ops->release(d->b, offsets);
    d->b->ops->release(d->b, ids);
    d->b->ops->release(d->b, weight);
    d->b->ops->release(d->b, table);
}

static void *draw_lengths(const struct side *d, size_t rows, size_t most)
{
    uint32_t length[512];
    size_t i;

    for (i = 0; i < rows; i++)
        length[i] = 1 + (uint32_t)random_below(&dice, most);
    return bytes_in(d, length, rows * sizeof *length);
}

static void run_lstm(struct side *d, const size_t *n)
{
    struct shape state = { n[0], n[1], 1, 1 };
    size_t stride = d->b->ops->stride(d->b, n[1]);
    void *length = draw_lengths(d, n[0], 3);
    float *gates = draw_floats(d, n[0] * 4 * n[1]);
    float *c0 = draw_planes(d, &state), *h0 = draw_planes(d, &state);
    float *c1 = planes_in(d, &state, NULL), *h1 = planes_in(d, &state, NULL);
    float *dh = draw_planes(d, &state), *dc = draw_planes(d, &state);

    d->b->ops->lstm_forward(d->b, n[0], n[1], 1, length, gates, 4 * n[1], c0,
                            h0, c1, h1, stride);
    d->b->ops->lstm_backward(d->b, n[0], n[1], 1, length, gates, 4 * n[1], c0,
                             c1, stride, dh, dc);
    planes_out(d, &state, c1);
    planes_out(d, &state, h1);
    planes_out(d, &state, dh);
    planes_out(d, &state, dc);
    floats_out(d, n[0] * 4 * n[1], gates);
    d->b->ops->release(d->b, c0);
    d->b->ops->release(d->b, h0);
    d->b->ops->release(d->b, length);
}

/* n: rows, columns, positions, window */
static void run_peak(struct side *d, const size_t *n)
{
    struct shape lines = { n[0] * n[2], n[1], 1, 1 };
    void *length = draw_lengths(d, n[0], n[2]);
    float *x = draw_planes(d, &lines), *out = zeros(d, n[0] * (n[1] + 1));
    float *dout = draw_floats(d, n[0] * (n[1] + 1));
    uint32_t *where = d->b->ops->allocate(d->b, n[0] * n[1] * sizeof *where);

    d->b->ops->peak_forward(d->b, n[0], n[2], n[3], length, n[1], x, out,
                            n[1] + 1, where);
    d->b->ops->peak_backward(d->b, n[0], n[2], n[1], where, dout, n[1] + 1, x);
    floats_out(d, n[0] * (n[1] + 1), out);
    planes_out(d, &lines, x);
    d->b->ops->release(d->b, dout);
    d->b->ops->release(d->b, where);
    d->b->ops->release(d->b, length);
}

/* n: rows, outputs, smoothing and focus in tenths, whether weighted */
static void run_loss(struct side *d, const size_t *n)
{
    struct shape logits = { n[0], n[1], 1, 1 };
    float *logit = draw_planes(d, &logits), labels[512], weights[64];
    size_t classes = n[1] > 1 ? n[1] : 2, i;
    float *dlogit = planes_in(d, &logits, NULL), *label, *weight;
    struct loss l = { .outputs = n[1],
                      .smoothing = (double)n[2] / 10,
                      .focus = (double)n[3] / 10 };
    double sum = 2, *sums = bytes_in(d, &sum, sizeof sum);

    for (i = 0; i < n[0]; i++)
        labels[i] = (float)random_below(&dice, classes);
    for (i = 0; i < classes; i++)
        weights[i] = 0.5F + (float)random_uniform(&dice);
    label = bytes_in(d, labels, n[0] * sizeof *labels);
    weight = bytes_in(d, weights, classes * sizeof *weights);
    l.weight = n[4] ? weight : NULL;
    d->b->ops->loss(d->b, &l, n[0], logit, label, 0.5F, dlogit, sums);
    double_out(d, sums);
    planes_out(d, &logits, dlogit);
    d->b->ops->release(d->b, logit);
    d->b->ops->release(d->b, label);
    d->b->ops->release(d->b, weight);
}

/* A step whose gradient is cut to half its length or so. */
static struct update step_of(const size_t *n, const double *squares)
{
    return (struct update){ .adam = n[2],
                            .trust = n[3],
                            .lr = 0.1F,
                            .clip = 30,
                            .squares = squares,
                            .decay = n[4] ? 0.1F : 0,
                            .shrink = n[4] ? 0 : 0.1F,
                            .momentum = 0.9F,
                            .beta1 = 0.9F,
                            .beta2 = 0.99F,
                            .epsilon = 1e-3F,
                            .correction1 = 0.2F,
                            .correction2 = 0.02F };
}

/* n: rows, dimension; adam, none, shrink and decay */
static void run_update(struct side *d, const size_t *n)
{
    size_t count = n[0] * n[1], all = 2 * count, i;
    double *squares = d->b->ops->allocate(d->b, sizeof *squares);
    struct update u = step_of(n, squares);
    float *value = draw_floats(d, all), *grad = draw_floats(d, count);
    float *m = draw_floats(d, all), *v = zeros(d, all);
    uint32_t id[512];
    void *ids;

    for (i = 0; i < n[0]; i++)
        id[i] = (uint32_t)(2 * i + random_below(&dice, 2));
    ids = bytes_in(d, id, n[0] * sizeof *id);
    d->b->ops->squares(d->b, count, grad, squares);
    d->b->ops->update(d->b, &u, n[0], ids, n[1], value, grad, m, v);
    double_out(d, squares);
    floats_out(d, all, value);
    floats_out(d, all, m);
    floats_out(d, all, v);
    d->b->ops->release(d->b, grad);
    d->b->ops->release(d->b, ids);
}

/* n: spans, longest; adam, trust, shrink and decay. Every other span decays. */
static void run_update_all(struct side *d, const size_t *n)
{
    double *squares = d->b->ops->allocate(d->b, sizeof *squares);
    struct update u = step_of(n, squares);
    struct span span[16];
    size_t all = 0, i;
    float *value, *grad, *m, *v;

    for (i = 0; i < n[0]; i++) {
        size_t count = i == 0 ? n[1] : 1 + random_below(&dice, n[1] / 8);

        span[i] = (struct span){ all, count, i % 2 == 0 };
        all += count;
    }
    value = draw_floats(d, all), grad = draw_floats(d, all);
    m = draw_floats(d, all), v = zeros(d, all);
    d->b->ops->squares(d->b, all, grad, squares);
    d->b->ops->update_all(d->b, &u, n[0], span, value, grad, m, v);
    u.clip = 0; /* and once more, over the same spans */
    d->b->ops->update_all(d->b, &u, n[0], span, value, grad, m, v);
    double_out(d, squares);
    floats_out(d, all, value);
    floats_out(d, all, m);
    floats_out(d, all, v);
    d->b->ops->release(d->b, grad);
}

static const struct operation {
    const char *name;
    void (*run)(struct side *d, const size_t *n);
    size_t n[6];
} operations[] = {
    { "convolution of pixels", run_conv, { 3, 3, 16, 8, 8, 1 } },
    { "convolution of pixels, odd", run_conv, { 2, 3, 5, 7, 6, 1 } },
    { "convolution", run_conv, { 2, 16, 32, 8, 8, 0 } },
    { "convolution, odd", run_conv, { 3, 20, 7, 5, 3, 0 } },
    { "batch norm", run_norm, { 5, 33, 6, 7, 1 } },
    { "batch norm, no ReLU", run_norm, { 3, 8, 4, 4, 0 } },
    { "batch norm, many places", run_norm, { 40, 3, 16, 16, 1 } },
    { "batch norm of a matrix", run_norm, { 300, 70, 1, 1, 1 } },
    { "bias", run_bias, { 3, 18, 5, 3, 1 } },
    { "bias of a matrix", run_bias, { 70, 1, 1, 1, 0 } },
    { "residual sum", run_add, { 3, 18, 4, 3, 18 } },
    { "residual sum to more channels", run_add, { 3, 34, 4, 3, 17 } },
    { "residual sum to fewer channels", run_add, { 3, 5, 4, 3, 20 } },
    { "pooling", run_pool, { 3, 20, 6, 8 } },
    { "pooling, odd", run_pool, { 2, 19, 5, 7 } },
    { "pixels", run_pixels, { 1000 } },
    { "product", run_gemm, { 17, 9, 33, 0, 0, 0 } },
    { "product, A transposed, added", run_gemm, { 17, 9, 33, 1, 0, 1 } },
    { "product, B transposed", run_gemm, { 8, 64, 40, 0, 1, 0 } },
    { "product, both transposed", run_gemm, { 5, 1, 70, 1, 1, 0 } },
    { "dense layer", run_dense, { 50, 24, 16, 1 } },
    { "dense layer, odd, no ReLU", run_dense, { 33, 13, 1, 0 } },
    { "dropout and copy", run_rows, { 50, 33, 40 } },
    { "bag", run_bag, { 37, 16, 50, 6 } },
    { "bag, long", run_bag, { 7, 5, 3, 400 } },
    { "bag of nothing", run_bag, { 4, 8, 3, 0 } },
    { "lstm", run_lstm, { 19, 12 } },
    { "maximum over time", run_peak, { 9, 21, 7, 3 } },
    { "log loss", run_loss, { 33, 1, 0, 0, 0 } },
    { "log loss, smoothed, weighted", run_loss, { 33, 1, 1, 0, 1 } },
    { "softmax", run_loss, { 20, 7, 0, 0, 0 } },
    { "focal softmax, smoothed, weighted", run_loss, { 20, 9, 1, 20, 1 } },
    { "adam", run_update_all, { 7, 9000, 1, 0, 1 } },
    { "adamw, by rows", run_update, { 30, 7, 1, 0, 0 } },
    { "adamw, one span", run_update_all, { 1, 4096, 1, 0, 0 } },
    { "lamb", run_update_all, { 5, 9000, 1, 1, 0 } },
    { "sgd", run_update_all, { 6, 5000, 0, 0, 1 } },
    { "sgd, by rows", run_update, { 30, 8, 0, 0, 1 } },
};

/* --- comparing ----------------------------------------------------------------------- */

static void play(struct side *d, const struct operation *o)
{
    random_seed(&dice, 7, (uint64_t)(o - operations));
    d->count = 0;
    o->run(d, o->n);
}

/* The length of the difference by that of the reference. */
static double distance(const struct side *a, const struct side *b)
{
    double difference = 0, length = 0;
    size_t i;

    for (i = 0; i < a->count; i++) {
        difference += pow((double)b->result[i] - (double)a->result[i], 2);
        length += pow((double)a->result[i], 2);
    }
    return sqrt(difference / (length > 0 ? length : 1));
}

static void check(const struct operation *o, double tolerance)
{
    struct error err = ERROR_INIT;
    double far;
    bool same, right;

    play(&reference, o);
    play(&candidate, o);
    again.count = 0;
    play(&again, o);
    far = distance(&reference, &candidate);
    same = candidate.count == again.count &&
           memcmp(candidate.result, again.result,
                  again.count * sizeof *again.result) == 0;
    right = reference.count == candidate.count && reference.count > 0 &&
            far <= tolerance && backend_check(candidate.b, &err) == 0;
    tests++;
    failures += !(right && same);
    printf("%sok %d - %s: %.1e\n", right && same ? "" : "not ", tests, o->name,
           far);
    if (!same)
        printf("# not the same bits twice\n");
    if (err.kind != ERROR_NONE)
        printf("# %s\n", err.what);
}

int main(int argc, char **argv)
{
    static const double tolerance[] = { 2e-5, 2e-3, 2e-2 };
    struct error err = ERROR_INIT;
    size_t i;

    if (argc != 3) {
        fprintf(stderr, "usage: %s REFERENCE CANDIDATE[:PRECISION]\n", argv[0]);
        return 2;
    }
    reference.b = open_named(argv[1], &reference.precision, &err);
    candidate.b = open_named(argv[2], &candidate.precision, &err);
    reference.result = calloc(MOST, sizeof(float));
    candidate.result = calloc(MOST, sizeof(float));
    again = candidate;
    again.result = calloc(MOST, sizeof(float));
    if (!reference.b || !candidate.b || !reference.result ||
        !candidate.result || !again.result)
        return error_print(&err, "ops");
    for (i = 0; i < sizeof operations / sizeof *operations; i++)
        check(&operations[i], tolerance[candidate.precision]);
    printf("1..%d\n", tests);
    backend_destroy(reference.b);
    backend_destroy(candidate.b);
    free(reference.result), free(candidate.result), free(again.result);
    return failures > 0;
}
