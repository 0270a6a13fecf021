/* blas: the door to cuBLASLt.
 *
 * It counts columns first, so a row-major C = A B is its C' = B' A'. What a
 * product needs is made once for each shape.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <cublasLt.h>

#include "trainer/backend/cuda/cuda.h"

enum { PRODUCTS = 128 };
#define WORKSPACE ((size_t)32 << 20)

struct shape_of {
    size_t m, n, k, lda, ldb, ldc;
    size_t transpose_a, transpose_b, adds;
};

struct product {
    struct shape_of key;
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

/* The matrices as they are stored, columns first. */
static cublasStatus_t make_layouts(struct product *p)
{
    const struct shape_of *s = &p->key;
    bool ta = s->transpose_a, tb = s->transpose_b;
    cublasStatus_t rc;

    rc = layout(&p->a, tb ? s->k : s->n, tb ? s->n : s->k, s->ldb);
    if (rc == CUBLAS_STATUS_SUCCESS)
        rc = layout(&p->b, ta ? s->m : s->k, ta ? s->k : s->m, s->lda);
    if (rc == CUBLAS_STATUS_SUCCESS)
        rc = layout(&p->c, s->n, s->m, s->ldc);
    return rc;
}

static cublasStatus_t make_how(struct product *p, cublasComputeType_t compute)
{
    cublasOperation_t a = p->key.transpose_b ? CUBLAS_OP_T : CUBLAS_OP_N;
    cublasOperation_t b = p->key.transpose_a ? CUBLAS_OP_T : CUBLAS_OP_N;
    cublasStatus_t rc = cublasLtMatmulDescCreate(&p->how, compute, CUDA_R_32F);

    if (rc == CUBLAS_STATUS_SUCCESS)
        rc = cublasLtMatmulDescSetAttribute(p->how, CUBLASLT_MATMUL_DESC_TRANSA,
                                            &a, sizeof a);
    if (rc == CUBLAS_STATUS_SUCCESS)
        rc = cublasLtMatmulDescSetAttribute(p->how, CUBLASLT_MATMUL_DESC_TRANSB,
                                            &b, sizeof b);
    return rc;
}

/* The first of cuBLASLt's proposals; what it adds up in pieces it adds up in an
 * order of its own, the same each time. Rows may start at any float. */
static cublasStatus_t choose(struct blas *b, struct product *p)
{
    const uint32_t alignment = sizeof(float);
    const size_t most = WORKSPACE;
    cublasLtMatmulHeuristicResult_t found;
    cublasLtMatmulPreference_t wish = NULL;
    cublasStatus_t rc = cublasLtMatmulPreferenceCreate(&wish);
    int count = 0, i;

    if (rc == CUBLAS_STATUS_SUCCESS)
        rc = cublasLtMatmulPreferenceSetAttribute(
            wish, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &most, sizeof most);
    for (i = 0; i < 4 && rc == CUBLAS_STATUS_SUCCESS; i++)
        rc = cublasLtMatmulPreferenceSetAttribute(
            wish,
            (cublasLtMatmulPreferenceAttributes_t)(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES +
                                                   i),
            &alignment, sizeof alignment);
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
                           const struct shape_of *key)
{
    cublasStatus_t rc;

    product_clear(p);
    p->key = *key;
    rc = make_layouts(p);
    if (rc == CUBLAS_STATUS_SUCCESS)
        rc = make_how(p, b->compute);
    if (rc == CUBLAS_STATUS_SUCCESS)
        rc = choose(b, p);
    p->ready = rc == CUBLAS_STATUS_SUCCESS;
    return rc;
}

static struct product *product_of(struct cuda *c, const struct shape_of *key)
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
    rc = make(b, p, key);
    if (rc == CUBLAS_STATUS_SUCCESS)
        return p;
    error_set(&c->base.failure,
              "cuBLASLt has no product of %zu x %zu x %zu: %s", key->m, key->n,
              key->k, cublasLtGetStatusString(rc));
    return NULL;
}

void cuda_gemm(struct backend *b, bool transpose_a, bool transpose_b, size_t m,
               size_t n, size_t k, const float *a_, size_t lda, const float *b_,
               size_t ldb, float beta, float *c, size_t ldc)
{
    struct shape_of key = { m,   n,           k,           lda,      ldb,
                            ldc, transpose_a, transpose_b, beta != 0 };
    struct cuda *d = cuda_of(b);
    const float one = 1;
    struct product *p;
    cublasStatus_t rc;

    if (m == 0 || n == 0 || b->failure.kind != ERROR_NONE)
        return;
    p = product_of(d, &key);
    if (!p)
        return;
    rc = cublasLtMatmul(d->blas->handle, p->how, &one, b_, p->a, a_, p->b,
                        &beta, c, p->c, c, p->c, &p->algorithm,
                        d->blas->workspace, WORKSPACE, d->stream);
    if (rc != CUBLAS_STATUS_SUCCESS)
        error_set(&b->failure, "cuBLASLt cannot multiply: %s",
                  cublasLtGetStatusString(rc));
}
