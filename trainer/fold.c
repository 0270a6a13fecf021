/* See fold.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/fold.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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
    return 0;
}

static int part_init(struct part *p, size_t rows)
{
    p->row = calloc(rows + 1, sizeof *p->row);
    p->label = calloc(rows + 1, sizeof *p->label);
    p->logit = calloc(rows + 1, sizeof *p->logit);
    return p->row && p->label && p->logit ? 0 : -1;
}

static void part_add(struct part *p, size_t row, float label)
{
    p->row[p->count] = (uint32_t)row;
    p->label[p->count++] = label;
}

static int deal_rows(struct fold *f, size_t number, bool folds,
                     const struct dataset *data, struct error *err)
{
    size_t counts[3] = { 0 }, i;
    struct row row;

    for (i = 0; i < data->row_count; i++) {
        dataset_row(data, i, &row);
        counts[part_of(&row, folds, number)]++;
    }
    for (i = 0; i < 3; i++)
        if (part_init(&f->part[i], counts[i]) < 0)
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
    if (positives > 0 && positives < p->count)
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

static int prepare(struct fold *f, size_t number, const struct config *c,
                   const struct dataset *data, const struct model *m,
                   struct error *err)
{
    const struct part *train = &f->part[SPLIT_TRAIN];
    uint64_t seed = (uint64_t)c->seed;

    if (c->ngram.weight == NGRAM_TFIDF && c->model.text.on && data->has_text) {
        f->idf = batch_idf(data, &c->ngram, train->row, train->count, err);
        if (!f->idf)
            return -1;
        f->source.idf = f->idf;
    }
    if (sampler_init(&f->sampler, &c->schedule, train->row, train->label,
                     train->count, (size_t)c->batch_size, seed, number,
                     err) < 0)
        return -1;
    return weights_init(&f->weights, m, seed, number,
                        log_odds(sampler_share(&f->sampler, 0)), err);
}

int fold_init(struct fold *f, size_t number, const struct config *c,
              const struct dataset *data, const struct inputs *in,
              const struct model *m, struct error *err)
{
    enum split split;

    *f = (struct fold){ .source = { data, in, &c->ngram, NULL, c->augment } };
    if (deal_rows(f, number, c->folds > 0, data, err) < 0)
        return -1;
    for (split = SPLIT_TRAIN; split <= SPLIT_VALIDATION; split++)
        if (check_part(&f->part[split], split, number, data, err) < 0)
            return -1;
    return prepare(f, number, c, data, m, err);
}

void fold_clear(struct fold *f, const struct model *m)
{
    size_t i;

    for (i = 0; i < 3; i++) {
        free(f->part[i].row);
        free(f->part[i].label);
        free(f->part[i].logit);
    }
    free(f->idf);
    sampler_clear(&f->sampler);
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
        model_logits(m, p->logit + first + done);
    }
    return 0;
}

int fold_judge(struct fold *f, enum split split, struct model *m,
               struct batch *batch, struct error *err)
{
    struct part *p = &f->part[split];
    size_t ranks = (size_t)m->comm->size, first, count, mine, mine_first, r;
    size_t *sizes = calloc(ranks, sizeof *sizes);
    struct comm other = *m->comm;
    int rc;

    if (!sizes)
        return error_memory(err);
    comm_slice(m->comm, p->count, &mine_first, &mine);
    rc = judge_slice(f, p, mine_first, mine, m, batch, err);
    for (r = 0; r < ranks; r++) {
        other.rank = (int)r;
        comm_slice(&other, p->count, &first, &count);
        sizes[r] = count * sizeof *p->logit;
    }
    /* MPI wants what is sent and what is received apart. */
    float *part = malloc((mine + 1) * sizeof *part);
    if (!part)
        rc = error_memory(err);
    if (rc == 0) {
        memcpy(part, p->logit + mine_first, mine * sizeof *part);
        comm_gather(m->comm, part, sizes, p->logit);
    }
    free(part);
    free(sizes);
    return rc;
}
