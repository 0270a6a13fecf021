/* Every operation of the CPU backend against its definition in double
 * precision: outputs to one in 10^5, gradients against central differences of
 * the definition (good to 10^-8 themselves) to one in 10^4.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "trainer/backend/backend.h"

/* A plain array [rows][channels][height][width] in double precision. */
struct plain {
    struct shape s;
    double *at;
};

static struct backend *b, *bf16_b; /* in fp32, in bf16 */

static size_t size_of(const struct shape *s)
{
    return s->rows * s->channels * s->height * s->width;
}

static struct plain plain_new(struct shape s)
{
    struct plain p = { s, calloc(size_of(&s), sizeof(double)) };

    assert_non_null(p.at);
    return p;
}

static struct plain plain_random(struct shape s, uint64_t seed)
{
    struct plain p = plain_new(s);
    struct random r;
    size_t i;

    random_seed(&r, seed, 0);
    for (i = 0; i < size_of(&s); i++)
        p.at[i] = (double)(float)random_normal(&r);
    return p;
}

static double *cell(const struct plain *p, size_t n, size_t c, size_t y,
                    size_t x)
{
    const struct shape *s = &p->s;

    return &p->at[((n * s->channels + c) * s->height + y) * s->width + x];
}

/* Where the backend keeps a value: blocks of 16 channels. */
static size_t blocked(const struct shape *s, size_t n, size_t c, size_t y,
                      size_t x)
{
    size_t blocks = b->ops->stride(b, s->channels) / 16;

    return (((n * blocks + c / 16) * s->height + y) * s->width + x) * 16 +
           c % 16;
}

static float *to_backend(const struct plain *p)
{
    float *out = b->ops->allocate(b, b->ops->floats(b, &p->s) * sizeof *out);
    size_t n, c, y, x;

    assert_non_null(out);
    for (n = 0; n < p->s.rows; n++)
        for (c = 0; c < p->s.channels; c++)
            for (y = 0; y < p->s.height; y++)
                for (x = 0; x < p->s.width; x++)
                    out[blocked(&p->s, n, c, y, x)] =
                        (float)*cell(p, n, c, y, x);
    return out;
}

static float *backend_new(const struct shape *s)
{
    return b->ops->allocate(b, b->ops->floats(b, s) * sizeof(float));
}

static void expect_close(const char *what, double got, double want,
                         double tolerance)
{
    if (!(fabs(got - want) <= tolerance * (1 + fabs(want))))
        fail_msg("%s: %.9g, not %.9g", what, got, want);
}

static void expect_equal(const char *what, const float *got,
                         const struct plain *want, double tolerance)
{
    size_t n, c, y, x;

    for (n = 0; n < want->s.rows; n++)
        for (c = 0; c < want->s.channels; c++)
            for (y = 0; y < want->s.height; y++)
                for (x = 0; x < want->s.width; x++)
                    expect_close(what,
                                 (double)got[blocked(&want->s, n, c, y, x)],
                                 *cell(want, n, c, y, x), tolerance);
}

/* The derivative of sum(weight * f(input)) by one input value. */
typedef void (*definition)(const struct plain *in, struct plain *out,
                           const void *with);

static double weighed(definition f, const struct plain *in,
                      const struct plain *weight, const void *with)
{
    struct plain out = plain_new(weight->s);
    double sum = 0;
    size_t i;

    f(in, &out, with);
    for (i = 0; i < size_of(&out.s); i++)
        sum += out.at[i] * weight->at[i];
    free(out.at);
    return sum;
}

static double slope(definition f, const struct plain *in,
                    const struct plain *weight, const void *with, double *value)
{
    double kept = *value, h = 1e-5, up, down;

    *value = kept + h;
    up = weighed(f, in, weight, with);
    *value = kept - h;
    down = weighed(f, in, weight, with);
    *value = kept;
    return (up - down) / (2 * h);
}

/* --- convolution ----------------------------------------------------------- */

/* A box of places: from, and up to but without. */
struct box {
    size_t n[2], c[2], y[2], x[2];
};

/* Outputs outside the box are left alone: one that an input does not reach
 * cancels out of its slope, and to compute all of them for each slope takes
 * minutes. */
struct conv_with {
    const double *w;
    struct box box;
};

static double conv_at(const struct plain *in, const double *w, size_t n,
                      size_t o, size_t y, size_t x)
{
    double sum = 0;

    for (size_t i = 0; i < in->s.channels; i++)
        for (size_t ky = 0; ky < 3; ky++)
            for (size_t kx = 0; kx < 3; kx++)
                if (y + ky >= 1 && y + ky <= in->s.height && x + kx >= 1 &&
                    x + kx <= in->s.width)
                    sum += *cell(in, n, i, y + ky - 1, x + kx - 1) *
                           w[((o * in->s.channels + i) * 3 + ky) * 3 + kx];
    return sum;
}

