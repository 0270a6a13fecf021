/* See fold.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/fold/fold.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "trainer/fold/sampling.h"

/* The part of a row: by the set's split, or with folds by its fold, where
 * test rows stay apart. */
static enum split part_of(const struct row *row, bool folds, size_t number)
{
    if (!folds || row->split == SPLIT_TEST)
        return row->split;
    return row->fold == number ? SPLIT_VALIDATION : SPLIT_TRAIN;
}

int fold_check(const struct config *c, const struct dataset *data,
               struct error *err)
{
    if (c->folds > 0 && c->folds != data->folds) {
        error_usage(err, "folds: %" PRId64 ", but data set '%s' has %" PRIu32,
                    c->folds, data->name, data->folds);
        return error_hint(err, "say folds: %" PRIu32 ", or pack it anew",
                          data->folds);
    }
    return sampling_check(c, data, err);
}

static int part_init(struct part *p, size_t rows, size_t outputs)
{
    p->row = calloc(rows + 1, sizeof *p->row);
    p->label = calloc(rows + 1, sizeof *p->label);
    p->logit = calloc(rows * outputs + 1, sizeof *p->logit);
    return p->row && p->label && p->logit ? 0 : -1;
}

static void part_add(struct part *p, size_t row, float label)
{
    p->row[p->count] = (uint32_t)row;
    p->label[p->count++] = label;
}

static int deal_rows(struct fold *f, size_t number, bool folds,
                     const struct dataset *data, size_t outputs,
                     struct error *err)
{
    size_t counts[3] = { 0 }, i;
    struct row row;

    for (i = 0; i < data->row_count; i++) {
        dataset_row(data, i, &row);
        counts[part_of(&row, folds, number)]++;
    }
    for (i = 0; i < 3; i++)
        if (part_init(&f->part[i], counts[i], outputs) < 0)
            return error_memory(err);
    for (i = 0; i < data->row_count; i++) {
        dataset_row(data, i, &row);
        part_add(&f->part[part_of(&row, folds, number)], i, row.label);
    }
    return 0;
}

/* Training and validation need both classes. */
static int check_part(const struct part *p, enum split split, size_t number,
                      const struct dataset *data, struct error *err)
{
    size_t positives = 0, i;

    for (i = 0; i < p->count; i++)
        positives += p->label[i] > 0.5f;
    if (positives > 0 && (positives < p->count || data->classes > 2))
        return 0;
    error_usage(
        err, "data set '%s', fold %zu: %s has %zu rows, %zu of them positive",
        data->name, number, dataset_split_name[split], p->count, positives);
    return error_hint(err, "training and validation need both classes");
}

static double log_odds(double share)
{
    return log(share / (1 - share));
}

/* How many training rows each class has. The caller frees. */
static double *count_classes(const struct part *p, size_t classes)
{
    double *count = calloc(classes, sizeof *count);
    size_t i;

    for (i = 0; count && i < p->count; i++)
        count[(size_t)p->label[i]]++;
    return count;
}

/* Where the logits start: the log-odds of the first epoch's share, or the
 * logarithm of each class's share. */
static int draw_weights(struct fold *f, size_t number, uint64_t seed,
                        const struct model *m, const double *count,
                        struct error *err)
{
    size_t outputs = m->loss.outputs, k;
    double all = (double)f->part[SPLIT_TRAIN].count;
    float *prior = calloc(outputs, sizeof *prior);
    int rc;

    if (!prior)
        return error_memory(err);
    prior[0] = (float)log_odds(sampler_share(&f->sampler, 0));
    for (k = 0; outputs > 1 && k < outputs; k++)
        prior[k] = (float)log(fmax(count[k], 0.5) / all);
    rc = weights_init(&f->weights, m, seed, number, prior, err);
    free(prior);
    return rc;
}

/* See struct loss_options. A class without rows weighs 1. */
static int weigh_classes(struct fold *f, const struct model *m,
                         const double *count, size_t classes, double balance,
                         struct error *err)
{
    double all = (double)f->part[SPLIT_TRAIN].count;
    struct backend *b = m->backend;
    size_t bytes = classes * sizeof *f->class_weight, k;

    if (balance <= 0)
        return 0;
    f->class_weight = malloc(bytes);
    f->loss_weight = b->ops->allocate(b, bytes);
    if (!f->class_weight || !f->loss_weight)
        return error_memory(err);
    for (k = 0; k < classes; k++)
        f->class_weight[k] =
            count[k] > 0
                ? (float)pow(all / ((double)classes * count[k]), balance)
                : 1;
    b->ops->upload(b, f->loss_weight, f->class_weight, bytes);
    return 0;
}

