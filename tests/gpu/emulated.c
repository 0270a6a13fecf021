/* emulated: stands in for gpu.c, blas.c and dnn.c where there is no GPU: memory
 * is the host's, products and convolutions are plain loops. What of the backend
 * is ours runs as it is.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "trainer/backend/cuda/cuda.h"
#include "trainer/backend/cuda/dnn.h"

/* --- gpu.h ------------------------------------------------------------------ */

/* $EMULATED_CAPABILITY is its compute capability, 90 if unset; what is newer
 * there is no code for. */
void gpu_look(int local, struct gpu_facts *f)
{
    const char *asked = getenv("EMULATED_CAPABILITY");
    int capability = asked ? (int)strtol(asked, NULL, 10) : 90;

    (void)local;
    *f = (struct gpu_facts){ .devices = 1,
                             .driver = 13000,
                             .runtime = 13000,
                             .name = "emulated",
                             .major = capability / 10,
                             .minor = capability % 10,
                             .runs_our_code = capability <= 90 };
}

int gpu_use(int device, struct error *err)
{
    (void)device, (void)err;
    return 0;
}

void *gpu_stream_create(struct error *e)
{
    static int stream;

    (void)e;
    return &stream;
}

void gpu_stream_destroy(void *stream)
{
    (void)stream;
}

void gpu_wait(void *stream, struct error *e)
{
    (void)stream, (void)e;
}

void gpu_watch(void (*check)(struct error *e))
{
    (void)check;
}

void *gpu_event_create(struct error *e)
{
    return gpu_stream_create(e);
}

void gpu_event_destroy(void *event)
{
    (void)event;
}

void gpu_mark(void *event, void *stream, struct error *e)
{
    (void)event, (void)stream, (void)e;
}

void gpu_event_wait(void *event, struct error *e)
{
    (void)event, (void)e;
}

void gpu_follow(void *stream, void *before, void *event, struct error *e)
{
    (void)stream, (void)before, (void)event, (void)e;
}

void *gpu_allocate(size_t bytes, struct error *e)
{
    void *memory = aligned_alloc(256, (bytes + 256) / 256 * 256);

    if (!memory)
        error_memory(e);
    else
        memset(memory, 0xff, bytes); /* NaN: nothing may rely on zeros */
    return memory;
}

void gpu_release(void *memory)
{
    free(memory);
}

void *gpu_pinned_allocate(size_t bytes, struct error *e)
{
    return gpu_allocate(bytes, e);
}

void gpu_pinned_release(void *memory)
{
    free(memory);
}

void gpu_upload(void *to, const void *from, size_t bytes, void *stream,
                struct error *e)
{
    (void)stream, (void)e;
    memcpy(to, from, bytes);
}

void gpu_download(void *to, const void *from, size_t bytes, void *stream,
                  struct error *e)
{
    (void)stream, (void)e;
    memcpy(to, from, bytes);
}

void gpu_move(void *to, const void *from, size_t bytes, void *stream,
              struct error *e)
{
    (void)stream, (void)e;
    memcpy(to, from, bytes);
}

void gpu_zero(void *memory, size_t bytes, void *stream, struct error *e)
{
    (void)stream, (void)e;
    memset(memory, 0, bytes);
}

/* emulator.cc */
void emulate_entry(const void *entry, unsigned blocks, unsigned threads,
                   void **argument);

void gpu_launch(const struct gpu_kernel *k, void *stream, struct error *e)
{
    (void)stream;
    if (e->kind == ERROR_NONE)
        emulate_entry(k->entry, k->blocks, k->threads, (void **)k->argument);
}

/* --- blas.c ------------------------------------------------------------------ */

struct blas {
    int unused;
};

struct blas *blas_create(enum precision precision, struct error *err)
{
    struct blas *b = calloc(1, sizeof *b);

    (void)precision;
    if (!b)
        error_memory(err);
    return b;
}

void blas_destroy(struct blas *b)
{
    free(b);
}

/* A product to be done: no gaps, see queue_work(). */
struct multiplication {
    size_t transpose_a, transpose_b, m, n, k, lda, ldb, ldc;
    const float *a, *b;
    float *c;
    const float *bias; /* or NULL */
    double beta;
    size_t relu;
};

static void multiply(const void *arguments, void *stream, struct error *e)
{
    const struct multiplication *p = arguments;
    size_t i, j, l;

    (void)stream, (void)e;
    for (i = 0; i < p->m; i++)
        for (j = 0; j < p->n; j++) {
            float *c = &p->c[i * p->ldc + j];
            float sum = p->beta != 0 ? (float)p->beta * *c : 0;

            for (l = 0; l < p->k; l++)
                sum += p->a[p->transpose_a ? l * p->lda + i : i * p->lda + l] *
                       p->b[p->transpose_b ? j * p->ldb + l : l * p->ldb + j];
            sum += p->bias ? p->bias[j] : 0;
            *c = p->relu && sum < 0 ? 0 : sum;
        }
}

