/* blas: the door to cuBLASLt: products, and dense layers, whose bias, ReLU and
 * bias's gradient are the end of a product (an epilogue) where it has that.
 *
 * It counts columns first, so a row-major C = A B is its C' = B' A'. What a
 * product needs is made once for each shape, and for how the arrays are aligned:
 * the matrix units want 16 bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <cublasLt.h>

#include "trainer/backend/cuda/cuda.h"

enum { PRODUCTS = 128, ALIGNMENT = 16 };
#define WORKSPACE ((size_t)32 << 20)

enum operand { A, B, C, OPERANDS };

struct shape_of {
    size_t m, n, k, step[OPERANDS];
    size_t transpose_a, transpose_b, adds;
    size_t aligned[OPERANDS]; /* to so many bytes */
    size_t epilogue;          /* cublasLtEpilogue_t */
};

struct product {
    struct shape_of key;
    bool none; /* cuBLASLt has none with this epilogue */
    cublasLtMatmulDesc_t how;
    cublasLtMatrixLayout_t a, b, c;
    cublasLtMatmulAlgo_t algorithm;
    bool ready;
};

struct blas {
    cublasLtHandle_t handle;
    cublasComputeType_t compute;
    void *workspace;
    struct product product[PRODUCTS];
    size_t next; /* to be replaced */
};

static void product_clear(struct product *p)
{
    if (p->how)
        cublasLtMatmulDescDestroy(p->how);
    if (p->a)
        cublasLtMatrixLayoutDestroy(p->a);
    if (p->b)
        cublasLtMatrixLayoutDestroy(p->b);
    if (p->c)
        cublasLtMatrixLayoutDestroy(p->c);
    memset(p, 0, sizeof *p);
}

struct blas *blas_create(enum precision precision, struct error *err)
{
    static const cublasComputeType_t computes[] = {
        CUBLAS_COMPUTE_32F, CUBLAS_COMPUTE_32F_FAST_TF32,
        CUBLAS_COMPUTE_32F_FAST_16BF
    };
    struct blas *b = calloc(1, sizeof *b);

    if (!b) {
        error_memory(err);
        return NULL;
    }
    b->compute = computes[precision];
    b->workspace = gpu_allocate(WORKSPACE, err);
    if (b->workspace && cublasLtCreate(&b->handle) == CUBLAS_STATUS_SUCCESS)
        return b;
    if (b->workspace)
        error_set(err, "cuBLASLt does not start");
    blas_destroy(b);
    return NULL;
}

void blas_destroy(struct blas *b)
{
    size_t i;

    if (!b)
        return;
    for (i = 0; i < PRODUCTS; i++)
        product_clear(&b->product[i]);
    if (b->handle)
        cublasLtDestroy(b->handle);
    gpu_release(b->workspace);
    free(b);
}

/* --- making a product ready ---------------------------------------------------- */

static cublasStatus_t layout(cublasLtMatrixLayout_t *l, size_t rows,
                             size_t columns, size_t step)
{
    return cublasLtMatrixLayoutCreate(l, CUDA_R_32F, rows, columns,
                                      (int64_t)step);
}

/* The matrices as they are stored, columns first: our B is its A. */
static cublasStatus_t make_layouts(struct product *p)
{
    const struct shape_of *s = &p->key;
    bool ta = s->transpose_a, tb = s->transpose_b;
    cublasStatus_t rc;

    rc = layout(&p->a, tb ? s->k : s->n, tb ? s->n : s->k, s->step[B]);
    if (rc == CUBLAS_STATUS_SUCCESS)
        rc = layout(&p->b, ta ? s->m : s->k, ta ? s->k : s->m, s->step[A]);
    if (rc == CUBLAS_STATUS_SUCCESS)
        rc = layout(&p->c, s->n, s->m, s->step[C]);
    return rc;
}

static cublasStatus_t set_how(struct product *p,
                              cublasLtMatmulDescAttributes_t what,
                              const void *value, size_t size)
{
    return cublasLtMatmulDescSetAttribute(p->how, what, value, size);
}

/* Its end, and the vector of it, whose alignment cuBLASLt looks at. */
static cublasStatus_t set_vector(struct product *p, const float *vector)
{
    return set_how(p, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &vector,
                   sizeof vector);
}