static int prepare(struct fold *f, size_t number, const struct config *c,
                   const struct dataset *data, const struct inputs *in,
                   const struct model *m, struct error *err)
{
    const struct part *train = &f->part[SPLIT_TRAIN];
    uint64_t seed = (uint64_t)c->seed;
    double *count = count_classes(train, in->classes);
    int rc = -1;

    if (!count)
        return error_memory(err);
    if (calibration_init(&f->calibration, m->loss.outputs, err) == 0 &&
        statistics_learn(&f->statistics, in, &c->ngram, data, train->row,
                         train->count, err) == 0 &&
        feedback_init(&f->feedback, c, data, train, err) == 0 &&
        sampling_init(&f->sampler, c, data, train->row, train->label,
                      train->count, number, err) == 0 &&
        weigh_classes(f, m, count, in->classes, c->model.loss.balance, err) ==
            0)
        rc = draw_weights(f, number, seed, m, count, err);
    free(count);
    return rc;
}

int fold_init(struct fold *f, size_t number, const struct config *c,
              const struct dataset *data, const struct inputs *in,
              const struct model *m, struct error *err)
{
    enum split split;

    *f = (struct fold){ .source = { data, in, &c->ngram, &c->characters,
                                    &f->statistics, c->augment } };
    if (deal_rows(f, number, c->folds > 0, data, inputs_outputs(in), err) < 0)
        return -1;
    for (split = SPLIT_TRAIN; split <= SPLIT_VALIDATION; split++)
        if (check_part(&f->part[split], split, number, data, err) < 0)
            return -1;
    return prepare(f, number, c, data, in, m, err);
}

void fold_clear(struct fold *f, const struct model *m)
{
    size_t i;

    for (i = 0; i < 3; i++) {
        free(f->part[i].row);
        free(f->part[i].label);
        free(f->part[i].logit);
    }
    statistics_clear(&f->statistics);
    calibration_clear(&f->calibration);
    free(f->class_weight);
    m->backend->ops->release(m->backend, f->loss_weight);
    sampler_clear(&f->sampler);
    feedback_clear(&f->feedback);
    weights_clear(&f->weights, m);
    memset(f, 0, sizeof *f);
}

/* The logits of 'count' rows from 'first', a batch at a time. */
static int judge_slice(struct fold *f, struct part *p, size_t first,
                       size_t count, struct model *m, struct batch *batch,
                       struct error *err)
{
    struct step step = { .training = false };
    size_t done, rows;

    for (done = 0; done < count; done += rows) {
        rows = count - done < batch->capacity ? count - done : batch->capacity;
        step.all_rows = rows;
        if (batch_fill(batch, &f->source, p->row + first + done, rows, 0, 0,
                       err) < 0 ||
            model_forward(m, &f->weights, batch, &step, err) < 0)
            return -1;
        model_logits(m, p->logit + (first + done) * m->loss.outputs);
    }
    return 0;
}

int fold_judge(struct fold *f, enum split split, struct model *m,
               struct batch *batch, struct error *err)
{
    struct part *p = &f->part[split];
    size_t ranks = (size_t)m->comm->size, first, count, mine, mine_first, r;
    size_t row = m->loss.outputs * sizeof *p->logit;
    size_t *sizes = calloc(ranks, sizeof *sizes);
    struct comm other = *m->comm;
    float *part = NULL;
    int rc = -1;

    comm_slice(m->comm, p->count, &mine_first, &mine);
    part = malloc(mine * row + 1); /* MPI wants what is sent apart */
    if (!sizes || !part) {
        error_memory(err);
        goto out;
    }
    if (judge_slice(f, p, mine_first, mine, m, batch, err) < 0)
        goto out;
    for (r = 0; r < ranks; r++) {
        other.rank = (int)r;
        comm_slice(&other, p->count, &first, &count);
        sizes[r] = count * row;
    }
    memcpy(part, p->logit + mine_first * m->loss.outputs, mine * row);
    comm_gather(m->comm, part, sizes, p->logit);
    rc = 0;
out:
    free(part);
    free(sizes);
    return rc;
}

int fold_calibrate(struct fold *f, size_t classes, int64_t epoch,
                   struct error *err)
{
    const struct part *p = &f->part[SPLIT_VALIDATION];
    double *share = calloc(2 * classes, sizeof *share);

    if (!share)
        return error_memory(err);
    sampler_shares(&f->sampler, epoch, classes, share, share + classes);
    calibration_set_prior(&f->calibration, share, share + classes,
                          f->class_weight);
    calibration_fit(&f->calibration, p->logit, p->label, p->count);
    free(share);
    return 0;
}
