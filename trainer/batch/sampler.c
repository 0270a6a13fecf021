/* See sampler.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/batch/sampler.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "trainer/batch/samplers/draw.h"

const char *const sampler_names[] = { "share", "class_aware", "weighted",
                                      NULL };

static bool is_positive(float label)
{
    return label > 0.5f;
}

/* --- the ways ---------------------------------------------------------------- */

static uint64_t key_by_label(const struct sampler_rows *r, size_t i)
{
    return is_positive(r->label[i]);
}

static uint64_t key_by_class(const struct sampler_rows *r, size_t i)
{
    return r->category ? r->category[i] : (uint64_t)r->label[i];
}

static uint64_t key_by_both(const struct sampler_rows *r, size_t i)
{
    uint64_t category = r->category ? r->category[i] : 0;

    return category * 2 + is_positive(r->label[i]);
}

static void draw_share(struct draw *d)
{
    double natural = 0;
    size_t i;

    for (i = 0; i < d->strata->count; i++)
        natural +=
            (double)((d->strata->list[i].key & 1) * d->strata->list[i].count);
    if (d->share == natural / (double)d->strata->rows)
        draw_natural(d);
    else
        draw_weighted(d);
}

static const struct way {
    uint64_t (*key)(const struct sampler_rows *r, size_t i);
    void (*draw)(struct draw *d);
} ways[] = {
    [SAMPLER_SHARE] = { key_by_label, draw_share },
    [SAMPLER_CLASS_AWARE] = { key_by_class, draw_class_aware },
    [SAMPLER_WEIGHTED] = { key_by_both, draw_weighted },
};

/* --- making one -------------------------------------------------------------- */

static int sort_rows(struct sampler *s, const struct sampler_rows *rows,
                     struct error *err)
{
    uint64_t *key = calloc(rows->count, sizeof *key);
    size_t i;
    int rc;

    if (!key)
        return error_memory(err);
    for (i = 0; i < rows->count; i++)
        key[i] = ways[s->options.kind].key(rows, i);
    rc = strata_init(&s->strata, key, rows->count, err);
    free(key);
    return rc;
}

static void *copy(const void *values, size_t count, size_t size)
{
    void *mine = calloc(count + 1, size);

    if (!mine)
        return NULL;
    if (values)
        memcpy(mine, values, count * size);
    return mine;
}

static int make_room(struct sampler *s, const struct sampler_rows *rows)
{
    size_t strata = s->strata.count, drawn = s->batches * s->batch;

    s->row = copy(rows->row, s->count, sizeof *s->row);
    s->label = copy(rows->label, s->count, sizeof *s->label);
    s->group = copy(rows->group, s->count, sizeof *s->group);
    s->now.rows = calloc(drawn, sizeof *s->now.rows);
    s->next.rows = calloc(drawn, sizeof *s->next.rows);
    s->cards = calloc(s->count, sizeof *s->cards);
    s->deck = calloc(strata + 1, sizeof *s->deck);
    s->turn = calloc(2 * strata + 1, sizeof *s->turn);
    s->stamp = calloc(s->groups + 1, sizeof *s->stamp);
    s->stratum_weight = calloc(strata + 1, sizeof *s->stratum_weight);
    s->weight = calloc(s->categories + 1, sizeof *s->weight);
    return s->row && s->label && s->group && s->now.rows && s->next.rows &&
                   s->cards && s->deck && s->turn && s->stamp &&
                   s->stratum_weight && s->weight
               ? 0
               : -1;
}

int sampler_init(struct sampler *s, const struct sampler_options *o,
                 const struct sampler_rows *rows, struct error *err)
{
    size_t i;

    assert(rows->count > 0 && o->batch > 0);
    assert(!o->distinct || rows->group);
    *s = (struct sampler){ .options = *o,
                           .count = rows->count,
                           .categories = rows->categories,
                           .groups = rows->groups };
    s->batch = o->batch < rows->count ? o->batch : rows->count;
    s->batches = s->count / s->batch;
    s->now.epoch = s->next.epoch = -1;
    if (sort_rows(s, rows, err) < 0)
        return -1;
    if (make_room(s, rows) < 0) {
        sampler_clear(s);
        return error_memory(err);
    }
    for (i = 0; i < s->count; i++)
        s->positives += is_positive(s->label[i]);
    for (i = 0; i < s->categories; i++)
        s->weight[i] = 1;
    return 0;
}

/* What the thread holds may be touched after this. */
static void join(struct sampler *s)
{
    if (s->drawing)
        pthread_join(s->thread, NULL);
    s->drawing = false;
}

