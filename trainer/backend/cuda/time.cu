/* time: operations along the positions of sequences.
 *
 * The products of an LSTM are cuBLASLt's. cuDNN's LSTM takes all positions in one
 * call and may be faster; it wants the weights in an order of its own at each
 * step, and what it does with rows of many lengths no machine without a GPU can
 * check. To be measured before it is taken: in a graph, launches cost little.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/kernel.cuh"

static __device__ inline float sigmoid(float x)
{
    return 1 / (1 + expf(-x));
}

static __global__ void cell_forward(size_t rows, size_t units, size_t position,
                                    const uint32_t *length, float *gates,
                                    size_t gates_step, const float *c0,
                                    const float *h0, float *c1, float *h1,
                                    size_t state_step)
{
    for (EACH(n, rows * units)) {
        size_t row = n / units, k = n % units, at = row * state_step + k;
        float *gate = gates + row * gates_step + k;
        float i, f, g, o;

        if (position >= length[row]) {
            c1[at] = c0[at];
            h1[at] = h0[at];
            continue;
        }
        gate[0] = i = sigmoid(gate[0]);
        gate[units] = f = sigmoid(gate[units] + 1);
        gate[2 * units] = g = tanhf(gate[2 * units]);
        gate[3 * units] = o = sigmoid(gate[3 * units]);
        c1[at] = f * c0[at] + i * g;
        h1[at] = o * tanhf(c1[at]);
    }
}

void cuda_lstm_forward(struct backend *b, size_t rows, size_t units,
                       size_t position, const uint32_t *length, float *gates,
                       size_t gates_step, const float *c0, const float *h0,
                       float *c1, float *h1, size_t state_step)
{
    LAUNCH(b, cell_forward, blocks_for(rows * units), THREADS, rows, units,
           position, length, gates, gates_step, c0, h0, c1, h1, state_step);
}

static __global__ void cell_backward(size_t rows, size_t units, size_t position,
                                     const uint32_t *length, float *gates,
                                     size_t gates_step, const float *c0,
                                     const float *c1, size_t state_step,
                                     float *dh, float *dc, size_t stride)
{
    for (EACH(n, rows * units)) {
        size_t row = n / units, k = n % units, at = row * state_step + k;
        float *gate = gates + row * gates_step + k;
        bool there = position < length[row];
        float i = gate[0], f = gate[units], g = gate[2 * units];
        float o = gate[3 * units], t, d, h;

        if (!there) {
            gate[0] = gate[units] = gate[2 * units] = gate[3 * units] = 0;
            continue;
        }
        h = dh[row * stride + k];
        t = tanhf(c1[at]);
        d = dc[row * stride + k] + h * o * (1 - t * t);
        gate[3 * units] = h * t * o * (1 - o);
        gate[0] = d * g * i * (1 - i);
        gate[units] = d * c0[at] * f * (1 - f);
        gate[2 * units] = d * i * (1 - g * g);
        dc[row * stride + k] = d * f;
        dh[row * stride + k] = 0;
    }
}

void cuda_lstm_backward(struct backend *b, size_t rows, size_t units,
                        size_t position, const uint32_t *length, float *gates,
                        size_t gates_step, const float *c0, const float *c1,
                        size_t state_step, float *dh, float *dc)
{
    LAUNCH(b, cell_backward, blocks_for(rows * units), THREADS, rows, units,
           position, length, gates, gates_step, c0, c1, state_step, dh, dc,
           cuda_channels(units));
}

static __global__ void peak(size_t rows, size_t positions, size_t window,
                            const uint32_t *length, size_t columns,
                            size_t stride, const float *x, float *out,
                            size_t out_step, uint32_t *where)
{
    for (EACH(n, rows * columns)) {
        size_t row = n / columns, k = n % columns;
        const float *line = x + row * positions * stride + k;
        float high = line[0];
        uint32_t at = 0;

        for (size_t t = 1; t + window <= length[row]; t++)
            if (line[t * stride] > high) {
                high = line[t * stride];
                at = (uint32_t)t;
            }
        out[row * out_step + k] = high;
        where[n] = at;
    }
}

void cuda_peak_forward(struct backend *b, size_t rows, size_t positions,
                       size_t window, const uint32_t *length, size_t columns,
                       const float *x, float *out, size_t out_step,
                       uint32_t *where)
{
    LAUNCH(b, peak, blocks_for(rows * columns), THREADS, rows, positions,
           window, length, columns, cuda_channels(columns), x, out, out_step,
           where);
}

static __global__ void from_peak(size_t rows, size_t positions, size_t columns,
                                 size_t stride, const uint32_t *where,
                                 const float *dout, size_t out_step, float *dx)
{
    for (EACH(n, rows * positions * stride)) {
        size_t k = n % stride, t = n / stride % positions;
        size_t row = n / stride / positions;
        bool here = k < columns && where[row * columns + k] == t;

        dx[n] = here ? dout[row * out_step + k] : 0;
    }
}

void cuda_peak_backward(struct backend *b, size_t rows, size_t positions,
                        size_t columns, const uint32_t *where,
                        const float *dout, size_t out_step, float *dx)
{
    size_t stride = cuda_channels(columns);

    LAUNCH(b, from_peak, blocks_for(rows * positions * stride), THREADS, rows,
           positions, columns, stride, where, dout, out_step, dx);
}
