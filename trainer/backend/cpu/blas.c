/* blas: the door to OpenBLAS.
 * SPDX-License-Identifier: Apache-2.0 */
#include <cblas.h>

#include "trainer/backend/cpu/cpu.h"

void cpu_gemm_threads(int threads)
{
    openblas_set_num_threads(threads);
}

static CBLAS_TRANSPOSE transpose(bool yes)
{
    return yes ? CblasTrans : CblasNoTrans;
}

void cpu_gemm(struct backend *b, bool transpose_a, bool transpose_b, size_t m,
              size_t n, size_t k, const float *a_, size_t lda, const float *b_,
              size_t ldb, float beta, float *c, size_t ldc)
{
    (void)b;
    if (m == 0 || n == 0)
        return;
    cblas_sgemm(CblasRowMajor, transpose(transpose_a), transpose(transpose_b),
                (blasint)m, (blasint)n, (blasint)k, 1.0f, a_, (blasint)lda, b_,
                (blasint)ldb, beta, c, (blasint)ldc);
}

const char *backend_blas_version(void)
{
    return openblas_get_config();
}
