/* See metrics.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/metrics.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct scored {
    float score, label;
};

const struct metric_field metric_fields[METRIC_COUNT] = {
    { "pr_auc", offsetof(struct metrics, pr_auc), true, false },
    { "roc_auc", offsetof(struct metrics, roc_auc), true, false },
    { "log_loss", offsetof(struct metrics, log_loss), true, true },
    { "f1", offsetof(struct metrics, f1), true, false },
    { "accuracy", offsetof(struct metrics, accuracy), true, true },
    { "recall_at_precision90", offsetof(struct metrics, recall_at_precision90),
      true, false },
    { "macro_f1", offsetof(struct metrics, macro_f1), false, true },
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

bool metrics_apply(size_t i, size_t classes)
{
    return classes > 2 ? metric_fields[i].of_many : metric_fields[i].of_two;
}

const char *metrics_main(size_t classes)
{
    return classes > 2 ? "val.accuracy" : "val.pr_auc";
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

static int judge_two(const float *logit, const float *label, size_t count,
                     struct metrics *out, struct error *err)
{
    struct scored *s = malloc((count + 1) * sizeof *s);
    double positives = 0, loss = 0, right = 0;
    size_t i;

    if (!s)
        return error_memory(err);
    for (i = 0; i < count; i++) {
        s[i] = (struct scored){ logit[i], label[i] };
        positives += label[i] > 0.5f;
        loss += row_loss((double)logit[i], (double)label[i]);
        right += (logit[i] >= 0) == (label[i] > 0.5f);
    }
    out->log_loss = loss / (double)count;
    out->accuracy = right / (double)count;
    if (positives > 0 && positives < (double)count) {
        out->pr_auc = out->roc_auc = out->f1 = 0;
        out->recall_at_precision90 = 0;
        qsort(s, count, sizeof *s, by_score_falling);
        walk(s, count, positives, out);
    }
    free(s);
    return 0;
}

/* How often a class was meant, was said, and both at once. */
struct tally {
    double meant, said, right;
};

static double mean_f1(const struct tally *t, size_t classes)
{
    double sum = 0, seen = 0;
    size_t k;

    for (k = 0; k < classes; k++) {
        if (t[k].meant + t[k].said == 0)
            continue;
        sum += 2 * t[k].right / (t[k].meant + t[k].said);
        seen++;
    }
    return sum / seen;
}

/* Note the row; its loss is returned. */
static double note_row(struct tally *t, const float *logit, size_t classes,
                       size_t label)
{
    size_t best = 0, k;
    double sum;

    for (k = 1; k < classes; k++)
        best = logit[k] > logit[best] ? k : best;
    sum = exp((double)logit[0] - (double)logit[best]);
    for (k = 1; k < classes; k++)
        sum += exp((double)logit[k] - (double)logit[best]);
    t[label].meant++;
    t[best].said++;
    t[label].right += best == label;
    return log(sum) + (double)logit[best] - (double)logit[label];
}

static int judge_many(const float *logit, size_t classes, const float *label,
                      size_t count, struct metrics *out, struct error *err)
{
    struct tally *t = calloc(classes, sizeof *t);
    double loss = 0, right = 0;
    size_t i;

    if (!t)
        return error_memory(err);
    for (i = 0; i < count; i++)
        loss += note_row(t, logit + i * classes, classes, (size_t)label[i]);
    for (i = 0; i < classes; i++)
        right += t[i].right;
    out->log_loss = loss / (double)count;
    out->accuracy = right / (double)count;
    out->macro_f1 = mean_f1(t, classes);
    free(t);
    return 0;
}

int metrics_compute(const float *logit, size_t outputs, const float *label,
                    size_t count, struct metrics *out, struct error *err)
{
    size_t i;

    all_nan(out);
    for (i = 0; i < count * outputs; i++)
        if (!isfinite(logit[i]))
            return 0;
    if (count == 0)
        return 0;
    return outputs == 1 ? judge_two(logit, label, count, out, err)
                        : judge_many(logit, outputs, label, count, out, err);
}
