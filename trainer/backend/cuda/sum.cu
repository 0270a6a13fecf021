/* sum: sums in a fixed order, in doubles.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/kernel.cuh"

enum { PIECE = 16 * THREADS }; /* values whose squares one block adds up */

/* The sum over the block's threads, on thread 0. */
static __device__ double block_sum(double mine)
{
    __shared__ double of[THREADS];

    of[threadIdx.x] = mine;
    __syncthreads();
    for (unsigned far = THREADS / 2; far > 0; far /= 2) {
        if (threadIdx.x < far)
            of[threadIdx.x] += of[threadIdx.x + far];
        __syncthreads();
    }
    return of[0];
}

static __global__ void sum_parts(size_t count, const double *part, bool add,
                                 double *result)
{
    double sum = 0;

    for (size_t i = threadIdx.x; i < count; i += THREADS)
        sum += part[blockIdx.x * count + i];
    sum = block_sum(sum);
    if (threadIdx.x == 0)
        result[blockIdx.x] = add ? result[blockIdx.x] + sum : sum;
}

void cuda_sum(struct backend *b, size_t values, size_t count,
              const double *part, double *result)
{
    LAUNCH(b, sum_parts, (unsigned)values, THREADS, count, part, false, result);
}

void cuda_add_sum(struct backend *b, size_t count, const double *part,
                  double *result)
{
    LAUNCH(b, sum_parts, 1, THREADS, count, part, true, result);
}

static __global__ void sum_squares(size_t count, const float *x, double *part)
{
    size_t first = blockIdx.x * (size_t)PIECE, end = first + PIECE;
    double sum = 0;

    end = end < count ? end : count;
    for (size_t i = first + threadIdx.x; i < end; i += THREADS)
        sum += (double)x[i] * (double)x[i];
    sum = block_sum(sum);
    if (threadIdx.x == 0)
        part[blockIdx.x] = sum;
}

void cuda_squares(struct backend *b, size_t count, const float *x, double *sum)
{
    size_t blocks = (count + PIECE - 1) / PIECE;
    double *part;

    if (count == 0)
        return;
    part = (double *)cuda_scratch(b, blocks * sizeof *part);
    if (!part)
        return;
    LAUNCH(b, sum_squares, (unsigned)blocks, THREADS, count, x, part);
    cuda_add_sum(b, blocks, part, sum);
}

/* What gpu.c asks whether there is code for the device. */
extern "C" const void *kernel_of_ours(void)
{
    return (const void *)sum_parts;
}
