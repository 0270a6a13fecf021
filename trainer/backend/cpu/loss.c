/* loss: log loss and focal loss of a sigmoid or a softmax.
 *
 * A sigmoid is the softmax of (0, logit). With a[k] = q[k] ((1 - p[k])^g -
 * g p[k] (1 - p[k])^(g - 1) ln p[k]), what class k's own term gives by ln p[k],
 * the derivative by logit j is p[j] sum(a) - a[j].
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "trainer/backend/cpu/cpu.h"

/* One row's probabilities. */
struct softmax {
    const float *logit;
    size_t outputs, classes;
    double high, log_sum; /* the largest logit, and ln of the sum above it */
};

static double logit_of(const struct softmax *s, size_t k)
{
    if (s->outputs > 1)
        return (double)s->logit[k];
    return k == 0 ? 0 : (double)s->logit[0];
}

static void softmax_start(struct softmax *s)
{
    double sum;
    size_t k;

    s->high = logit_of(s, 0);
    for (k = 1; k < s->classes; k++)
        s->high = fmax(s->high, logit_of(s, k));
    sum = exp(logit_of(s, 0) - s->high);
    for (k = 1; k < s->classes; k++)
        sum += exp(logit_of(s, k) - s->high);
    s->log_sum = log(sum);
}

/* The share of the label in the target. */
static double target(const struct loss *l, size_t classes, size_t k,
                     size_t label)
{
    return (k == label ? 1 - l->smoothing : 0) + l->smoothing / (double)classes;
}

/* Class k's term and its derivative by ln p. */
static double term(const struct loss *l, double log_p, double *slope)
{
    double rest = -expm1(log_p), power; /* 1 - p */

    if (l->focus == 0) {
        *slope = 1;
        return -log_p;
    }
    rest = fmax(rest, 1e-12);
    power = pow(rest, l->focus);
    *slope = power * (1 - l->focus * exp(log_p) / rest * log_p);
    return power * -log_p;
}

/* Fill the row's gradient, not yet scaled, and give its loss. */
static double row_loss(const struct loss *l, const struct softmax *s,
                       size_t label, float scale, float *gradient)
{
    double weight = l->weight ? (double)l->weight[label] : 1;
    double by = weight * (double)scale, all = 0, sum = 0, slope, log_p, q;
    size_t first = s->classes - s->outputs, k; /* a sigmoid's is class 1 */

    for (k = 0; k < s->classes; k++) {
        q = target(l, s->classes, k, label);
        if (q == 0)
            continue;
        log_p = logit_of(s, k) - s->high - s->log_sum;
        sum += q * term(l, log_p, &slope);
        all += q * slope;
    }
    for (k = first; k < s->classes; k++) {
        log_p = logit_of(s, k) - s->high - s->log_sum;
        term(l, log_p, &slope);
        gradient[k - first] =
            (float)(by * (exp(log_p) * all -
                          target(l, s->classes, k, label) * slope));
    }
    return weight * sum;
}

void cpu_loss(struct backend *b, const struct loss *l, size_t rows,
              const float *logit, const float *label, float scale,
              float *dlogit, double *sum)
{
    double all = 0;
    size_t step = cpu_blocks(l->outputs) * CPU_BLOCK, row;
    struct softmax s = { .outputs = l->outputs,
                         .classes = l->outputs > 1 ? l->outputs : 2 };

    (void)b;
    for (row = 0; row < rows; row++) {
        s.logit = logit + row * step;
        softmax_start(&s);
        all += row_loss(l, &s, (size_t)label[row], scale, dlogit + row * step);
    }
    *sum += all;
}
