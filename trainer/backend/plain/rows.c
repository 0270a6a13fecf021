/* rows: matrices, bags, sequences, the loss and the optimisers.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "base/random.h"
#include "trainer/backend/plain/plain.h"

void plain_gemm(struct backend *b, bool transpose_a, bool transpose_b, size_t m,
                size_t n, size_t k, const float *a_, size_t lda,
                const float *b_, size_t ldb, float beta, float *c, size_t ldc)
{
    size_t i, j, l;

    (void)b;
    for (i = 0; i < m; i++)
        for (j = 0; j < n; j++) {
            double sum = 0;

            for (l = 0; l < k; l++)
                sum += (double)a_[transpose_a ? l * lda + i : i * lda + l] *
                       (double)b_[transpose_b ? j * ldb + l : l * ldb + j];
            if (beta != 0)
                sum += (double)beta * (double)c[i * ldc + j];
            c[i * ldc + j] = (float)sum;
        }
}

void plain_copy(struct backend *b, size_t rows, size_t columns,
                const float *from, size_t from_step, float *to, size_t to_step)
{
    size_t row;

    (void)b;
    for (row = 0; row < rows; row++)
        memcpy(to + row * to_step, from + row * from_step,
               columns * sizeof *to);
}

void plain_dropout(struct backend *b, size_t rows, size_t columns,
                   size_t stride, size_t first_row, double rate, uint64_t key,
                   float *x)
{
    size_t row, k;

    (void)b;
    for (row = 0; row < rows; row++)
        for (k = 0; k < columns; k++) {
            uint64_t draw =
                random_mix(key + (first_row + row) * columns + k) >> 32;
            float *at = &x[row * stride + k];

            *at = draw < (uint64_t)(rate * 0x1p32)
                      ? 0
                      : *at * (float)(1 / (1 - rate));
        }
}

void plain_bag(struct backend *b, size_t rows, size_t dimension, size_t count,
               const uint32_t *offset, const uint32_t *id, const float *weight,
               const float *table, size_t table_step, float *out,
               size_t out_step)
{
    size_t row, k, j;

    (void)b;
    (void)count;
    for (row = 0; row < rows; row++)
        for (k = 0; k < dimension; k++) {
            double sum = 0;

            for (j = offset[row]; j < offset[row + 1]; j++)
                sum +=
                    (double)weight[j] * (double)table[id[j] * table_step + k];
            out[row * out_step + k] = (float)sum;
        }
}

/* --- sequences ------------------------------------------------------------- */

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

void plain_lstm_forward(struct backend *b, size_t rows, size_t units,
                        size_t position, const uint32_t *length, float *gates,
                        size_t gates_step, const float *c0, const float *h0,
                        float *c1, float *h1, size_t state_step)
{
    size_t row, k;

    (void)b;
    for (row = 0; row < rows; row++)
        for (k = 0; k < units; k++) {
            float *gate = gates + row * gates_step + k;
            size_t at = row * state_step + k;

            if (position >= length[row]) {
                c1[at] = c0[at];
                h1[at] = h0[at];
                continue;
            }
            gate[0] = (float)sigmoid((double)gate[0]);
            gate[units] = (float)sigmoid((double)gate[units] + 1);
            gate[2 * units] = (float)tanh((double)gate[2 * units]);
            gate[3 * units] = (float)sigmoid((double)gate[3 * units]);
            c1[at] = gate[units] * c0[at] + gate[0] * gate[2 * units];
            h1[at] = gate[3 * units] * (float)tanh((double)c1[at]);
        }
}

static void cell_backward(size_t units, float *gate, float c0, float c1,
                          float *dh, float *dc)
{
    float i = gate[0], f = gate[units], g = gate[2 * units];
    float o = gate[3 * units], t = (float)tanh((double)c1);
    float d = *dc + *dh * o * (1 - t * t);

    gate[3 * units] = *dh * t * o * (1 - o);
    gate[0] = d * g * i * (1 - i);
    gate[units] = d * c0 * f * (1 - f);
    gate[2 * units] = d * i * (1 - g * g);
    *dc = d * f;
    *dh = 0;
}

void plain_lstm_backward(struct backend *b, size_t rows, size_t units,
                         size_t position, const uint32_t *length, float *gates,
                         size_t gates_step, const float *c0, const float *c1,
                         size_t state_step, float *dh, float *dc)
{
    size_t row, k;

    (void)b;
    for (row = 0; row < rows; row++)
        for (k = 0; k < units; k++) {
            float *gate = gates + row * gates_step + k;
            size_t at = row * state_step + k;

            if (position < length[row])
                cell_backward(units, gate, c0[at], c1[at], &dh[row * units + k],
                              &dc[row * units + k]);
            else
                gate[0] = gate[units] = gate[2 * units] = gate[3 * units] = 0;
        }
}

void plain_peak_forward(struct backend *b, size_t rows, size_t positions,
                        size_t window, const uint32_t *length, size_t columns,
                        const float *x, float *out, size_t out_step,
                        uint32_t *where)
{
    size_t row, k, t;

    (void)b;
    for (row = 0; row < rows; row++)
        for (k = 0; k < columns; k++) {
            const float *line = x + row * positions * columns + k;
            size_t best = 0;

            for (t = 1; t + window <= length[row]; t++)
                if (line[t * columns] > line[best * columns])
                    best = t;
            out[row * out_step + k] = line[best * columns];
            where[row * columns + k] = (uint32_t)best;
        }
}

