/* metrics: how good scores are at telling rare positives from the rest.
 *
 * All from one sort of the scores; equal scores form one group and are taken
 * or left together, so an order within a tie never counts. Definitions are
 * scikit-learn's (roc_auc_score, average_precision_score, log_loss, f1_score,
 * accuracy_score, precision_recall_curve). Of many classes: log loss, accuracy
 * and the mean of the classes' F1.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_METRICS_H
#define TRAINER_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct metrics {
    double pr_auc;   /* average precision: sum of (R_i - R_{i-1}) P_i */
    double roc_auc;  /* ties count half */
    double log_loss; /* mean, natural logarithm */
    double f1;       /* at the threshold where it is highest */
    double accuracy; /* at probability 0.5 */
    double recall_at_precision90; /* highest recall with precision >= 0.9;
                                     0 when no threshold has it */
    double macro_f1; /* of many classes: mean F1; a class nobody has or says is
                        left out */
};

/* The fields by name, for reports: name and offset of each. */
enum { METRIC_COUNT = 7 };
struct metric_field {
    const char *name;
    size_t offset;
    bool of_two, of_many; /* told of two classes, of more */
};
extern const struct metric_field metric_fields[METRIC_COUNT];

/* The i-th field's value. */
double metrics_get(const struct metrics *m, size_t i);
void metrics_put(struct metrics *m, size_t i, double value);

/* Whether the i-th is told of 'classes' classes; the name of the one by which
 * epochs are compared. */
bool metrics_apply(size_t i, size_t classes);
const char *metrics_main(size_t classes);

/* Judge 'count' rows of logits, [outputs] each, against labels: one output is
 * the log-odds of label 1, more are the classes'. A logit that is not
 * finite makes every metric NaN; a single class makes those NaN that need
 * both. Returns 0, or -1 with 'err' when memory is out. */
int metrics_compute(const float *logit, size_t outputs, const float *label,
                    size_t count, struct metrics *out, struct error *err);

#endif
