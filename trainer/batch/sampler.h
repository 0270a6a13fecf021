/* sampler: which examples make the batches of an epoch, and in which order.
 *
 * An epoch has as many batches as the rows fill (the rest waits for another
 * shuffle). All of it follows from (seed, stream, epoch, weights): a resumed
 * epoch is the same. While an epoch is trained a thread draws the next one, so
 * that training does not wait for it.
 *
 * The ways to draw are a table (sampler_names): see batch/samplers/draw.h.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BATCH_SAMPLER_H
#define TRAINER_BATCH_SAMPLER_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "trainer/batch/samplers/deck.h"
#include "trainer/batch/samplers/strata.h"
#include "trainer/batch/schedule.h"

enum sampler_kind {
    SAMPLER_SHARE,       /* positives by the schedule; every row once when that
                            is their natural share */
    SAMPLER_CLASS_AWARE, /* each class, or category, as often as any other */
    SAMPLER_WEIGHTED     /* positives by the schedule, categories by weights */
};

/* In the order of the enum, ends with NULL. */
extern const char *const sampler_names[];

struct sampler_options {
    enum sampler_kind kind;
    struct schedule schedule;
    bool distinct; /* near-duplicates into different batches */
    size_t batch;  /* rows of one */
    uint64_t seed, stream;
};

/* The rows to draw from. Copied. */
struct sampler_rows {
    size_t count; /* >= 1 */
    const uint32_t *row;
    const float *label;       /* 0 or 1, or the class */
    const uint32_t *category; /* 0..categories-1, or NULL: by the label */
    size_t categories;
    const uint32_t *group; /* near-duplicates share one, 0..groups-1; may be
                              NULL when they are not to be kept apart */
    size_t groups;
};

/* An epoch as drawn. */
struct draft {
    int64_t epoch;  /* -1: none */
    uint32_t *rows; /* [batches * batch] */
    size_t twins;   /* rows that share a group with another of their batch */
};

struct sampler {
    struct sampler_options options;
    size_t batch, batches; /* rows of a batch, batches of an epoch */
    struct draft now;
    /* private */
    struct draft next;
    bool drawing; /* 'thread' is at 'next' */
    pthread_t thread;
    size_t count, positives;
    uint32_t *row, *group;
    float *label;
    double *weight;         /* [categories], of SAMPLER_WEIGHTED */
    double *stratum_weight; /* [strata] */
    struct strata strata;
    struct deck *deck;
    size_t *cards, *turn, *stamp;
    size_t categories, groups;
};

/* A batch is at most all rows. Returns 0 and the caller clears, or -1 with
 * 'err'. */
int sampler_init(struct sampler *s, const struct sampler_options *o,
                 const struct sampler_rows *rows, struct error *err);
void sampler_clear(struct sampler *s);

/* The share of positives among the rows, and in a batch of 'epoch'. */
double sampler_natural(const struct sampler *s);
double sampler_share(const struct sampler *s, int64_t epoch);

/* The share of each class among the rows, and in a batch of 'epoch'. */
void sampler_shares(const struct sampler *s, int64_t epoch, size_t classes,
                    double *natural, double *seen);

/* From the next sampler_start() or sampler_prepare() on, a row of category k
 * counts weight[k] times (copied; all 1 at first). What was prepared is drawn
 * anew. */
void sampler_weigh(struct sampler *s, const double *weight);

/* Let a thread draw 'epoch'; where none can be had sampler_start() does. */
void sampler_prepare(struct sampler *s, int64_t epoch);

/* Have 'epoch' (from 0): as prepared, or drawn now. */
void sampler_start(struct sampler *s, int64_t epoch);

/* The rows of batch 'i' of the present epoch, s->batch of them. Borrowed until
 * the next sampler_start(). */
const uint32_t *sampler_batch(const struct sampler *s, size_t i);

#endif