static void define_conv(const struct plain *in, struct plain *out,
                        const void *with)
{
    const struct conv_with *c = with;
    const struct box *box = &c->box;

    for (size_t n = box->n[0]; n < box->n[1]; n++)
        for (size_t o = box->c[0]; o < box->c[1]; o++)
            for (size_t y = box->y[0]; y < box->y[1]; y++)
                for (size_t x = box->x[0]; x < box->x[1]; x++)
                    *cell(out, n, o, y, x) = conv_at(in, c->w, n, o, y, x);
}

static struct box everywhere(const struct shape *s)
{
    return (struct box){
        { 0, s->rows }, { 0, s->channels }, { 0, s->height }, { 0, s->width }
    };
}

/* From one before 'at' to one after it, inside 'size'. */
static void around(size_t span[2], size_t at, size_t size)
{
    span[0] = at > 0 ? at - 1 : 0;
    span[1] = at + 2 < size ? at + 2 : size;
}

static void check_conv(size_t in, size_t out, size_t size, bool plain_input,
                       bool bf16)
{
    struct conv_shape cs = { in, out, size, size, plain_input };
    struct backend *k = bf16 ? bf16_b : b;
    double good = bf16 ? 0.3 : in >= 32 ? 1e-4 : 1e-5; /* Winograd: 4 digits */
    double fine = bf16 ? 0.3 : 1e-4;
    struct shape xs = { 2, in, size, size }, ys = { 2, out, size, size };
    struct plain x = plain_random(xs, 1), y = plain_new(ys);
    struct plain dy = plain_random(ys, 2);
    struct plain w = plain_random((struct shape){ out, in, 3, 3 }, 3);
    float *fx =
        plain_input ? malloc(size_of(&xs) * sizeof *fx) : to_backend(&x);
    float *fy = backend_new(&ys), *fdy = to_backend(&dy);
    float *fdx = backend_new(&xs), *fw = malloc(size_of(&w.s) * sizeof *fw);
    float *fdw = calloc(size_of(&w.s), sizeof *fdw);
    struct conv_with with = { w.at, everywhere(&ys) };
    struct error err = ERROR_INIT;
    struct conv *c = k->ops->conv_create(k, &cs, &err);
    size_t i;

    assert_non_null(c);
    for (i = 0; i < size_of(&w.s); i++)
        fw[i] = (float)w.at[i];
    for (i = 0; plain_input && i < size_of(&xs); i++)
        fx[i] = (float)x.at[i];
    k->ops->conv_forward(c, 2, fx, fw, fy);
    k->ops->conv_backward_weights(c, 2, fx, fdy, fdw);
    define_conv(&x, &y, &with);
    expect_equal("conv", fy, &y, good);
    for (i = 0; i < size_of(&w.s); i += 7) {
        with.box.c[0] = i / (in * 9);
        with.box.c[1] = with.box.c[0] + 1;
        expect_close("conv, weights", (double)fdw[i],
                     slope(define_conv, &x, &dy, &with, &w.at[i]), fine);
    }
    with.box = everywhere(&ys);
    if (!plain_input) {
        k->ops->conv_backward_data(c, 2, fdy, fw, fdx);
        for (i = 0; i < size_of(&xs); i += 5) {
            size_t at = i, px = at % size, py = at / size % size;
            size_t pc = at / size / size % in, pn = at / size / size / in;

            with.box.n[0] = pn, with.box.n[1] = pn + 1;
            around(with.box.y, py, size);
            around(with.box.x, px, size);
            expect_close("conv, data",
                         (double)fdx[blocked(&xs, pn, pc, py, px)],
                         slope(define_conv, &x, &dy, &with, &x.at[i]), fine);
        }
    }
    assert_int_equal(backend_check(k, &err), 0);
    k->ops->conv_destroy(c);
    free(x.at), free(y.at), free(dy.at), free(w.at);
    free(fx), free(fy), free(fdy), free(fdx), free(fw), free(fdw);
}

static void test_convolution(void **state)
{
    (void)state;
    check_conv(3, 16, 8, true, false);
    check_conv(3, 5, 6, true, false);
    check_conv(16, 32, 8, false, false);
    check_conv(20, 7, 5, false, false);
    check_conv(4, 4, 3, false, false);
    check_conv(32, 64, 8, false, false);
    check_conv(3, 16, 8, true, true);
    check_conv(20, 37, 6, false, true);
}

