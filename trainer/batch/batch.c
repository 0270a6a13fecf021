/* See batch.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/batch/batch.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "trainer/data/dataset.h"

int batch_init(struct batch *b, const struct inputs *in, size_t capacity,
               struct error *err)
{
    size_t pixels = inputs_pixels(in), i;

    *b = (struct batch){ .capacity = capacity };
    b->label = calloc(capacity, sizeof *b->label);
    b->lookup = calloc(in->table_count + 1, sizeof *b->lookup);
    if (pixels > 0)
        b->pixels = calloc(capacity, pixels);
    if (!b->label || !b->lookup || (pixels > 0 && !b->pixels))
        goto error;
    for (i = 0; i < in->table_count; i++) {
        if (lookup_init(&b->lookup[i], in->table[i].rows, capacity, NULL) < 0)
            goto error;
        b->lookup_count++;
    }
    return 0;
error:
    batch_clear(b);
    return error_memory(err);
}

void batch_clear(struct batch *b)
{
    size_t i;

    for (i = 0; i < b->lookup_count; i++)
        lookup_clear(&b->lookup[i]);
    free(b->lookup);
    free(b->pixels);
    free(b->label);
    memset(b, 0, sizeof *b);
}

static int add_text(struct lookup *l, const struct batch_source *s,
                    const struct row *row, uint64_t key, struct error *err)
{
    size_t most = row->token_count * (size_t)s->ngram->ngrams, used;
    uint32_t *id;
    float *weight;

    if (lookup_reserve(l, most, err) < 0)
        return -1;
    id = l->id + l->count;
    weight = l->weight + l->count;
    used = ngram_buckets(s->ngram, row->token, row->token_count, id);
    used = ngram_weigh(s->ngram, s->idf, id, used, weight);
    if (key)
        used = ngram_drop(s->ngram, key, id, weight, used);
    lookup_end_row(l, used);
    return 0;
}

static int add_one(struct lookup *l, uint32_t id, struct error *err)
{
    if (lookup_reserve(l, 1, err) < 0)
        return -1;
    assert(id < l->table_rows);
    l->id[l->count] = id;
    l->weight[l->count] = 1;
    lookup_end_row(l, 1);
    return 0;
}

static int add_lookup(struct lookup *l, const struct input_table *t,
                      const struct batch_source *s, const struct row *row,
                      uint64_t key, struct error *err)
{
    switch (t->kind) {
    case INPUT_TEXT:
        return add_text(l, s, row, key, err);
    case INPUT_CATEGORY:
        return add_one(l, row->category[t->field], err);
    case INPUT_NUMBER:
        break;
    }
    return add_one(
        l, number_bucket(&s->data->number[t->field], row->number[t->field]),
        err);
}

int batch_fill(struct batch *b, const struct batch_source *s,
               const uint32_t *row, size_t count, size_t first, uint64_t key,
               struct error *err)
{
    size_t pixels = inputs_pixels(s->inputs), i, t;
    struct row r;

    assert(count <= b->capacity);
    b->rows = count;
    for (t = 0; t < b->lookup_count; t++)
        lookup_reset(&b->lookup[t]);
    for (i = 0; i < count; i++) {
        uint64_t name = key ? random_mix(key + first + i) : 0;

        dataset_row(s->data, row[i], &r);
        b->label[i] = r.label;
        if (pixels > 0)
            augment_image(key ? s->augment : AUGMENT_NONE, name, IMAGE_CHANNELS,
                          s->inputs->image_height, s->inputs->image_width,
                          r.image, b->pixels + i * pixels);
        for (t = 0; t < b->lookup_count; t++)
            if (add_lookup(&b->lookup[t], &s->inputs->table[t], s, &r, name,
                           err) < 0)
                return -1;
    }
    for (t = 0; t < b->lookup_count; t++)
        lookup_index(&b->lookup[t]);
    return 0;
}

float *batch_idf(const struct dataset *data, const struct ngram_options *o,
                 const uint32_t *row, size_t count, struct error *err)
{
    size_t buckets = (size_t)o->buckets, i, j;
    float *idf = calloc(buckets, sizeof *idf);
    struct lookup l = { 0 };
    struct row r;

    if (!idf || lookup_init(&l, buckets, 1, err) < 0)
        goto error;
    for (i = 0; i < count; i++) {
        dataset_row(data, row[i], &r);
        lookup_reset(&l);
        if (lookup_reserve(&l, r.token_count * (size_t)o->ngrams, err) < 0)
            goto error;
        l.count = ngram_buckets(o, r.token, r.token_count, l.id);
        lookup_index(&l);
        for (j = 0; j < l.touched_count; j++)
            idf[l.touched[j]] += 1;
    }
    for (j = 0; j < buckets; j++)
        idf[j] = logf((1 + (float)count) / (1 + idf[j])) + 1;
    lookup_clear(&l);
    return idf;
error:
    error_memory(err);
    lookup_clear(&l);
    free(idf);
    return NULL;
}
