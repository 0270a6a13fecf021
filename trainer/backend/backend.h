/* backend: the arithmetic of training, as a table of operations.
 *
 * Models are written against this table alone, so a device is one more table.
 * Memory comes from allocate() and is touched only by operations, upload() and
 * download(): it may lie on a device.
 *
 * An activation is 'rows' examples of 'channels' planes of height x width
 * floats, in the backend's own layout; floats() tells its size. With 1 x 1
 * planes it is a row-major matrix whose rows are stride(channels) floats
 * apart; the places between channels and stride stay zero.
 *
 * Operations return nothing: a failure is put down in 'failure' and sticks,
 * later operations may do nothing, and the loop asks backend_check() once a
 * step. Sums over rows run in a fixed order: the same input gives the same
 * bits.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BACKEND_BACKEND_H
#define TRAINER_BACKEND_BACKEND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct backend;
struct conv; /* a backend's own */

struct shape {
    size_t rows, channels, height, width;
};

/* A 3x3 convolution, stride 1, padding 1, without bias. */
struct conv_shape {
    size_t in, out, height, width;
    bool plain_input; /* the input is [rows][in][height][width], as load_image
                         writes it, and needs no gradient */
};

/* Batch norm adds this to a variance. */
#define NORM_EPSILON 1e-5

/* What is minimised: the sum over rows and classes k of
 * weight[label] q[k] (1 - p[k])^focus (-ln p[k]), where q is 1 for the label
 * and 0 else, smoothed (Szegedy et al. 2016) by 'smoothing' / classes; 'focus'
 * is gamma of the focal loss (Lin et al. 2017), and 0 gives the log loss. */
struct loss {
    size_t outputs; /* 1: p[1] is the sigmoid of the logit; else the softmax */
    double smoothing, focus;
    const float *weight; /* [classes], or NULL: all 1 */
};

/* One step of an optimiser, for each value w with gradient g (as long as 'clip' at most):
 * Adam (Kingma & Ba 2015), AdamW (Loshchilov & Hutter 2019), SGD with
 * momentum (Sutskever et al. 2013). With 'trust', for whole arrays, the step of
 * Adam and 'shrink' together is brought to the array's own length (LAMB, You et
 * al. 2020). */
struct update {
    bool adam; /* else sgd: m = momentum m + g; w -= lr m */
    bool trust;
    float lr;
    float clip;            /* the largest norm of the gradient; 0: any */
    const double *squares; /* its norm's square, in the backend's memory; not
                              looked at without 'clip' */
    float decay;           /* added to the gradient: g += decay w */
    float shrink;          /* apart from it: w -= lr shrink w */
    float momentum;
    float beta1, beta2, epsilon;
    float correction1, correction2; /* 1 - beta^t */
};

/* A part of an array, and whether weights decay there. */
struct span {
    size_t first, count;
    bool decay;
};

struct backend_ops {
    const char *name;
    void (*destroy)(struct backend *b);

    /* Zeroed memory, or NULL; release(NULL) is fine. */
    void *(*allocate)(struct backend *b, size_t bytes);
    void (*release)(struct backend *b, void *memory);
    void (*upload)(struct backend *b, void *to, const void *from, size_t bytes);
    void (*download)(struct backend *b, void *to, const void *from,
                     size_t bytes);
    void (*zero)(struct backend *b, void *memory, size_t bytes);

    /* Around a step of training, or NULL: see backend_begin_step(). */
    void (*begin_step)(struct backend *b);
    void (*end_step)(struct backend *b);

    size_t (*floats)(const struct backend *b, const struct shape *s);
    size_t (*stride)(const struct backend *b, size_t channels);

    /* Convolutions: weights [out][in][3][3]; dw is overwritten. create()
     * returns NULL with 'err'; any number of rows may be given later. */
    struct conv *(*conv_create)(struct backend *b, const struct conv_shape *s,
                                struct error *err);
    void (*conv_destroy)(struct conv *c);
    void (*conv_forward)(struct conv *c, size_t rows, const float *x,
                         const float *w, float *y);
    void (*conv_backward_data)(struct conv *c, size_t rows, const float *dy,
                               const float *w, float *dx);
    void (*conv_backward_weights)(struct conv *c, size_t rows, const float *x,
                                  const float *dy, float *dw);

