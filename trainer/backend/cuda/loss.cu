/* loss: log loss and focal loss of a sigmoid or a softmax; the formulae stand
 * in cpu/loss.c. One thread a row, in doubles: rows are few.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/kernel.cuh"

struct target {
    size_t outputs, classes;
    double smoothing, focus;
};

static __device__ double logit_of(const float *logit, const struct target &t,
                                  size_t k)
{
    if (t.outputs > 1)
        return logit[k];
    return k == 0 ? 0 : logit[0];
}

static __device__ double share(const struct target &t, size_t k, size_t label)
{
    return (k == label ? 1 - t.smoothing : 0) + t.smoothing / (double)t.classes;
}

/* Class k's term and its derivative by ln p. */
static __device__ double term(double focus, double log_p, double *slope)
{
    double rest = fmax(-expm1(log_p), 1e-12), power;

    *slope = 1;
    if (focus == 0)
        return -log_p;
    power = pow(rest, focus);
    *slope = power * (1 - focus * exp(log_p) / rest * log_p);
    return power * -log_p;
}

static __device__ double log_sum(const float *logit, const struct target &t)
{
    double high = logit_of(logit, t, 0), sum = 0;

    for (size_t k = 1; k < t.classes; k++)
        high = fmax(high, logit_of(logit, t, k));
    for (size_t k = 0; k < t.classes; k++)
        sum += exp(logit_of(logit, t, k) - high);
    return high + log(sum);
}

static __global__ void row_losses(struct target t, size_t rows, size_t step,
                                  const float *weights, const float *logits,
                                  const float *labels, float scale,
                                  float *gradients, double *part)
{
    for (EACH(row, rows)) {
        const float *logit = logits + row * step;
        size_t label = (size_t)labels[row], first = t.classes - t.outputs;
        double weight = weights ? weights[label] : 1, by = weight * scale;
        double whole = log_sum(logit, t), all = 0, sum = 0, slope, log_p, q;

        for (size_t k = 0; k < t.classes; k++) {
            q = share(t, k, label);
            if (q == 0)
                continue;
            log_p = logit_of(logit, t, k) - whole;
            sum += q * term(t.focus, log_p, &slope);
            all += q * slope;
        }
        for (size_t k = first; k < t.classes; k++) {
            log_p = logit_of(logit, t, k) - whole;
            term(t.focus, log_p, &slope);
            gradients[row * step + k - first] =
                (float)(by * (exp(log_p) * all - share(t, k, label) * slope));
        }
        part[row] = weight * sum;
    }
}

void cuda_loss(struct backend *b, const struct loss *l, size_t rows,
               const float *logit, const float *label, float scale,
               float *dlogit, double *sum)
{
    struct target t = { l->outputs, l->outputs > 1 ? l->outputs : 2,
                        l->smoothing, l->focus };
    double *part = (double *)cuda_scratch(b, rows * sizeof *part);

    if (!part)
        return;
    LAUNCH(b, row_losses, blocks_for(rows), THREADS, t, rows,
           cuda_channels(l->outputs), l->weight, logit, label, scale, dlogit,
           part);
    cuda_add_sum(b, rows, part, sum);
}