/* --- batch norm and bias --------------------------------------------------- */

struct norm_with {
    const double *gamma, *beta;
    bool relu;
};

static void define_norm(const struct plain *in, struct plain *out,
                        const void *with)
{
    const struct norm_with *w = with;
    const struct shape *s = &in->s;
    double count = (double)(s->rows * s->height * s->width);
    size_t n, c, y, x;

    for (c = 0; c < s->channels; c++) {
        double sum = 0, squares = 0, mean, deviation;

        for (n = 0; n < s->rows; n++)
            for (y = 0; y < s->height; y++)
                for (x = 0; x < s->width; x++)
                    sum += *cell(in, n, c, y, x);
        mean = sum / count;
        for (n = 0; n < s->rows; n++)
            for (y = 0; y < s->height; y++)
                for (x = 0; x < s->width; x++)
                    squares += pow(*cell(in, n, c, y, x) - mean, 2);
        deviation = sqrt(squares / count + 1e-5);
        for (n = 0; n < s->rows; n++)
            for (y = 0; y < s->height; y++)
                for (x = 0; x < s->width; x++) {
                    double value = (*cell(in, n, c, y, x) - mean) / deviation *
                                       w->gamma[c] +
                                   w->beta[c];

                    *cell(out, n, c, y, x) = w->relu ? fmax(value, 0) : value;
                }
    }
}

static void check_norm(struct shape s, bool relu)
{
    struct plain x = plain_random(s, 4), y = plain_new(s);
    struct plain dy = plain_random(s, 5);
    struct plain gamma = plain_random((struct shape){ 1, s.channels, 1, 1 }, 6);
    struct plain beta = plain_random(gamma.s, 7);
    struct norm_with with = { gamma.at, beta.at, relu };
    double count = (double)(s.rows * s.height * s.width);
    size_t n = s.channels, i, c;
    double *sums = calloc(2 * n, sizeof *sums);
    float *fx = to_backend(&x), *fy = backend_new(&s), *fdy = to_backend(&dy);
    float *g = calloc(2 * n, sizeof *g), *be = calloc(n, sizeof *be);
    float *running = calloc(2 * n, sizeof *running);
    float *saved = calloc(2 * n, sizeof *saved);
    float *dg = calloc(n, sizeof *dg), *db = calloc(n, sizeof *db);

    for (c = 0; c < n; c++) {
        g[c] = (float)gamma.at[c];
        be[c] = (float)beta.at[c];
    }
    b->ops->norm_moments(b, &s, fx, sums);
    b->ops->norm_forward(b, &s, fx, sums, count, g, be, relu, running, saved,
                         fy);
    define_norm(&x, &y, &with);
    expect_equal("norm", fy, &y, 2e-5);
    b->ops->norm_gradient_sums(b, &s, fx, fdy, g, be, saved, relu, dg, db,
                               sums);
    b->ops->norm_backward(b, &s, fx, fdy, g, be, saved, relu, sums, count, fdy);
    for (c = 0; c < n; c++) {
        expect_close("norm, gamma", (double)dg[c],
                     slope(define_norm, &x, &dy, &with, &gamma.at[c]), 1e-4);
        expect_close("norm, beta", (double)db[c],
                     slope(define_norm, &x, &dy, &with, &beta.at[c]), 1e-4);
        expect_close("norm, running mean", (double)running[c],
                     0.1 * (double)saved[c], 1e-6);
    }
    for (i = 0; i < size_of(&s); i += 3) {
        size_t px = i % s.width, py = i / s.width % s.height;
        size_t pc = i / s.width / s.height % n, pn = i / s.width / s.height / n;

        expect_close("norm, x", (double)fdy[blocked(&s, pn, pc, py, px)],
                     slope(define_norm, &x, &dy, &with, &x.at[i]), 1e-4);
    }
    free(x.at), free(y.at), free(dy.at), free(gamma.at), free(beta.at);
    free(sums), free(fx), free(fy), free(fdy), free(g), free(be);
    free(running), free(saved), free(dg), free(db);
}

static void test_batch_norm(void **state)
{
    (void)state;
    check_norm((struct shape){ 3, 5, 4, 4 }, true);
    check_norm((struct shape){ 2, 17, 3, 2 }, false);
    check_norm((struct shape){ 9, 33, 1, 1 }, true);
}