    /* Pixels [rows][channels][height][width] to floats about -2..2, in the
     * same plain order. */
    void (*load_image)(struct backend *b, size_t count, const uint8_t *pixels,
                       float *out);

    /* Batch norm (Ioffe & Szegedy 2015) over rows and places, each channel by
     * itself, then ReLU where 'relu'. In training: moments() writes the sums
     * of x and x^2 (double [2][channels], to be summed over ranks), forward()
     * uses them as those of 'count' values, keeps mean and 1/deviation in
     * 'saved' [2][channels] and moves 'running' [2][channels] a tenth.
     * Backward: gradient_sums() writes dbeta, dgamma and the sums (again to be
     * summed), backward() uses them. */
    void (*norm_moments)(struct backend *b, const struct shape *s,
                         const float *x, double *sums);
    void (*norm_forward)(struct backend *b, const struct shape *s,
                         const float *x, const double *sums, double count,
                         const float *gamma, const float *beta, bool relu,
                         float *running, float *saved, float *y);
    void (*norm_inference)(struct backend *b, const struct shape *s,
                           const float *x, const float *gamma,
                           const float *beta, const float *running, bool relu,
                           float *y);
    void (*norm_gradient_sums)(struct backend *b, const struct shape *s,
                               const float *x, const float *dy,
                               const float *gamma, const float *beta,
                               const float *saved, bool relu, float *dgamma,
                               float *dbeta, double *sums);
    void (*norm_backward)(struct backend *b, const struct shape *s,
                          const float *x, const float *dy, const float *gamma,
                          const float *beta, const float *saved, bool relu,
                          const double *sums, double count, float *dx);

    /* y = x + bias of the channel, then ReLU where 'relu'; 'y' may be 'x'.
     * Backward: dbias and dx from dy and y; 'dx' may be 'dy'. */
    void (*bias_forward)(struct backend *b, const struct shape *s,
                         const float *x, const float *bias, bool relu,
                         float *y);
    void (*bias_backward)(struct backend *b, const struct shape *s,
                          const float *y, const float *dy, bool relu,
                          float *dbias, float *dx);

    /* y += x over the channels both have, then ReLU where 'relu': the end of a
     * residual block. 's' is the shape of y, 'channels' how many x has. */
    void (*add)(struct backend *b, const struct shape *s, size_t channels,
                const float *x, bool relu, float *y);

    /* dy = 0 where y is not above 0. */
    void (*relu_backward)(struct backend *b, const struct shape *s,
                          const float *y, float *dy);

    /* Maximum over 2x2 (an odd last line or column is left out); 's' is the
     * input's shape, 'where' one byte an output float. */
    void (*max_forward)(struct backend *b, const struct shape *s,
                        const float *x, float *y, uint8_t *where);
    void (*max_backward)(struct backend *b, const struct shape *s,
                         const float *dy, const uint8_t *where, float *dx);

    /* Mean over the places of each plane, to rows of a matrix. */
    void (*mean_forward)(struct backend *b, const struct shape *s,
                         const float *x, float *out, size_t stride);
    void (*mean_backward)(struct backend *b, const struct shape *s,
                          const float *dout, size_t stride, float *dx);

    /* Row-major C = A B + beta C, with A (m x k) and B (k x n) transposed as
     * told; lda, ldb, ldc are distances of rows as stored. */
    void (*gemm)(struct backend *b, bool transpose_a, bool transpose_b,
                 size_t m, size_t n, size_t k, const float *a_, size_t lda,
                 const float *b_, size_t ldb, float beta, float *c, size_t ldc);

    /* A layer of neurons in one go, or NULL: see backend_dense_forward(). False:
     * not this layer, and nothing was done. */
    bool (*dense_forward)(struct backend *b, size_t rows, size_t in, size_t out,
                          const float *x, const float *w, const float *bias,
                          bool relu, float *y);
    bool (*dense_backward)(struct backend *b, size_t rows, size_t in,
                           size_t out, const float *x, float *dy, float *dw,
                           float *dbias);