static void give(struct backend *b, const struct multiplication *p)
{
    queue_work(&cuda_of(b)->queue, &(struct gpu_work){ multiply, p, sizeof *p },
               &b->failure);
}

void cuda_gemm(struct backend *b, bool transpose_a, bool transpose_b, size_t m,
               size_t n, size_t k, const float *a_, size_t lda, const float *b_,
               size_t ldb, float beta, float *c, size_t ldc)
{
    const struct multiplication p = {
        transpose_a, transpose_b, m,  n, k,    lda,          ldb,
        ldc,         a_,          b_, c, NULL, (double)beta, 0
    };

    give(b, &p);
}

bool cuda_dense_forward(struct backend *b, size_t rows, size_t in, size_t out,
                        const float *x, const float *w, const float *bias,
                        bool relu, float *y)
{
    const struct multiplication p = { false, true,
                                      rows,  out,
                                      in,    cuda_channels(in),
                                      in,    cuda_channels(out),
                                      x,     w,
                                      y,     bias,
                                      0,     relu };

    give(b, &p);
    return true;
}

/* As where cuBLASLt has no product with such an end. */
bool cuda_dense_backward(struct backend *b, size_t rows, size_t in, size_t out,
                         const float *x, float *dy, float *dw, float *dbias)
{
    (void)b, (void)rows, (void)in, (void)out;
    (void)x, (void)dy, (void)dw, (void)dbias;
    return false;
}

/* --- dnn.h: fp32 or bf16 -------------------------------------------------------- */

enum { TAPS = 9 };

struct dnn {
    int unused;
};

struct dnn_plan {
    struct dnn_problem p;
};

struct dnn *dnn_create(const char *device, struct error *err)
{
    struct dnn *d = calloc(1, sizeof *d);

    (void)device;
    if (!d)
        error_memory(err);
    return d;
}

void dnn_destroy(struct dnn *d)
{
    free(d);
}

struct dnn_plan *dnn_plan_create(struct dnn *d, const struct dnn_problem *p,
                                 struct error *err)
{
    struct dnn_plan *plan = calloc(1, sizeof *plan);

    (void)d;
    if (plan)
        plan->p = *p;
    else
        error_memory(err);
    return plan;
}

void dnn_plan_destroy(struct dnn_plan *p)
{
    free(p);
}

size_t dnn_plan_workspace(const struct dnn_plan *p)
{
    (void)p;
    return 0;
}

static float get(const struct dnn_problem *p, const void *array, size_t at)
{
    uint32_t bits;
    float value;

    if (p->type != DNN_BF16)
        return ((const float *)array)[at];
    bits = (uint32_t)((const uint16_t *)array)[at] << 16;
    memcpy(&value, &bits, sizeof value);
    return value;
}

static void put(const struct dnn_problem *p, void *array, size_t at,
                float value)
{
    uint32_t bits;

    memcpy(&bits, &value, sizeof bits);
    if (p->type != DNN_BF16)
        ((float *)array)[at] = value;
    else
        ((uint16_t *)array)[at] =
            (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

/* A pass adds up products, each of a value of two of the arrays, in the third:
 * those of output place 'at' and input place 'from', 'tap' of the nine between. */
static void add_products(const struct dnn_problem *p, size_t at, size_t from,
                         size_t tap, const void *input, const void *weights,
                         const void *output, float *sum)
{
    size_t o, i;

    for (o = 0; o < p->out; o++)
        for (i = 0; i < p->in; i++) {
            size_t in = from * p->in + i, out = at * p->out + o;
            size_t w = (o * TAPS + tap) * p->in + i;

            if (p->pass == DNN_FORWARD)
                sum[out] += get(p, input, in) * get(p, weights, w);
            else if (p->pass == DNN_BACKWARD_DATA)
                sum[in] += get(p, output, out) * get(p, weights, w);
            else
                sum[w] += get(p, output, out) * get(p, input, in);
        }
}

int dnn_plan_run(struct dnn *d, const struct dnn_plan *plan, void *input,
                 void *weights, void *output, void *workspace, void *stream,
                 struct error *err)
{
    const struct dnn_problem *p = &plan->p;
    size_t places = p->rows * p->height * p->width, at, tap;
    size_t counts[] = { places * p->out, places * p->in,
                        p->out * p->in * TAPS };
    void *written[] = { output, input, weights };
    float *sum = calloc(counts[p->pass] + 1, sizeof *sum);

    (void)d, (void)workspace, (void)stream;
    if (!sum)
        return error_memory(err);
    for (at = 0; at < places; at++)
        for (tap = 0; tap < TAPS; tap++) {
            size_t y = at / p->width % p->height + tap / 3 - 1;
            size_t x = at % p->width + tap % 3 - 1;

            if (y < p->height && x < p->width)
                add_products(p, at, at + (tap / 3 - 1) * p->width + tap % 3 - 1,
                             tap, input, weights, output, sum);
        }
    for (at = 0; at < counts[p->pass]; at++)
        put(p, written[p->pass], at, sum[at]);
    free(sum);
    return 0;
}