static void test_inference_norm_uses_the_running_numbers(void **state)
{
    struct shape s = { 2, 2, 1, 1 };
    float x[64] = { [0] = 3, [1] = -1, [16] = 5, [17] = 7 }, y[64];
    const float gamma[] = { 2, 1 }, beta[] = { 1, -4 };
    const float running[] = { 1, 3, 4 - 1e-5F, 1 - 1e-5F };

    (void)state;
    b->ops->norm_inference(b, &s, x, gamma, beta, running, true, y);
    expect_close("row 0, channel 0", (double)y[0], 3, 1e-6);
    expect_close("row 0, channel 1", (double)y[1], 0, 1e-6);
    expect_close("row 1, channel 0", (double)y[16], 5, 1e-6);
    expect_close("row 1, channel 1", (double)y[17], 0, 1e-6);
}

static void define_bias(const struct plain *in, struct plain *out,
                        const void *with)
{
    const struct norm_with *w = with;
    size_t i, places = in->s.height * in->s.width;

    for (i = 0; i < size_of(&in->s); i++) {
        double value = in->at[i] + w->beta[i / places % in->s.channels];

        out->at[i] = w->relu ? fmax(value, 0) : value;
    }
}

static void test_bias(void **state)
{
    struct shape s = { 3, 18, 2, 3 };
    struct plain x = plain_random(s, 8), y = plain_new(s);
    struct plain dy = plain_random(s, 9);
    struct plain beta = plain_random((struct shape){ 1, 18, 1, 1 }, 10);
    struct norm_with with = { NULL, beta.at, true };
    float *fx = to_backend(&x), *fdy = to_backend(&dy), bias[18], dbias[18];
    size_t c;

    (void)state;
    for (c = 0; c < 18; c++)
        bias[c] = (float)beta.at[c];
    b->ops->bias_forward(b, &s, fx, bias, true, fx);
    define_bias(&x, &y, &with);
    expect_equal("bias", fx, &y, 1e-6);
    b->ops->bias_backward(b, &s, fx, fdy, true, dbias, fdy);
    for (c = 0; c < 18; c++) {
        expect_close("bias, gradient", (double)dbias[c],
                     slope(define_bias, &x, &dy, &with, &beta.at[c]), 1e-5);
        expect_close("bias, x", (double)fdy[blocked(&s, 1, c, 1, 2)],
                     slope(define_bias, &x, &dy, &with, cell(&x, 1, c, 1, 2)),
                     1e-6);
    }
    free(x.at), free(y.at), free(dy.at), free(beta.at), free(fx), free(fdy);
}

struct pass {
    double sums[2][2 * 20];
    float dbias[20], *y, *dx;
    uint8_t *where;
};

/* Rows so unlike that the order in which they are added up is seen. */
static struct plain plain_uneven(struct shape s, uint64_t seed)
{
    struct plain p = plain_random(s, seed);

    for (size_t i = 0; i < size_of(&s); i++)
        p.at[i] = ldexp(p.at[i], (int)(i / (size_of(&s) / s.rows)) % 5 * 12);
    return p;
}

/* What threads share, once there and back. */
static struct pass run_pass(int threads)
{
    const struct shape s = { 37, 20, 6, 8 };
    struct plain x = plain_uneven(s, 21), dy = plain_uneven(s, 22);
    float *fx = to_backend(&x), *fdy = to_backend(&dy);
    float gamma[20], beta[20], running[40] = { 0 }, saved[40], dgamma[20];
    struct pass p = { .y = backend_new(&s), .dx = backend_new(&s) };
    struct error err = ERROR_INIT;
    struct backend *c =
        backend_cpu(&(struct backend_options){ .threads = threads }, &err);

    assert_non_null(c);
    p.where = calloc(size_of(&s) * 2, 1);
    for (size_t k = 0; k < 20; k++) {
        gamma[k] = 1 + (float)k / 16;
        beta[k] = (float)k / 32;
    }
    c->ops->norm_moments(c, &s, fx, p.sums[0]);
    c->ops->norm_forward(c, &s, fx, p.sums[0], 37 * 48, gamma, beta, true,
                         running, saved, p.y);
    c->ops->norm_gradient_sums(c, &s, fx, fdy, gamma, beta, saved, true, dgamma,
                               p.dbias, p.sums[1]);
    c->ops->norm_backward(c, &s, fx, fdy, gamma, beta, saved, true, p.sums[1],
                          37 * 48, p.dx);
    c->ops->add(c, &s, 20, p.dx, true, p.y);
    c->ops->bias_backward(c, &s, p.y, fdy, true, p.dbias, p.dx);
    c->ops->max_forward(c, &s, p.y, fx, p.where);
    c->ops->max_backward(c, &s, fx, p.where, p.y);
    backend_destroy(c);
    free(x.at), free(dy.at), free(fx), free(fdy);
    return p;
}

