/* See sampler.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/batch/sampler.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"

enum { NEGATIVE, POSITIVE };

/* A class in random order, and again in another when it is used up. */
struct deck {
    const size_t *rows;
    size_t *cards;
    size_t count, next;
    struct random *random;
};

static void deck_shuffle(struct deck *d)
{
    memcpy(d->cards, d->rows, d->count * sizeof *d->cards);
    random_shuffle(d->random, d->cards, d->count);
    d->next = 0;
}

static uint32_t deck_draw(struct deck *d)
{
    if (d->next == d->count)
        deck_shuffle(d);
    return (uint32_t)d->cards[d->next++];
}

int sampler_init(struct sampler *s, const struct schedule *schedule,
                 const uint32_t *row, const float *label, size_t count,
                 size_t batch, uint64_t seed, uint64_t stream,
                 struct error *err)
{
    size_t i, kind;

    assert(count > 0 && batch > 0);
    *s = (struct sampler){ .schedule = *schedule,
                           .seed = seed,
                           .stream = stream,
                           .batch = batch < count ? batch : count };
    s->batches = count / s->batch;
    s->class_rows[NEGATIVE] = calloc(count, sizeof **s->class_rows);
    s->class_rows[POSITIVE] = calloc(count, sizeof **s->class_rows);
    s->scratch = calloc(count, sizeof *s->scratch);
    s->order = calloc(s->batches * s->batch, sizeof *s->order);
    if (!s->class_rows[NEGATIVE] || !s->class_rows[POSITIVE] || !s->scratch ||
        !s->order) {
        sampler_clear(s);
        return error_memory(err);
    }
    for (i = 0; i < count; i++) {
        kind = label[i] > 0.5f ? POSITIVE : NEGATIVE;
        s->class_rows[kind][s->class_count[kind]++] = row[i];
    }
    return 0;
}

void sampler_clear(struct sampler *s)
{
    free(s->class_rows[NEGATIVE]);
    free(s->class_rows[POSITIVE]);
    free(s->scratch);
    free(s->order);
    memset(s, 0, sizeof *s);
}

double sampler_natural(const struct sampler *s)
{
    size_t all = s->class_count[NEGATIVE] + s->class_count[POSITIVE];

    return (double)s->class_count[POSITIVE] / (double)all;
}

double sampler_share(const struct sampler *s, int64_t epoch)
{
    return schedule_share(&s->schedule, sampler_natural(s), epoch);
}

static void draw_natural(struct sampler *s, struct random *random)
{
    size_t negatives = s->class_count[NEGATIVE];
    size_t positives = s->class_count[POSITIVE], i;

    memcpy(s->scratch, s->class_rows[NEGATIVE], negatives * sizeof *s->scratch);
    memcpy(s->scratch + negatives, s->class_rows[POSITIVE],
           positives * sizeof *s->scratch);
    random_shuffle(random, s->scratch, negatives + positives);
    for (i = 0; i < s->batches * s->batch; i++)
        s->order[i] = (uint32_t)s->scratch[i];
}

static void draw_balanced(struct sampler *s, double share,
                          struct random *random)
{
    struct deck deck[2];
    size_t batch, i, positives, kind;

    for (kind = NEGATIVE; kind <= POSITIVE; kind++) {
        deck[kind] = (struct deck){
            .rows = s->class_rows[kind],
            .cards = s->scratch + (kind ? s->class_count[NEGATIVE] : 0),
            .count = s->class_count[kind],
            .random = random,
        };
        deck_shuffle(&deck[kind]);
    }
    for (batch = 0; batch < s->batches; batch++) {
        positives = (size_t)((double)s->batch * share + random_uniform(random));
        for (i = 0; i < s->batch; i++)
            s->order[batch * s->batch + i] = deck_draw(&deck[i < positives]);
    }
}

void sampler_start(struct sampler *s, int64_t epoch)
{
    double share = sampler_share(s, epoch);
    struct random random;

    random_seed(&random, s->seed,
                random_mix(s->stream) + (uint64_t)epoch * 2 + 1);
    if (share == sampler_natural(s))
        draw_natural(s, &random);
    else
        draw_balanced(s, share, &random);
}

const uint32_t *sampler_batch(const struct sampler *s, size_t i)
{
    assert(i < s->batches);
    return s->order + i * s->batch;
}