void sampler_clear(struct sampler *s)
{
    join(s);
    strata_clear(&s->strata);
    free(s->row);
    free(s->label);
    free(s->group);
    free(s->now.rows);
    free(s->next.rows);
    free(s->cards);
    free(s->deck);
    free(s->turn);
    free(s->stamp);
    free(s->stratum_weight);
    free(s->weight);
    memset(s, 0, sizeof *s);
}

/* --- shares and weights ------------------------------------------------------ */

double sampler_natural(const struct sampler *s)
{
    return (double)s->positives / (double)s->count;
}

/* The mean over strata of the share of positives in each. */
static double class_aware_share(const struct sampler *s)
{
    double sum = 0;
    size_t i, k;

    for (i = 0; i < s->strata.count; i++) {
        const struct stratum *one = &s->strata.list[i];
        double positives = 0;

        for (k = one->first; k < one->first + one->count; k++)
            positives += is_positive(s->label[s->strata.member[k]]);
        sum += positives / (double)one->count;
    }
    return sum / (double)s->strata.count;
}

double sampler_share(const struct sampler *s, int64_t epoch)
{
    if (s->options.kind == SAMPLER_CLASS_AWARE)
        return class_aware_share(s);
    return schedule_share(&s->options.schedule, sampler_natural(s), epoch);
}

/* Add each class's share of some rows, times 'part', to 'share'. */
static void add_shares(const struct sampler *s, const size_t *row, size_t count,
                       double part, double *share)
{
    size_t k;

    for (k = 0; k < count; k++)
        share[(size_t)s->label[row ? row[k] : k]] += part / (double)count;
}

void sampler_shares(const struct sampler *s, int64_t epoch, size_t classes,
                    double *natural, double *seen)
{
    size_t i;

    memset(natural, 0, classes * sizeof *natural);
    memset(seen, 0, classes * sizeof *seen);
    add_shares(s, NULL, s->count, 1, natural);
    if (s->options.kind == SAMPLER_CLASS_AWARE) {
        for (i = 0; i < s->strata.count; i++)
            add_shares(s, s->strata.member + s->strata.list[i].first,
                       s->strata.list[i].count, 1 / (double)s->strata.count,
                       seen);
        return;
    }
    memcpy(seen, natural, classes * sizeof *seen);
    if (classes == 2) {
        seen[1] = sampler_share(s, epoch);
        seen[0] = 1 - seen[1];
    }
}

void sampler_weigh(struct sampler *s, const double *weight)
{
    join(s);
    memcpy(s->weight, weight, s->categories * sizeof *s->weight);
    s->next.epoch = -1;
}

/* --- drawing ----------------------------------------------------------------- */

static void weigh_strata(struct sampler *s)
{
    size_t i;

    for (i = 0; i < s->strata.count; i++)
        s->stratum_weight[i] =
            s->options.kind == SAMPLER_WEIGHTED && s->categories > 0
                ? s->weight[s->strata.list[i].key / 2]
                : 1;
}

static void draw(struct sampler *s, struct draft *draft)
{
    struct draw d = { .strata = &s->strata,
                      .weight = s->stratum_weight,
                      .share = sampler_share(s, draft->epoch),
                      .batch = s->batch,
                      .batches = s->batches,
                      .cards = s->cards,
                      .deck = s->deck,
                      .turn = s->turn,
                      .order = draft->rows };
    size_t i;

    random_seed(&d.random, s->options.seed,
                random_mix(s->options.stream) + (uint64_t)draft->epoch * 2 + 1);
    weigh_strata(s);
    ways[s->options.kind].draw(&d);
    draft->twins = 0;
    if (s->options.distinct) {
        memset(s->stamp, 0, s->groups * sizeof *s->stamp);
        draft->twins = draw_distinct(&d, s->group, s->label, s->stamp);
    }
    for (i = 0; i < s->batches * s->batch; i++)
        draft->rows[i] = s->row[draft->rows[i]];
}

static void *draw_next(void *sampler)
{
    struct sampler *s = sampler;

    draw(s, &s->next);
    return NULL;
}

void sampler_prepare(struct sampler *s, int64_t epoch)
{
    join(s);
    if (s->next.epoch == epoch)
        return;
    s->next.epoch = epoch;
    s->drawing = pthread_create(&s->thread, NULL, draw_next, s) == 0;
    if (!s->drawing)
        s->next.epoch = -1;
}

void sampler_start(struct sampler *s, int64_t epoch)
{
    struct draft before = s->now;

    join(s);
    if (s->next.epoch != epoch) {
        s->next.epoch = epoch;
        draw(s, &s->next);
    }
    s->now = s->next;
    s->next = before;
    s->next.epoch = -1;
}

const uint32_t *sampler_batch(const struct sampler *s, size_t i)
{
    assert(i < s->batches);
    return s->now.rows + i * s->batch;
}