static void test_bits_do_not_depend_on_the_threads(void **state)
{
    const struct shape s = { 37, 32, 6, 8 }; /* with the lanes of no channel */
    struct pass several = run_pass(3), one = run_pass(1);

    (void)state;
    assert_memory_equal(one.sums, several.sums, sizeof one.sums);
    assert_memory_equal(one.dbias, several.dbias, sizeof one.dbias);
    assert_memory_equal(one.y, several.y, size_of(&s) * sizeof *one.y);
    assert_memory_equal(one.dx, several.dx, size_of(&s) * sizeof *one.dx);
    assert_memory_equal(one.where, several.where, size_of(&s) / 4);
    free(one.y), free(one.dx), free(one.where);
    free(several.y), free(several.dx), free(several.where);
}

/* Sums of a block and what goes around it, of fewer and of more channels; the
 * lanes of no channel stay zero. */
static void test_residual_sums(void **state)
{
    struct shape few = { 2, 20, 2, 3 }, many = { 2, 37, 2, 3 };
    struct plain x = plain_random(few, 20), y = plain_random(many, 21);
    float *fx = to_backend(&x), *fy = to_backend(&y), *fd = to_backend(&y);
    size_t i, c;

    (void)state;
    b->ops->add(b, &many, few.channels, fx, true, fy);
    for (i = 0; i < 6; i++)
        for (c = 0; c < 37; c++) {
            double sum = *cell(&y, 1, c, i / 3, i % 3) +
                         (c < 20 ? *cell(&x, 1, c, i / 3, i % 3) : 0);

            expect_close("sum", (double)fy[blocked(&many, 1, c, i / 3, i % 3)],
                         fmax(sum, 0), 1e-6);
        }
    b->ops->relu_backward(b, &many, fy, fd);
    expect_close("passed on", (double)fd[blocked(&many, 1, 3, 1, 2)],
                 fy[blocked(&many, 1, 3, 1, 2)] > 0 ? *cell(&y, 1, 3, 1, 2) : 0,
                 1e-6);
    b->ops->add(b, &few, many.channels, fd, false, fx);
    expect_close(
        "back", (double)fx[blocked(&few, 1, 19, 1, 2)],
        *cell(&x, 1, 19, 1, 2) + (double)fd[blocked(&many, 1, 19, 1, 2)], 1e-6);
    assert_true(fx[blocked(&few, 1, 20, 1, 2)] == 0);
    free(x.at), free(y.at), free(fx), free(fy), free(fd);
}

/* --- pooling --------------------------------------------------------------- */

static void define_max(const struct plain *in, struct plain *out,
                       const void *with)
{
    size_t n, c, y, x;

    (void)with;
    for (n = 0; n < out->s.rows; n++)
        for (c = 0; c < out->s.channels; c++)
            for (y = 0; y < out->s.height; y++)
                for (x = 0; x < out->s.width; x++)
                    *cell(out, n, c, y, x) =
                        fmax(fmax(*cell(in, n, c, 2 * y, 2 * x),
                                  *cell(in, n, c, 2 * y, 2 * x + 1)),
                             fmax(*cell(in, n, c, 2 * y + 1, 2 * x),
                                  *cell(in, n, c, 2 * y + 1, 2 * x + 1)));
}

static void define_mean(const struct plain *in, struct plain *out,
                        const void *with)
{
    size_t places = in->s.height * in->s.width, i;

    (void)with;
    memset(out->at, 0, size_of(&out->s) * sizeof *out->at);
    for (i = 0; i < size_of(&in->s); i++)
        out->at[i / places] += in->at[i] / (double)places;
}

