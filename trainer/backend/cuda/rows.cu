/* rows: operations on matrices row by row: copies, dropout, bags.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/kernel.cuh"

static __global__ void copy_rows(size_t rows, size_t columns, const float *from,
                                 size_t from_step, float *to, size_t to_step)
{
    for (EACH(i, rows * columns))
        to[i / columns * to_step + i % columns] =
            from[i / columns * from_step + i % columns];
}

void cuda_copy(struct backend *b, size_t rows, size_t columns,
               const float *from, size_t from_step, float *to, size_t to_step)
{
    LAUNCH(b, copy_rows, blocks_for(rows * columns), THREADS, rows, columns,
           from, from_step, to, to_step);
}

/* As random_mix() of base/random.h. */
static __device__ inline uint64_t mix(uint64_t x)
{
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

static __global__ void drop(size_t rows, size_t columns, size_t stride,
                            uint64_t name, uint64_t limit, float grow, float *x)
{
    for (EACH(i, rows * columns)) {
        float *at = &x[i / columns * stride + i % columns];

        *at = mix(name + i) >> 32 < limit ? 0 : *at * grow;
    }
}

void cuda_dropout(struct backend *b, size_t rows, size_t columns, size_t stride,
                  size_t first_row, double rate, uint64_t key, float *x)
{
    LAUNCH(b, drop, blocks_for(rows * columns), THREADS, rows, columns, stride,
           key + first_row * columns, (uint64_t)(rate * 0x1p32),
           (float)(1 / (1 - rate)), x);
}

/* 'lanes' threads share a value, each every lanes-th of its rows. */
static __global__ void bag(size_t rows, size_t dimension, unsigned lanes,
                           const uint32_t *offset, const uint32_t *id,
                           const float *weight, const float *table,
                           size_t table_step, float *out, size_t out_step)
{
    __shared__ float of[THREADS];
    size_t each = THREADS / lanes;
    size_t value = blockIdx.x * each + threadIdx.x % each;
    size_t row = value / dimension, k = value % dimension;
    float sum = 0;

    if (row < rows)
        for (size_t j = offset[row] + threadIdx.x / each; j < offset[row + 1];
             j += lanes)
            sum += weight[j] * table[id[j] * table_step + k];
    of[threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.x >= each || row >= rows)
        return;
    for (unsigned lane = 1; lane < lanes; lane++)
        sum += of[lane * each + threadIdx.x];
    out[row * out_step + k] = sum;
}

void cuda_bag(struct backend *b, size_t rows, size_t dimension, size_t count,
              const uint32_t *offset, const uint32_t *id, const float *weight,
              const float *table, size_t table_step, float *out,
              size_t out_step)
{
    size_t values = rows * dimension, many = rows > 0 ? count / rows : 0;
    unsigned lanes = 1;

    while (lanes < THREADS / WARP && lanes * 8 < many)
        lanes *= 2;
    if (values > 0)
        LAUNCH(b, bag,
               (unsigned)((values + THREADS / lanes - 1) / (THREADS / lanes)),
               THREADS, rows, dimension, lanes, offset, id, weight, table,
               table_step, out, out_step);
}
