/* See metrics.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/metrics.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

struct scored {
    float score, label;
};

const struct metric_field metric_fields[METRIC_COUNT] = {
    { "pr_auc", offsetof(struct metrics, pr_auc) },
    { "roc_auc", offsetof(struct metrics, roc_auc) },
    { "log_loss", offsetof(struct metrics, log_loss) },
    { "f1", offsetof(struct metrics, f1) },
    { "accuracy", offsetof(struct metrics, accuracy) },
    { "recall_at_precision90",
      offsetof(struct metrics, recall_at_precision90) },
};

_Static_assert(sizeof(struct metrics) == METRIC_COUNT * sizeof(double),
               "a metric is missing from the table");

double metrics_get(const struct metrics *m, size_t i)
{
    double value;

    memcpy(&value, (const char *)m + metric_fields[i].offset, sizeof value);
    return value;
}

void metrics_put(struct metrics *m, size_t i, double value)
{
    memcpy((char *)m + metric_fields[i].offset, &value, sizeof value);
}

static int by_score_falling(const void *a, const void *b)
{
    float x = ((const struct scored *)a)->score;
    float y = ((const struct scored *)b)->score;

    return (x < y) - (x > y);
}

/* -log p(label), stable for any logit. */
static double row_loss(double logit, double label)
{
    return fmax(logit, 0) - logit * label + log1p(exp(-fabs(logit)));
}

/* Walk the groups of equal scores from the highest down. */
static void walk(const struct scored *s, size_t count, double positives,
                 struct metrics *m)
{
    double tp = 0, fp = 0, precision, recall, negatives;
    size_t i = 0;

    negatives = (double)count - positives;
    while (i < count) {
        double tp_before = tp, fp_before = fp;
        float score = s[i].score;

        for (; i < count && s[i].score == score; i++) {
            tp += s[i].label > 0.5f;
            fp += s[i].label <= 0.5f;
        }
        precision = tp / (tp + fp);
        recall = tp / positives;
        m->pr_auc += (tp - tp_before) / positives * precision;
        m->roc_auc +=
            (fp - fp_before) / negatives * (tp + tp_before) / (2 * positives);
        m->f1 = fmax(m->f1, 2 * tp / (tp + fp + positives));
        if (precision >= 0.9)
            m->recall_at_precision90 = fmax(m->recall_at_precision90, recall);
    }
}

static void all_nan(struct metrics *m)
{
    size_t i;

    for (i = 0; i < METRIC_COUNT; i++)
        metrics_put(m, i, NAN);
}

int metrics_compute(const float *logit, const float *label, size_t count,
                    struct metrics *out, struct error *err)
{
    struct scored *s = malloc((count + 1) * sizeof *s);
    double positives = 0, loss = 0, right = 0;
    bool finite = true;
    size_t i;

    if (!s)
        return error_memory(err);
    for (i = 0; i < count; i++) {
        s[i] = (struct scored){ logit[i], label[i] };
        finite = finite && isfinite(logit[i]);
        positives += label[i] > 0.5f;
        loss += row_loss((double)logit[i], (double)label[i]);
        right += (logit[i] >= 0) == (label[i] > 0.5f);
    }
    all_nan(out);
    if (count > 0 && finite) {
        out->log_loss = loss / (double)count;
        out->accuracy = right / (double)count;
        if (positives > 0 && positives < (double)count) {
            out->pr_auc = out->roc_auc = out->f1 = 0;
            out->recall_at_precision90 = 0;
            qsort(s, count, sizeof *s, by_score_falling);
            walk(s, count, positives, out);
        }
    }
    free(s);
    return 0;
}