static void test_pooling(void **state)
{
    struct shape s = { 2, 19, 5, 4 }, half = { 2, 19, 2, 2 };
    struct shape flat = { 2, 19, 1, 1 };
    struct plain x = plain_random(s, 11), dy = plain_random(half, 12);
    struct plain y = plain_new(half), mean = plain_new(flat);
    struct plain dmean = plain_random(flat, 13);
    float *fx = to_backend(&x), *fy = backend_new(&half), *dx = to_backend(&x);
    float *fdy = to_backend(&dy), *fmean = backend_new(&flat);
    float *fdmean = to_backend(&dmean);
    uint8_t where[2 * 32 * 4];
    size_t i;

    (void)state;
    b->ops->max_forward(b, &s, fx, fy, where);
    define_max(&x, &y, NULL);
    expect_equal("maximum", fy, &y, 0);
    b->ops->max_backward(b, &s, fdy, where, dx);
    for (i = 0; i < size_of(&s); i++)
        expect_close(
            "maximum, x",
            (double)dx[blocked(&s, i / 380, i / 20 % 19, i / 4 % 5, i % 4)],
            slope(define_max, &x, &dy, NULL, &x.at[i]), 1e-5);
    b->ops->mean_forward(b, &s, fx, fmean, 32);
    define_mean(&x, &mean, NULL);
    expect_equal("mean", fmean, &mean, 1e-6);
    b->ops->mean_backward(b, &s, fdmean, 32, dx);
    for (i = 0; i < size_of(&s); i++)
        expect_close(
            "mean, x",
            (double)dx[blocked(&s, i / 380, i / 20 % 19, i / 4 % 5, i % 4)],
            slope(define_mean, &x, &dmean, NULL, &x.at[i]), 1e-5);
    free(x.at), free(dy.at), free(y.at), free(mean.at), free(dmean.at);
    free(fx), free(fy), free(dx), free(fdy), free(fmean), free(fdmean);
}

/* --- matrices -------------------------------------------------------------- */

static void test_gemm_all_ways(void **state)
{
    enum { M = 3, N = 4, K = 5 };
    struct plain a = plain_random((struct shape){ 1, 1, M, K }, 14);
    struct plain w = plain_random((struct shape){ 1, 1, K, N }, 15);
    float fa[K * M], fw[K * N], c[M * 6];
    size_t way, i, j, k;

    (void)state;
    for (way = 0; way < 4; way++) {
        bool ta = way & 1, tb = way & 2;

        for (i = 0; i < M; i++)
            for (k = 0; k < K; k++)
                fa[ta ? k * M + i : i * K + k] = (float)a.at[i * K + k];
        for (k = 0; k < K; k++)
            for (j = 0; j < N; j++)
                fw[tb ? j * K + k : k * N + j] = (float)w.at[k * N + j];
        memset(c, 0, sizeof c);
        b->ops->gemm(b, ta, tb, M, N, K, fa, ta ? M : K, fw, tb ? K : N, 0, c,
                     6);
        for (i = 0; i < M; i++)
            for (j = 0; j < N; j++) {
                double want = 0;

                for (k = 0; k < K; k++)
                    want += a.at[i * K + k] * w.at[k * N + j];
                expect_close("gemm", (double)c[i * 6 + j], want, 1e-6);
                assert_true(c[i * 6 + 4] == 0 && c[i * 6 + 5] == 0);
            }
    }
    free(a.at), free(w.at);
}

/* A rank without rows has a gradient of zeros; what was added up before stays. */
static void test_gemm_of_no_rows(void **state)
{
    const float before[] = { 1, 2, 3, 4, 5, 6 }, after[] = { 0, 0, 3, 0, 0, 6 };
    float c[6], none[2] = { 0 };

    (void)state;
    memcpy(c, before, sizeof c);
    b->ops->gemm(b, true, false, 2, 2, 0, none, 2, none, 2, 1, c, 3);
    assert_memory_equal(c, before, sizeof c);
    b->ops->gemm(b, true, false, 2, 2, 0, none, 2, none, 2, 0, c, 3);
    assert_memory_equal(c, after, sizeof c);
}

static void test_bags_add_up_weighted_rows(void **state)
{
    const uint32_t offset[] = { 0, 2, 2, 3 }, id[] = { 4, 1, 4 };
    const float weight[] = { 0.5F, 2, 3 };
    const uint32_t start[] = { 0, 2, 3 }, user[] = { 0, 2, 0 };
    const float share[] = { 0.5F, 3, 2 };
    float table[15], out[12] = { 0 }, dout[12], grad[6];
    size_t i;

    (void)state;
    for (i = 0; i < 15; i++)
        table[i] = (float)i;
    for (i = 0; i < 12; i++)
        dout[i] = (float)i;
    b->ops->bag(b, 3, 3, 3, offset, id, weight, table, 3, out, 4);
    for (i = 0; i < 3; i++) {
        assert_true(out[i] == 0.5F * table[12 + i] + 2 * table[3 + i]);
        assert_true(out[4 + i] == 0);
        assert_true(out[8 + i] == 3 * table[12 + i]);
    }
    b->ops->bag(b, 2, 3, 3, start, user, share, dout, 4, grad, 3);
    for (i = 0; i < 3; i++) {
        assert_true(grad[i] == 0.5F * dout[i] + 3 * dout[8 + i]);
        assert_true(grad[3 + i] == 2 * dout[i]);
    }
}