void plain_peak_backward(struct backend *b, size_t rows, size_t positions,
                         size_t columns, const uint32_t *where,
                         const float *dout, size_t out_step, float *dx)
{
    size_t row, k;

    (void)b;
    memset(dx, 0, rows * positions * columns * sizeof *dx);
    for (row = 0; row < rows; row++)
        for (k = 0; k < columns; k++)
            dx[(row * positions + where[row * columns + k]) * columns + k] =
                dout[row * out_step + k];
}

/* --- the loss --------------------------------------------------------------- */

/* Probability of class k, by the definition. */
static double probability(const struct loss *l, const float *logit, size_t k)
{
    double sum = 0;
    size_t j;

    if (l->outputs == 1)
        return sigmoid(k == 1 ? (double)logit[0] : -(double)logit[0]);
    for (j = 0; j < l->outputs; j++)
        sum += exp((double)logit[j] - (double)logit[k]);
    return 1 / sum;
}

static double share(const struct loss *l, size_t classes, size_t k,
                    size_t label)
{
    return (k == label ? 1 - l->smoothing : 0) + l->smoothing / (double)classes;
}

/* The derivative of class k's term by ln p[k], negative. */
static double slope(const struct loss *l, double p)
{
    double rest = fmax(1 - p, 1e-12);

    if (l->focus == 0)
        return 1;
    return pow(rest, l->focus) -
           l->focus * p * pow(rest, l->focus - 1) * log(p);
}

void plain_loss(struct backend *b, const struct loss *l, size_t rows,
                const float *logit, const float *label, float scale,
                float *dlogit, double *sum)
{
    size_t classes = l->outputs > 1 ? l->outputs : 2, row, k;

    (void)b;
    for (row = 0; row < rows;
         row++, logit += l->outputs, dlogit += l->outputs) {
        size_t is = (size_t)label[row];
        double weight = l->weight ? (double)l->weight[is] : 1, all = 0;

        for (k = 0; k < classes; k++) {
            double p = probability(l, logit, k), q = share(l, classes, k, is);

            *sum -= weight * q * pow(1 - p, l->focus) * log(p);
            all += q * slope(l, p);
        }
        for (k = classes - l->outputs; k < classes; k++) {
            double p = probability(l, logit, k), q = share(l, classes, k, is);

            dlogit[k + l->outputs - classes] =
                (float)(weight * (double)scale * (p * all - q * slope(l, p)));
        }
    }
}

/* --- optimisers -------------------------------------------------------------- */

void plain_squares(struct backend *b, size_t count, const float *x, double *sum)
{
    size_t i;

    (void)b;
    for (i = 0; i < count; i++)
        *sum += (double)x[i] * (double)x[i];
}

/* Move the moments; the step asked for, not yet times the rate. */
static double step_of(const struct update *u, double value, double grad,
                      float *m, float *v)
{
    double g = grad * (double)update_scale(u) + (double)u->decay * value;

    if (!u->adam)
        return (double)(*m = (float)((double)u->momentum * (double)*m + g));
    *m = (float)((double)u->beta1 * (double)*m + (1 - (double)u->beta1) * g);
    *v =
        (float)((double)u->beta2 * (double)*v + (1 - (double)u->beta2) * g * g);
    return (double)*m / (double)u->correction1 /
               (sqrt((double)*v / (double)u->correction2) +
                (double)u->epsilon) +
           (double)u->shrink * value;
}

/* LAMB: what brings the step to the length of the values. The moments are
 * moved in copies. */
static double trust_of(const struct update *u, size_t count, const float *value,
                       const float *grad, const float *m, const float *v)
{
    double length = 0, wish = 0;
    size_t i;

    for (i = 0; i < count; i++) {
        float m1 = m[i], v1 = v[i];
        double step = step_of(u, (double)value[i], (double)grad[i], &m1, &v1);

        length += (double)value[i] * (double)value[i];
        wish += step * step;
    }
    return length > 0 && wish > 0 ? sqrt(length / wish) : 1;
}

void plain_update(struct backend *b, const struct update *u, size_t count,
                  const uint32_t *id, size_t dimension, float *value,
                  const float *grad, float *m, float *v)
{
    size_t i;

    (void)b;
    for (i = 0; i < count * dimension; i++) {
        size_t at = id[i / dimension] * dimension + i % dimension;
        double step =
            step_of(u, (double)value[at], (double)grad[i], &m[at], &v[at]);

        value[at] = (float)((double)value[at] - (double)u->lr * step);
    }
}

static void update_span(const struct update *u, size_t count, float *value,
                        const float *grad, float *m, float *v)
{
    double rate = (double)u->lr;
    size_t i;

    if (u->adam && u->trust)
        rate *= trust_of(u, count, value, grad, m, v);
    for (i = 0; i < count; i++)
        value[i] = (float)((double)value[i] -
                           rate * step_of(u, (double)value[i], (double)grad[i],
                                          &m[i], &v[i]));
}

void plain_update_all(struct backend *b, const struct update *u, size_t spans,
                      const struct span *span, float *value, const float *grad,
                      float *m, float *v)
{
    size_t i, at;

    (void)b;
    for (i = 0; i < spans; i++) {
        const struct update mine = update_for(u, &span[i]);

        at = span[i].first;
        update_span(&mine, span[i].count, value + at, grad + at, m + at,
                    v + at);
    }
}