    /* Copy a matrix whose rows are 'from_step' floats apart to one with rows
     * 'to_step' apart. */
    void (*copy)(struct backend *b, size_t rows, size_t columns,
                 const float *from, size_t from_step, float *to,
                 size_t to_step);

    /* One position of a long short-term memory (Hochreiter & Schmidhuber 1997;
     * the bias of the forget gate is 1 more than given, Jozefowicz et al. 2015)
     * for all rows: gates i, f, g, o of 'units' columns each, as sums on entry
     * and as activations afterwards; c0, h0 the state before, c1, h1 after.
     * Where 'position' is not below the row's length the state is carried on.
     * Backward: from activations to the gradient of the sums; dh and dc, [rows]
     * [stride(units)], are those of the state after on entry and before on
     * return, but for what reaches h0 through the gates: there dh is 0. */
    void (*lstm_forward)(struct backend *b, size_t rows, size_t units,
                         size_t position, const uint32_t *length, float *gates,
                         size_t gates_step, const float *c0, const float *h0,
                         float *c1, float *h1, size_t state_step);
    void (*lstm_backward)(struct backend *b, size_t rows, size_t units,
                          size_t position, const uint32_t *length, float *gates,
                          size_t gates_step, const float *c0, const float *c1,
                          size_t state_step, float *dh, float *dc);

    /* Maximum over time: of rows x positions lines of 'columns' floats, at
     * stride(columns), the largest among the lines t with t + window <= length
     * of the row, the first line in any case; 'where' [rows][columns] is the
     * first line that has it. Backward fills all lines of dx. */
    void (*peak_forward)(struct backend *b, size_t rows, size_t positions,
                         size_t window, const uint32_t *length, size_t columns,
                         const float *x, float *out, size_t out_step,
                         uint32_t *where);
    void (*peak_backward)(struct backend *b, size_t rows, size_t positions,
                          size_t columns, const uint32_t *where,
                          const float *dout, size_t out_step, float *dx);

    /* Drop each value of a matrix with probability 'rate', by (key, row,
     * column) alone, and divide the rest by 1 - rate; in place. The same call
     * on the gradient is its backward. */
    void (*dropout)(struct backend *b, size_t rows, size_t columns,
                    size_t stride, size_t first_row, double rate, uint64_t key,
                    float *x);

    /* Sums of rows: out[i] = sum of weight[j] table[id[j]] for offset[i] <= j <
     * offset[i + 1], 'count' ids in all; rows of 'table' are 'table_step' floats
     * apart, those of 'out' 'out_step'. Turned round (see lookup.h) it is its own
     * backward. */
    void (*bag)(struct backend *b, size_t rows, size_t dimension, size_t count,
                const uint32_t *offset, const uint32_t *id, const float *weight,
                const float *table, size_t table_step, float *out,
                size_t out_step);

    /* The loss of logits at stride(outputs), whose label is the number of a
     * class: *sum, in the backend's memory, grows by the sum over rows, dlogit
     * gets its derivative times 'scale'. */
    void (*loss)(struct backend *b, const struct loss *l, size_t rows,
                 const float *logit, const float *label, float scale,
                 float *dlogit, double *sum);

    /* *sum, in the backend's memory, grows by the sum of squares. */
    void (*squares)(struct backend *b, size_t count, const float *x,
                    double *sum);

    /* Apply 'u', without 'trust', to 'count' rows of 'dimension' values: rows
     * 'id' of value, m and v, and rows 0.. of grad. */
    void (*update)(struct backend *b, const struct update *u, size_t count,
                   const uint32_t *id, size_t dimension, float *value,
                   const float *grad, float *m, float *v);

    /* Apply 'u' to whole spans of arrays, which begin one behind the other; to
     * those where nothing decays without decay, shrink and trust. */
    void (*update_all)(struct backend *b, const struct update *u, size_t spans,
                       const struct span *span, float *value, const float *grad,
                       float *m, float *v);
};

/* The operations that compute: _(P, conv_create) _(P, conv_destroy) ... for a
 * backend whose functions are called P_conv_create() and so on. */