static void test_dropout_keeps_the_mean_and_knows_its_rows(void **state)
{
    enum { ROWS = 200, COLUMNS = 50 };
    float *x = calloc(ROWS * 64, sizeof *x), *part = calloc(64, sizeof *part);
    size_t kept = 0, i, k;

    (void)state;
    for (i = 0; i < ROWS; i++)
        for (k = 0; k < COLUMNS; k++)
            x[i * 64 + k] = 1;
    for (k = 0; k < COLUMNS; k++)
        part[k] = 1;
    b->ops->dropout(b, ROWS, COLUMNS, 64, 0, 0.3, 99, x);
    for (i = 0; i < ROWS; i++)
        for (k = 0; k < COLUMNS; k++) {
            assert_true(x[i * 64 + k] == 0 ||
                        fabsf(x[i * 64 + k] - 1 / 0.7F) < 1e-6F);
            kept += x[i * 64 + k] > 0;
        }
    /* 10,000 draws: the share is within 4.4 deviations of 0.7 */
    expect_close("kept", (double)kept / (ROWS * COLUMNS), 0.7, 0.012);
    b->ops->dropout(b, 1, COLUMNS, 64, 150, 0.3, 99, part);
    assert_memory_equal(part, x + 150 * 64, COLUMNS * sizeof *part);
    free(x), free(part);
}

static void test_copy(void **state)
{
    const float from[] = { 1, 2, 0, 3, 4, 0 };
    float to[8] = { [2] = 9 };

    (void)state;
    b->ops->copy(b, 2, 2, from, 3, to, 4);
    assert_true(to[0] == 1 && to[1] == 2 && to[2] == 9 && to[4] == 3 &&
                to[5] == 4);
}

/* --- updates --------------------------------------------------------------- */

/* One array, which decays. */
static void update_whole(const struct update *u, size_t count, float *w,
                         const float *g, float *m, float *v)
{
    const struct span span = { 0, count, true };

    b->ops->update_all(b, u, 1, &span, w, g, m, v);
}

/* Adam by its definition, in double precision; the gradient is cut to half. */
static void test_adam_and_its_rows(void **state)
{
    enum { COUNT = 37 };
    const double squares = 16;
    struct update u = { .adam = true,
                        .lr = 0.01F,
                        .clip = 2,
                        .squares = &squares,
                        .decay = 0.1F,
                        .beta1 = 0.9F,
                        .beta2 = 0.99F,
                        .epsilon = 1e-8F };
    double w[COUNT], m[COUNT] = { 0 }, v[COUNT] = { 0 };
    float fw[COUNT], fg[COUNT], fm[COUNT] = { 0 }, fv[COUNT] = { 0 };
    float table[3 * COUNT] = { 0 }, tm[3 * COUNT] = { 0 };
    float tv[3 * COUNT] = { 0 };
    const uint32_t id[] = { 2 };
    int t, i;

    (void)state;
    for (i = 0; i < COUNT; i++)
        fw[i] = table[2 * COUNT + i] = (float)(w[i] = sin(i));
    for (t = 1; t <= 5; t++) {
        u.correction1 = (float)(1 - pow(0.9, t));
        u.correction2 = (float)(1 - pow(0.99, t));
        for (i = 0; i < COUNT; i++) {
            double g;

            fg[i] = (float)cos(i * t);
            g = cos(i * t) * 0.5 + 0.1 * w[i];
            m[i] = 0.9 * m[i] + 0.1 * g;
            v[i] = 0.99 * v[i] + 0.01 * g * g;
            w[i] -= 0.01 * (m[i] / (1 - pow(0.9, t))) /
                    (sqrt(v[i] / (1 - pow(0.99, t))) + 1e-8);
        }
        update_whole(&u, COUNT, fw, fg, fm, fv);
        b->ops->update(b, &u, 1, id, COUNT, table, fg, tm, tv);
    }
    for (i = 0; i < COUNT; i++) {
        expect_close("adam", (double)fw[i], w[i], 1e-5);
        assert_true(table[2 * COUNT + i] == fw[i]);
        assert_true(table[i] == 0 && table[COUNT + i] == 0);
    }
}

