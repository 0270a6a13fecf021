/* time: operations along the positions of sequences.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "trainer/backend/cpu/cpu.h"

static float sigmoid(float x)
{
    return 1 / (1 + expf(-x));
}

/* --- long short-term memory ------------------------------------------------ */

static void cell_forward(size_t units, float *gates, const float *c0, float *c1,
                         float *h1)
{
    float *in = gates, *forget = in + units, *cell = forget + units;
    float *out = cell + units;
    size_t k;

    for (k = 0; k < units; k++) {
        in[k] = sigmoid(in[k]);
        forget[k] = sigmoid(forget[k] + 1);
        cell[k] = tanhf(cell[k]);
        out[k] = sigmoid(out[k]);
        c1[k] = forget[k] * c0[k] + in[k] * cell[k];
        h1[k] = out[k] * tanhf(c1[k]);
    }
}

void cpu_lstm_forward(struct backend *b, size_t rows, size_t units,
                      size_t position, const uint32_t *length, float *gates,
                      size_t gates_step, const float *c0, const float *h0,
                      float *c1, float *h1, size_t state_step)
{
    size_t row, at;

    (void)b;
    for (row = 0; row < rows; row++) {
        at = row * state_step;
        if (position < length[row]) {
            cell_forward(units, gates + row * gates_step, c0 + at, c1 + at,
                         h1 + at);
            continue;
        }
        memcpy(c1 + at, c0 + at, units * sizeof *c1);
        memcpy(h1 + at, h0 + at, units * sizeof *h1);
    }
}

static void cell_backward(size_t units, float *gates, const float *c0,
                          const float *c1, float *dh, float *dc)
{
    float *in = gates, *forget = in + units, *cell = forget + units;
    float *out = cell + units;
    size_t k;

    for (k = 0; k < units; k++) {
        float i = in[k], f = forget[k], g = cell[k], o = out[k];
        float t = tanhf(c1[k]), d = dc[k] + dh[k] * o * (1 - t * t);

        out[k] = dh[k] * t * o * (1 - o);
        in[k] = d * g * i * (1 - i);
        forget[k] = d * c0[k] * f * (1 - f);
        cell[k] = d * i * (1 - g * g);
        dc[k] = d * f;
        dh[k] = 0;
    }
}

void cpu_lstm_backward(struct backend *b, size_t rows, size_t units,
                       size_t position, const uint32_t *length, float *gates,
                       size_t gates_step, const float *c0, const float *c1,
                       size_t state_step, float *dh, float *dc)
{
    size_t stride = cpu_blocks(units) * CPU_BLOCK, row;

    (void)b;
    for (row = 0; row < rows; row++) {
        float *mine = gates + row * gates_step;

        if (position < length[row])
            cell_backward(units, mine, c0 + row * state_step,
                          c1 + row * state_step, dh + row * stride,
                          dc + row * stride);
        else
            memset(mine, 0, 4 * units * sizeof *mine);
    }
}

/* --- maximum over time ----------------------------------------------------- */

CPU_VECTOR
static void keep_larger(size_t columns, const float *restrict x,
                        uint32_t position, float *restrict high,
                        uint32_t *restrict where)
{
    size_t k;

    for (k = 0; k < columns; k++) {
        where[k] = x[k] > high[k] ? position : where[k];
        high[k] = x[k] > high[k] ? x[k] : high[k];
    }
}

void cpu_peak_forward(struct backend *b, size_t rows, size_t positions,
                      size_t window, const uint32_t *length, size_t columns,
                      const float *x, float *out, size_t out_step,
                      uint32_t *where)
{
    size_t stride = cpu_blocks(columns) * CPU_BLOCK, row, t;

    (void)b;
    for (row = 0; row < rows; row++) {
        const float *line = x + row * positions * stride;

        memcpy(out, line, columns * sizeof *out);
        memset(where, 0, columns * sizeof *where);
        for (t = 1; t + window <= length[row]; t++)
            keep_larger(columns, line + t * stride, (uint32_t)t, out, where);
        out += out_step;
        where += columns;
    }
}

void cpu_peak_backward(struct backend *b, size_t rows, size_t positions,
                       size_t columns, const uint32_t *where, const float *dout,
                       size_t out_step, float *dx)
{
    size_t stride = cpu_blocks(columns) * CPU_BLOCK, row, k;

    (void)b;
    memset(dx, 0, rows * positions * stride * sizeof *dx);
    for (row = 0; row < rows; row++, dx += positions * stride)
        for (k = 0; k < columns; k++)
            dx[where[row * columns + k] * stride + k] =
                dout[row * out_step + k];
}
