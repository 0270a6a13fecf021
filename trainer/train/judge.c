/* See judge.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/train/judge.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "trainer/metrics.h"

/* Folds are listed one by one for the first metrics of the table. */
enum { LISTED = 2, FOLDS_LISTED = 12 };

static int put(struct training *t, const char *group, const char *name,
               const char *ending, double value, struct error *err)
{
    char whole[REPORT_MAX_NAME + 1];

    snprintf(whole, sizeof whole, "%s%s%s", group, name, ending);
    return report_add(&t->report, whole, value, err);
}

/* Mean and deviation of the i-th metric over folds, and each of them. */
static int put_folds(struct training *t, const struct metrics *m, size_t i,
                     bool listed, struct error *err)
{
    double sum = 0, squares = 0, mean, count = (double)t->fold_count;
    const char *name = metric_fields[i].name;
    char ending[16];
    size_t k;

    for (k = 0; k < t->fold_count; k++)
        sum += metrics_get(&m[k], i);
    mean = sum / count;
    for (k = 0; k < t->fold_count; k++)
        squares += pow(metrics_get(&m[k], i) - mean, 2);
    if (put(t, "val.", name, "", mean, err) < 0)
        return -1;
    if (t->config->folds == 0)
        return 0;
    if (put(t, "val.", name, ".std", sqrt(squares / fmax(count - 1, 1)), err) <
        0)
        return -1;
    for (k = 0; listed && k < t->fold_count && k < FOLDS_LISTED; k++) {
        snprintf(ending, sizeof ending, ".fold%zu", k);
        if (put(t, "val.", name, ending, metrics_get(&m[k], i), err) < 0)
            return -1;
    }
    return 0;
}

static int judge_validation(struct training *t, struct error *err)
{
    struct metrics *m = calloc(t->fold_count, sizeof *m);
    size_t k, i, listed = 0;
    int rc = 0;

    if (!m)
        return error_memory(err);
    for (k = 0; k < t->fold_count && rc == 0; k++) {
        struct part *p = &t->fold[k].part[SPLIT_VALIDATION];

        rc =
            fold_judge(&t->fold[k], SPLIT_VALIDATION, t->model, &t->batch, err);
        if (rc == 0)
            rc = feedback_learn(&t->fold[k].feedback, t->config, t->data, p,
                                t->model->loss.outputs, err);
        if (rc == 0)
            rc = fold_calibrate(&t->fold[k], t->inputs.classes, t->epoch - 1,
                                err);
        if (rc == 0)
            rc = metrics_compute(p->logit, t->model->loss.outputs, p->label,
                                 p->count, &m[k], err);
    }
    for (i = 0; i < METRIC_COUNT && rc == 0; i++)
        if (metrics_apply(i, t->inputs.classes))
            rc = put_folds(t, m, i, listed++ < LISTED, err);
    free(m);
    return rc;
}

/* Add the probabilities of a row, [classes], to 'sum'; one output is the second
 * of two classes. */
static void add_probabilities(const float *logit, size_t outputs, double *sum)
{
    double high = (double)logit[0], all = 0;
    size_t k;

    if (outputs == 1) {
        sum[0] += 1 / (1 + exp(-high));
        return;
    }
    for (k = 1; k < outputs; k++)
        high = fmax(high, (double)logit[k]);
    for (k = 0; k < outputs; k++)
        all += exp((double)logit[k] - high);
    for (k = 0; k < outputs; k++)
        sum[k] += exp((double)logit[k] - high) / all;
}

/* The logits of the mean of the folds' probabilities. */
static void logits_of_mean(const struct training *t, size_t row, double *sum,
                           float *logit)
{
    size_t outputs = t->model->loss.outputs, k;

    memset(sum, 0, outputs * sizeof *sum);
    for (k = 0; k < t->fold_count; k++)
        add_probabilities(t->fold[k].part[SPLIT_TEST].logit + row * outputs,
                          outputs, sum);
    for (k = 0; k < outputs; k++) {
        double mean =
            fmin(fmax(sum[k] / (double)t->fold_count, 1e-15), 1 - 1e-15);

        logit[k] = (float)log(outputs > 1 ? mean : mean / (1 - mean));
    }
}

/* What all folds say together of the test rows, [rows][outputs]. The caller
 * frees; NULL when memory is out. */
static float *mean_logits(const struct training *t)
{
    const struct part *p = &t->fold[0].part[SPLIT_TEST];
    size_t outputs = t->model->loss.outputs, i;
    float *logit = calloc(p->count * outputs, sizeof *logit);
    double *sum = calloc(outputs, sizeof *sum);

    if (logit && t->fold_count == 1)
        memcpy(logit, p->logit, p->count * outputs * sizeof *logit);
    for (i = 0; logit && sum && t->fold_count > 1 && i < p->count; i++)
        logits_of_mean(t, i, sum, logit + i * outputs);
    if (!sum) {
        free(logit);
        logit = NULL;
    }
    free(sum);
    return logit;
}

static int judge_test(struct training *t, struct error *err)
{
    const struct part *p = &t->fold[0].part[SPLIT_TEST];
    struct metrics m;
    float *logit;
    size_t k, i;
    int rc = 0;

    if (p->count == 0)
        return 0;
    for (k = 0; k < t->fold_count; k++)
        if (fold_judge(&t->fold[k], SPLIT_TEST, t->model, &t->batch, err) < 0)
            return -1;
    logit = mean_logits(t);
    if (!logit)
        return error_memory(err);
    rc = metrics_compute(logit, t->model->loss.outputs, p->label, p->count, &m,
                         err);
    for (i = 0; i < METRIC_COUNT && rc == 0; i++)
        if (metrics_apply(i, t->inputs.classes))
            rc = put(t, "test.", metric_fields[i].name, "", metrics_get(&m, i),
                     err);
    free(logit);
    return rc;
}

/* The mean loss over the rows trained in this epoch, over folds. */
static double train_loss(const struct training *t)
{
    double sum = 0;
    size_t k;

    for (k = 0; k < t->fold_count; k++) {
        const struct sampler *s = &t->fold[k].sampler;

        sum += t->fold[k].loss / (double)(s->batches * s->batch);
    }
    return sum / (double)t->fold_count;
}

/* Rows of this epoch that shared a picture with another of their batch. */
static int put_twins(struct training *t, struct error *err)
{
    double sum = 0;
    size_t k;

    if (!t->config->sampling.distinct)
        return 0;
    for (k = 0; k < t->fold_count; k++)
        sum += (double)t->fold[k].sampler.now.twins;
    return put(t, "train.", "twins", "", sum, err);
}

int judge_training(struct training *t, struct error *err)
{
    memset(&t->report, 0, sizeof t->report);
    t->report.step = t->epoch;
    if (put(t, "train.", "loss", "", train_loss(t), err) < 0 ||
        put_twins(t, err) < 0 ||
        put(t, "model.", "parameters", "", (double)model_parameters(t->model),
            err) < 0)
        return -1;
    return put(t, "samples_per_s", "", "",
               (double)t->rows / fmax(t->seconds, 1e-9), err);
}

int judge_rows(struct training *t, struct error *err)
{
    return judge_validation(t, err) < 0 ? -1 : judge_test(t, err);
}