static void test_adamw_and_sgd(void **state)
{
    struct update adamw = { .adam = true,
                            .lr = 0.1F,
                            .shrink = 0.5F,
                            .beta1 = 0.9F,
                            .beta2 = 0.999F,
                            .epsilon = 1e-8F,
                            .correction1 = 0.1F,
                            .correction2 = 0.001F };
    struct update sgd = { .lr = 0.1F, .momentum = 0.5F };
    float w = 2, g = 3, m = 0, v = 0;

    (void)state;
    /* the first step of Adam goes lr against the sign */
    update_whole(&adamw, 1, &w, &g, &m, &v);
    expect_close("adamw", (double)w, 2 * 0.95 - 0.1, 1e-5);
    w = 2;
    m = 4;
    update_whole(&sgd, 1, &w, &g, &m, &v);
    expect_close("sgd", (double)w, 2 - 0.1 * (0.5 * 4 + 3), 1e-6);
}

/* LAMB's first step. */
static const struct update first_of_lamb = { .adam = true,
                                             .trust = true,
                                             .lr = 0.1F,
                                             .shrink = 0.5F,
                                             .beta1 = 0.9F,
                                             .beta2 = 0.999F,
                                             .epsilon = 1e-12F,
                                             .correction1 = 0.1F,
                                             .correction2 = 0.001F };

/* The step has the length of the array times the rate, and Adam's way. */
static void test_lamb(void **state)
{
    struct update u = first_of_lamb;
    float w[2] = { 3, 4 }, g[2] = { 7, -2 }, m[2] = { 0 }, v[2] = { 0 };
    double want[2] = { 1 + 0.5 * 3, -1 + 0.5 * 4 };
    double length = sqrt(want[0] * want[0] + want[1] * want[1]);

    (void)state;
    update_whole(&u, 2, w, g, m, v);
    expect_close("lamb", (double)w[0], 3 - 0.1 * 5 / length * want[0], 1e-5);
    expect_close("lamb", (double)w[1], 4 - 0.1 * 5 / length * want[1], 1e-5);
}

/* What decays nowhere takes Adam's step; spans beside each other are apart. */
static void test_spans(void **state)
{
    const struct span span[] = { { 0, 2, true }, { 2, 1, false } };
    struct update u = first_of_lamb;
    float w[3] = { 3, 4, 5 }, g[3] = { 7, -2, 9 }, m[3] = { 0 }, v[3] = { 0 };
    float alone[2] = { 3, 4 }, m1[2] = { 0 }, v1[2] = { 0 };

    (void)state;
    update_whole(&u, 2, alone, g, m1, v1);
    b->ops->update_all(b, &u, 2, span, w, g, m, v);
    assert_memory_equal(w, alone, sizeof alone);
    expect_close("adam", (double)w[2], 5 - 0.1, 1e-5);
}

static void test_sum_of_squares(void **state)
{
    float x[100];
    double want = 0, sum = 0;
    int i;

    (void)state;
    for (i = 0; i < 100; i++) {
        x[i] = (float)i / 8;
        want += (double)x[i] * (double)x[i];
    }
    b->ops->squares(b, 100, x, &sum);
    assert_true(sum == want);
    b->ops->squares(b, 0, x, &sum);
    assert_true(sum == want);
    b->ops->squares(b, 100, x, &sum); /* it grows */
    assert_true(sum == 2 * want);
}

static int start(void **state)
{
    struct error err = ERROR_INIT;

    (void)state;
    b = backend_cpu(&(struct backend_options){ .threads = 1 }, &err);
    bf16_b = backend_cpu(
        &(struct backend_options){ .threads = 1, .precision = PRECISION_BF16 },
        &err);
    return b && bf16_b ? 0 : -1;
}

static int end(void **state)
{
    (void)state;
    backend_destroy(b);
    backend_destroy(bf16_b);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_convolution),
        cmocka_unit_test(test_batch_norm),
        cmocka_unit_test(test_inference_norm_uses_the_running_numbers),
        cmocka_unit_test(test_bias),
        cmocka_unit_test(test_pooling),
        cmocka_unit_test(test_bits_do_not_depend_on_the_threads),
        cmocka_unit_test(test_gemm_all_ways),
        cmocka_unit_test(test_gemm_of_no_rows),
        cmocka_unit_test(test_bags_add_up_weighted_rows),
        cmocka_unit_test(test_dropout_keeps_the_mean_and_knows_its_rows),
        cmocka_unit_test(test_copy),
        cmocka_unit_test(test_residual_sums),
        cmocka_unit_test(test_lamb),
        cmocka_unit_test(test_spans),
        cmocka_unit_test(test_adam_and_its_rows),
        cmocka_unit_test(test_adamw_and_sgd),
        cmocka_unit_test(test_sum_of_squares),
    };
    return cmocka_run_group_tests(tests, start, end);
}
