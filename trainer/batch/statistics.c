/* See statistics.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/batch/statistics.h"

#include <math.h>
#include <stdlib.h>

#include "trainer/batch/lookup.h"

static bool wants_idf(const struct inputs *in, const struct ngram_options *o)
{
    return o->weight == NGRAM_TFIDF && in->table_count > 0 &&
           in->table[0].kind == INPUT_TEXT;
}

/* Count in how many rows each bucket occurs. */
static int count_buckets(float *idf, const struct ngram_options *o,
                         const struct dataset *data, const uint32_t *row,
                         size_t count, struct error *err)
{
    struct lookup l = { 0 };
    struct row r;
    size_t i, j;

    if (lookup_init(&l, (size_t)o->buckets, 1, err) < 0)
        return -1;
    for (i = 0; i < count; i++) {
        dataset_row(data, row[i], &r);
        lookup_reset(&l);
        if (lookup_reserve(&l, r.token_count * (size_t)o->ngrams, err) < 0)
            break;
        l.count = ngram_buckets(o, r.token, r.token_count, l.id);
        lookup_index(&l);
        for (j = 0; j < l.touched_count; j++)
            idf[l.touched[j]] += 1;
    }
    lookup_clear(&l);
    return i == count ? 0 : -1;
}

static int learn_idf(struct statistics *s, const struct ngram_options *o,
                     const struct dataset *data, const uint32_t *row,
                     size_t count, struct error *err)
{
    size_t j;

    if (count_buckets(s->idf, o, data, row, count, err) < 0)
        return -1;
    for (j = 0; j < s->idf_count; j++)
        s->idf[j] = logf((1 + (float)count) / (1 + s->idf[j])) + 1;
    return 0;
}

static int make_idf(struct statistics *s, const struct inputs *in,
                    const struct ngram_options *ngram, struct error *err)
{
    if (!wants_idf(in, ngram))
        return 0;
    s->idf_count = (size_t)ngram->buckets;
    s->idf = calloc(s->idf_count, sizeof *s->idf);
    return s->idf ? 0 : error_memory(err);
}

int statistics_learn(struct statistics *s, const struct inputs *in,
                     const struct ngram_options *ngram,
                     const struct dataset *data, const uint32_t *row,
                     size_t count, struct error *err)
{
    *s = (struct statistics){ 0 };
    if (standard_dense(&s->dense, in, data, row, count, err) < 0 ||
        standard_frames(&s->frames, in, data, row, count, err) < 0 ||
        make_idf(s, in, ngram, err) < 0)
        return -1;
    return s->idf ? learn_idf(s, ngram, data, row, count, err) : 0;
}

int statistics_init(struct statistics *s, const struct inputs *in,
                    const struct ngram_options *ngram, struct error *err)
{
    size_t frame = inputs_has_frames(in) ? in->frame_size : 0;

    *s = (struct statistics){ 0 };
    if (standard_init(&s->dense, inputs_dense(in), err) < 0 ||
        standard_init(&s->frames, frame, err) < 0)
        return -1;
    return make_idf(s, in, ngram, err);
}

void statistics_clear(struct statistics *s)
{
    free(s->idf);
    standard_clear(&s->dense);
    standard_clear(&s->frames);
    *s = (struct statistics){ 0 };
}
