/* See feedback.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/fold/feedback.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trainer/fold/fold.h"

/* A category's loss counts as if so many rows of the mean loss stood by. */
enum { SHRINK = 10 };

int feedback_init(struct feedback *f, const struct config *c,
                  const struct dataset *data, const struct part *training,
                  struct error *err)
{
    struct row row;
    size_t i;

    *f = (struct feedback){ 0 };
    for (i = 0; i < data->category_count; i++)
        if (strcmp(data->category[i].name, c->sampling.by) == 0) {
            f->field = i;
            f->count = data->category[i].cardinality;
        }
    f->score = calloc(f->count + 1, sizeof *f->score);
    f->now = calloc(f->count + 1, sizeof *f->now);
    f->next = calloc(f->count + 1, sizeof *f->next);
    f->learned = calloc(f->count + 1, sizeof *f->learned);
    if (!f->score || !f->now || !f->next || !f->learned)
        return error_memory(err);
    for (i = 0; i < f->count; i++)
        f->now[i] = f->next[i] = f->learned[i] = 1;
    for (i = 0; i < training->count && f->count > 0; i++) {
        dataset_row(data, training->row[i], &row);
        f->score[row.category[f->field]].trained++;
        f->score[row.category[f->field]].trained_positives += row.label > 0.5f;
    }
    return 0;
}

void feedback_clear(struct feedback *f)
{
    free(f->score);
    free(f->now);
    free(f->next);
    free(f->learned);
    memset(f, 0, sizeof *f);
}

/* The log loss of a row's logits; '*best' gets the likeliest class. */
static double loss_of(const float *logit, size_t outputs, size_t label,
                      size_t *best)
{
    double high, all = 0;
    size_t k;

    if (outputs == 1) {
        *best = logit[0] > 0;
        high = (double)(label ? -logit[0] : logit[0]);
        return high > 0 ? high + log1p(exp(-high)) : log1p(exp(high));
    }
    for (*best = 0, k = 1; k < outputs; k++)
        *best = logit[k] > logit[*best] ? k : *best;
    high = (double)logit[*best];
    for (k = 0; k < outputs; k++)
        all += exp((double)logit[k] - high);
    return high + log(all) - (double)logit[label];
}

/* What a row of each class counts: all classes together as much. */
static double *balance(const struct part *p, size_t classes)
{
    double *count = calloc(classes, sizeof *count);
    size_t i, k;

    for (i = 0; count && i < p->count; i++)
        count[(size_t)p->label[i]]++;
    for (k = 0; count && k < classes; k++)
        count[k] =
            count[k] > 0 ? (double)p->count / ((double)classes * count[k]) : 0;
    return count;
}

static void reset(struct feedback *f)
{
    size_t i;

    for (i = 0; i < f->count; i++)
        f->score[i] = (struct category_score){
            .trained = f->score[i].trained,
            .trained_positives = f->score[i].trained_positives,
        };
}

/* Sum up the rows; 'mass' [count] gets what they count together. Returns the
 * mean loss of all. */
static double sum_up(struct feedback *f, const struct dataset *data,
                     const struct part *p, size_t outputs, const double *counts,
                     double *mass)
{
    double loss = 0, all = 0;
    size_t i, best;
    struct row row;

    for (i = 0; i < p->count; i++) {
        size_t label = (size_t)p->label[i];
        struct category_score *s;
        double one;

        dataset_row(data, p->row[i], &row);
        s = &f->score[row.category[f->field]];
        one = loss_of(p->logit + i * outputs, outputs, label, &best);
        s->rows++;
        s->positives += label > 0;
        s->right += best == label;
        s->positive_right += label > 0 && best == label;
        s->loss += counts[label] * one;
        mass[row.category[f->field]] += counts[label];
        loss += counts[label] * one;
        all += counts[label];
    }
    return loss / all;
}

static void weigh(struct feedback *f, const struct feedback_options *o,
                  double mean, const double *mass)
{
    size_t i;

    for (i = 0; i < f->count; i++) {
        struct category_score *s = &f->score[i];

        s->loss = (s->loss + SHRINK * mean) / (mass[i] + SHRINK);
        s->weight = pow(s->loss / mean, o->strength);
        s->weight = fmin(fmax(s->weight, 1 / o->limit), o->limit);
        f->next[i] = isfinite(s->weight) ? s->weight : 1;
    }
}

void feedback_turn(struct feedback *f)
{
    double *before = f->now;

    f->now = f->next;
    f->next = before;
    memcpy(f->next, f->learned, f->count * sizeof *f->next);
}

int feedback_learn(struct feedback *f, const struct config *c,
                   const struct dataset *data, const struct part *judged,
                   size_t outputs, struct error *err)
{
    double *counts = NULL, *mass = NULL, *before = f->now;
    int rc = 0;

    if (f->count == 0)
        return 0;
    counts = balance(judged, data->classes);
    mass = calloc(f->count, sizeof *mass);
    if (counts && mass) {
        f->now = f->next;
        f->next = before;
        reset(f);
        weigh(f, &c->feedback, sum_up(f, data, judged, outputs, counts, mass),
              mass);
    } else {
        rc = error_memory(err);
    }
    free(counts);
    free(mass);
    return rc;
}