/* clang-format off */
#define BACKEND_ARITHMETIC(_, P)                                        \
    _(P, conv_create) _(P, conv_destroy) _(P, conv_forward)             \
    _(P, conv_backward_data) _(P, conv_backward_weights)                \
    _(P, load_image)                                                    \
    _(P, norm_moments) _(P, norm_forward) _(P, norm_inference)          \
    _(P, norm_gradient_sums) _(P, norm_backward)                        \
    _(P, bias_forward) _(P, bias_backward)                              \
    _(P, add) _(P, relu_backward)                                       \
    _(P, max_forward) _(P, max_backward)                                \
    _(P, mean_forward) _(P, mean_backward)                              \
    _(P, gemm) _(P, copy)                                               \
    _(P, lstm_forward) _(P, lstm_backward)                              \
    _(P, peak_forward) _(P, peak_backward)                              \
    _(P, dropout) _(P, bag) _(P, loss) _(P, squares) _(P, update)       \
    _(P, update_all)
/* clang-format on */

/* A prototype of each, as the table has it; an entry of the table. */
#define BACKEND_PROTOTYPE(P, name) \
    __typeof__(*((struct backend_ops *)0)->name) P##_##name;
#define BACKEND_ENTRY(P, name) .name = P##_##name,

struct backend {
    const struct backend_ops *ops;
    struct error failure; /* the first, if any */
};

/* How exact a backend that has the choice computes: fp32 as C's float; tf32
 * (cuda) rounds the factors of products to 10 bits; bf16 rounds the factors of
 * convolutions to 8 bits, where the machine can, and with cuda also those of
 * other products, and keeps activations of more than one place in 16 bits.
 * Weights, sums and optimisers stay fp32. */
enum precision { PRECISION_FP32, PRECISION_TF32, PRECISION_BF16 };

struct backend_options {
    int threads;              /* cpu */
    enum precision precision; /* one that the backend has */
    int local_rank; /* cuda: the number of this process among those of its
                       node, which each take a device of their own */
};

/* Open a backend by name: "cpu" (oneDNN and own loops), "cuda" (a
 * plug-in, see plugin.h) or "plain" (loops as the definitions say them: slow,
 * needs no library). NULL with 'err': kind USAGE when this machine or build
 * does not have it. */
struct backend *backend_open(const char *name, const struct backend_options *o,
                             struct error *err);
void backend_destroy(struct backend *b);

/* A step of training begins, and ends: a device may be given all of it at its
 * end. After a failure a step need not be ended. */
void backend_begin_step(struct backend *b);
void backend_end_step(struct backend *b);

/* y = x w' + bias, then ReLU where 'relu', for rows at the strides of 'in' and
 * 'out' and weights [out][in]. Backward: dw and dbias from the gradient before
 * ReLU; dx is gemm's. In one go where the backend can. */
void backend_dense_forward(struct backend *b, size_t rows, size_t in,
                           size_t out, const float *x, const float *w,
                           const float *bias, bool relu, float *y);
void backend_dense_backward(struct backend *b, size_t rows, size_t in,
                            size_t out, const float *x, float *dy, float *dw,
                            float *dbias);

/* The CPU's. NULL with 'err' when memory is out. */
struct backend *backend_cpu(const struct backend_options *o, struct error *err);

/* The plain one (plain/plain.h); 'o' is not looked at. NULL with 'err' when
 * memory is out. */
struct backend *backend_plain(const struct backend_options *o,
                              struct error *err);

/* What clipping leaves of the gradient, and 'u' as it is for a span; of the
 * host's memory. */
float update_scale(const struct update *u);
struct update update_for(const struct update *u, const struct span *s);

/* In the order of the enum, and the backends; both end with NULL. */
extern const char *const precision_names[];
extern const char *const backend_names[];

/* Whether the backend of this name has the choice of 'p'; all have fp32. */
bool backend_has(const char *name, enum precision p);

/* 0, or -1 with the failure copied to 'err'. */
int backend_check(const struct backend *b, struct error *err);

/* The version of oneDNN that is linked. */
const char *backend_dnnl_version(void);

#endif