static cublasStatus_t make_how(struct product *p, cublasComputeType_t compute,
                               const float *vector)
{
    const uint32_t epilogue = (uint32_t)p->key.epilogue;
    cublasOperation_t a = p->key.transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N;
    cublasOperation_t b = p->key.transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N;
    cublasStatus_t rc = cublasLtMatmulDescCreate(&p->how, compute, CUDA_R_32F);

    if (rc == CUBLAS_STATUS_SUCCESS)
        rc = set_how(p, CUBLASLT_MATMUL_DESC_TRANSA, &a, sizeof a);
    if (rc == CUBLAS_STATUS_SUCCESS)
        rc = set_how(p, CUBLASLT_MATMUL_DESC_TRANSB, &b, sizeof b);
    if (rc == CUBLAS_STATUS_SUCCESS)
        rc = set_how(p, CUBLASLT_MATMUL_DESC_EPILOGUE, &epilogue,
                     sizeof epilogue);
    if (rc == CUBLAS_STATUS_SUCCESS && vector)
        rc = set_vector(p, vector);
    return rc;
}

static cublasStatus_t make_wish(cublasLtMatmulPreference_t *wish,
                                const struct shape_of *s)
{
    static const struct {
        cublasLtMatmulPreferenceAttributes_t name;
        enum operand operand;
    } alignments[] = {
        { CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, B },
        { CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, A },
        { CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, C },
        { CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, C },
    };
    const size_t most = WORKSPACE;
    cublasStatus_t rc = cublasLtMatmulPreferenceCreate(wish);
    size_t i;

    if (rc == CUBLAS_STATUS_SUCCESS)
        rc = cublasLtMatmulPreferenceSetAttribute(
            *wish, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &most,
            sizeof most);
    for (i = 0; i < sizeof alignments / sizeof *alignments; i++) {
        const uint32_t bytes = (uint32_t)s->aligned[alignments[i].operand];

        if (rc == CUBLAS_STATUS_SUCCESS)
            rc = cublasLtMatmulPreferenceSetAttribute(*wish, alignments[i].name,
                                                      &bytes, sizeof bytes);
    }
    return rc;
}

/* The first of cuBLASLt's proposals; what it adds up in pieces it adds up in an
 * order of its own, the same each time. */
static cublasStatus_t choose(struct blas *b, struct product *p)
{
    cublasLtMatmulHeuristicResult_t found;
    cublasLtMatmulPreference_t wish = NULL;
    cublasStatus_t rc = make_wish(&wish, &p->key);
    int count = 0;

    if (rc == CUBLAS_STATUS_SUCCESS)
        rc = cublasLtMatmulAlgoGetHeuristic(b->handle, p->how, p->a, p->b, p->c,
                                            p->c, wish, 1, &found, &count);
    if (rc == CUBLAS_STATUS_SUCCESS && count == 0)
        rc = CUBLAS_STATUS_NOT_SUPPORTED;
    if (rc == CUBLAS_STATUS_SUCCESS)
        p->algorithm = found.algo;
    if (wish)
        cublasLtMatmulPreferenceDestroy(wish);
    return rc;
}

static cublasStatus_t make(struct blas *b, struct product *p,
                           const struct shape_of *key, const float *vector)
{
    cublasStatus_t rc;

    product_clear(p);
    p->key = *key;
    rc = make_layouts(p);
    if (rc == CUBLAS_STATUS_SUCCESS)
        rc = make_how(p, b->compute, vector);
    if (rc == CUBLAS_STATUS_SUCCESS)
        rc = choose(b, p);
    p->none = rc != CUBLAS_STATUS_SUCCESS &&
              key->epilogue != CUBLASLT_EPILOGUE_DEFAULT;
    p->ready = rc == CUBLAS_STATUS_SUCCESS || p->none;
    return p->ready ? CUBLAS_STATUS_SUCCESS : rc;
}

/* What was noted may be of the product that makes room. */
static struct product *product_of(struct cuda *c, const struct shape_of *key,
                                  const float *vector)
{
    struct blas *b = c->blas;
    struct product *p;
    cublasStatus_t rc;
    size_t i;

    for (i = 0; i < PRODUCTS; i++)
        if (b->product[i].ready &&
            memcmp(&b->product[i].key, key, sizeof *key) == 0)
            return &b->product[i];
    p = &b->product[b->next];
    b->next = (b->next + 1) % PRODUCTS;
    if (p->ready)
        queue_give(&c->queue, &c->base.failure);
    rc = make(b, p, key, vector);
    if (rc == CUBLAS_STATUS_SUCCESS)
        return p;
    error_set(&c->base.failure,
              "cuBLASLt has no product of %zu x %zu x %zu: %s", key->m, key->n,
              key->k, cublasLtGetStatusString(rc));
    return NULL;
}

