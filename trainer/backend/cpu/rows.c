/* rows: operations on matrices row by row: bags, dropout, copies.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/random.h"
#include "trainer/backend/cpu/cpu.h"

void cpu_dropout(struct backend *b, size_t rows, size_t columns, size_t stride,
                 size_t first_row, double rate, uint64_t key, float *x)
{
    uint64_t limit = (uint64_t)(rate * 0x1p32);
    float grow = (float)(1 / (1 - rate));
    size_t row, k;

    (void)b;
    for (row = 0; row < rows; row++, x += stride) {
        uint64_t name = key + (first_row + row) * columns;

        for (k = 0; k < columns; k++)
            x[k] = random_mix(name + k) >> 32 < limit ? 0 : x[k] * grow;
    }
}

CPU_VECTOR
static void add_scaled(size_t count, float weight, const float *restrict from,
                       float *restrict to)
{
    size_t k;

    for (k = 0; k < count; k++)
        to[k] += weight * from[k];
}

void cpu_bag(struct backend *b, size_t rows, size_t dimension, size_t count,
             const uint32_t *offset, const uint32_t *id, const float *weight,
             const float *table, size_t table_step, float *out, size_t out_step)
{
    size_t row, j;

    (void)b;
    (void)count;
    for (row = 0; row < rows; row++, out += out_step) {
        memset(out, 0, dimension * sizeof *out);
        for (j = offset[row]; j < offset[row + 1]; j++)
            add_scaled(dimension, weight[j], table + id[j] * table_step, out);
    }
}

void cpu_copy(struct backend *b, size_t rows, size_t columns, const float *from,
              size_t from_step, float *to, size_t to_step)
{
    size_t row;

    (void)b;
    for (row = 0; row < rows; row++)
        memcpy(to + row * to_step, from + row * from_step,
               columns * sizeof *to);
}