/* --- multiplying ---------------------------------------------------------------- */

/* A product to be done: no gaps, see queue_work(). The shape tells a product
 * apart from one that was in its place. */
struct multiplication {
    struct blas *blas;
    struct product *product;
    struct shape_of shape;
    const float *a, *b;
    float *c;
    const float *vector; /* of the epilogue, which may write it */
    double beta;
};

static void multiply(const void *arguments, void *stream, struct error *e)
{
    const struct multiplication *m = arguments;
    struct product *p = m->product;
    const float one = 1, beta = (float)m->beta;
    cublasStatus_t rc = CUBLAS_STATUS_SUCCESS;

    if (m->vector)
        rc = set_vector(p, m->vector);
    if (rc == CUBLAS_STATUS_SUCCESS)
        rc = cublasLtMatmul(m->blas->handle, p->how, &one, m->b, p->a, m->a,
                            p->b, &beta, m->c, p->c, m->c, p->c, &p->algorithm,
                            m->blas->workspace, WORKSPACE, stream);
    if (rc != CUBLAS_STATUS_SUCCESS)
        error_set(e, "cuBLASLt cannot multiply: %s",
                  cublasLtGetStatusString(rc));
}

/* To how many bytes all rows of a matrix are aligned, as far as it matters. */
static size_t alignment_of(const float *matrix, size_t step)
{
    uintptr_t bits = (uintptr_t)matrix | step * sizeof *matrix;
    size_t bytes = sizeof *matrix;

    while (bytes < ALIGNMENT && bits % (2 * bytes) == 0)
        bytes *= 2;
    return bytes;
}

/* False: there is no product with this epilogue, and nothing was done. */
static bool give(struct cuda *c, struct multiplication *m)
{
    const float *matrices[OPERANDS] = { m->a, m->b, m->c };
    int i;

    if (m->shape.m == 0 || m->shape.n == 0 ||
        c->base.failure.kind != ERROR_NONE)
        return true;
    for (i = 0; i < OPERANDS; i++)
        m->shape.aligned[i] = alignment_of(matrices[i], m->shape.step[i]);
    if (m->vector && alignment_of(m->vector, 0) < ALIGNMENT)
        return false;
    m->blas = c->blas;
    m->product = product_of(c, &m->shape, m->vector);
    if (m->product && m->product->none)
        return false;
    if (m->product)
        queue_work(&c->queue, &(struct gpu_work){ multiply, m, sizeof *m },
                   &c->base.failure);
    return true;
}

void cuda_gemm(struct backend *b, bool transpose_a, bool transpose_b, size_t m,
               size_t n, size_t k, const float *a_, size_t lda, const float *b_,
               size_t ldb, float beta, float *c, size_t ldc)
{
    struct multiplication product = {
        .shape = { m,
                   n,
                   k,
                   { lda, ldb, ldc },
                   transpose_a,
                   transpose_b,
                   beta != 0,
                   { 0 },
                   CUBLASLT_EPILOGUE_DEFAULT },
        .a = a_,
        .b = b_,
        .c = c,
        .beta = (double)beta,
    };

    give(cuda_of(b), &product);
}

bool cuda_dense_forward(struct backend *b, size_t rows, size_t in, size_t out,
                        const float *x, const float *w, const float *bias,
                        bool relu, float *y)
{
    size_t x_step = cuda_channels(in), y_step = cuda_channels(out);
    struct multiplication product = {
        .shape = { rows,
                   out,
                   in,
                   { x_step, in, y_step },
                   false,
                   true,
                   false,
                   { 0 },
                   relu ? CUBLASLT_EPILOGUE_RELU_BIAS
                        : CUBLASLT_EPILOGUE_BIAS },
        .a = x,
        .b = w,
        .c = y,
        .vector = bias,
    };

    return give(cuda_of(b), &product);
}

/* The sums of dy's columns are those of cuBLASLt's B, our A, over k. */
bool cuda_dense_backward(struct backend *b, size_t rows, size_t in, size_t out,
                         const float *x, float *dy, float *dw, float *dbias)
{
    size_t x_step = cuda_channels(in), y_step = cuda_channels(out);
    struct multiplication product = {
        .shape = { out,
                   in,
                   rows,
                   { y_step, x_step, in },
                   true,
                   false,
                   false,
                   { 0 },
                   CUBLASLT_EPILOGUE_BGRADB },
        .a = dy,
        .b = x,
        .c = dw,
        .vector = dbias,
    };

    return give(cuda_of(b), &product);
}
