/* See batch.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/batch/batch.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "trainer/data/dataset.h"

/* Room for 'count' times 'size' bytes, where that is not nothing. */
static int make(void *array, size_t count, size_t size)
{
    void **at = array;

    if (count * size > 0)
        *at = calloc(count, size);
    return count * size == 0 || *at ? 0 : -1;
}

static int make_arrays(struct batch *b, const struct inputs *in)
{
    size_t rows = b->capacity, frames = 0;

    if (inputs_has_frames(in))
        frames = positions_needed(&in->frames, (size_t)in->frames.length);
    return make(&b->label, rows, sizeof *b->label) < 0 ||
                   make(&b->lookup, in->table_count + 1, sizeof *b->lookup) <
                       0 ||
                   make(&b->pixels, rows, inputs_pixels(in)) < 0 ||
                   make(&b->dense, rows, inputs_dense(in) * sizeof *b->dense) <
                       0 ||
                   make(&b->words.length, rows, sizeof *b->words.length) < 0 ||
                   make(&b->frames.length, rows, sizeof *b->frames.length) <
                       0 ||
                   make(&b->frame, rows * frames,
                        in->frame_size * sizeof *b->frame) < 0
               ? -1
               : 0;
}

int batch_init(struct batch *b, const struct inputs *in, size_t capacity,
               struct error *err)
{
    size_t i;

    *b = (struct batch){ .capacity = capacity };
    if (make_arrays(b, in) < 0)
        goto error;
    for (i = 0; i < in->table_count; i++) {
        if (lookup_init(&b->lookup[i], in->table[i].rows,
                        capacity * inputs_lines(in, &in->table[i]), NULL) < 0)
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
    free(b->words.length);
    free(b->frames.length);
    free(b->frame);
    free(b->dense);
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
    used = ngram_weigh(s->ngram, s->statistics ? s->statistics->idf : NULL, id,
                       used, weight);
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

static int add_characters(struct lookup *l, const struct batch_source *s,
                          const struct row *row, uint64_t key,
                          struct error *err)
{
    uint64_t buckets = (uint64_t)s->characters->buckets;
    size_t used = row->character_count, i;
    float *weight;
    uint32_t *id;

    if (lookup_reserve(l, used, err) < 0)
        return -1;
    id = l->id + l->count;
    weight = l->weight + l->count;
    for (i = 0; i < used; i++)
        id[i] = (uint32_t)(random_mix(row->character[i]) % buckets);
    used = ngram_weigh(s->characters, NULL, id, used, weight);
    if (key)
        used = ngram_drop(s->characters, key, id, weight, used);
    lookup_end_row(l, used);
    return 0;
}

static int add_lookup(struct lookup *l, const struct input_table *t,
                      const struct batch_source *s, const struct row *row,
                      uint64_t key, struct error *err)
{
    switch (t->kind) {
    case INPUT_TEXT:
        return add_text(l, s, row, key, err);
    case INPUT_CHARACTERS:
        return add_characters(l, s, row, key ? random_mix(key) : 0, err);
    case INPUT_CATEGORY:
        return add_one(l, row->category[t->field], err);
    case INPUT_WORDS: /* add_words() */
    case INPUT_NUMBER:
        break;
    }
    return add_one(
        l, number_bucket(&s->data->number[t->field], row->number[t->field]),
        err);
}

/* One line a position: a word, or nothing where none is or it is left out. */
static int add_line(struct lookup *l, const struct batch_source *s,
                    const struct row *row, size_t position, uint64_t key,
                    struct error *err)
{
    struct ngram_options one = *s->ngram;
    size_t used = 0;

    one.ngrams = 1;
    if (lookup_reserve(l, 1, err) < 0)
        return -1;
    if (position < row->token_count)
        used = ngram_buckets(&one, row->token + position, 1, l->id + l->count);
    if (used > 0)
        l->weight[l->count] = 1;
    if (key)
        used = ngram_drop(&one, key + position, l->id + l->count,
                          l->weight + l->count, used);
    lookup_end_row(l, used);
    return 0;
}

/* What names the random numbers of example 'i'; 0: none. */
static uint64_t name_of(uint64_t key, size_t first, size_t i)
{
    return key ? random_mix(key + first + i) : 0;
}

/* The lengths of all rows, and from them the positions of each. */
static void measure_rows(struct batch *b, const struct batch_source *s,
                         const uint32_t *row)
{
    const struct sequence_options *words = &s->inputs->words;
    const struct sequence_options *frames = &s->inputs->frames;
    uint32_t word = 0, frame = 0;
    struct row r;
    size_t i;

    for (i = 0; i < b->rows; i++) {
        dataset_row(s->data, row[i], &r);
        b->words.length[i] = positions_kept(words, r.token_count);
        b->frames.length[i] = positions_kept(frames, r.frame_count);
        word = b->words.length[i] > word ? b->words.length[i] : word;
        frame = b->frames.length[i] > frame ? b->frames.length[i] : frame;
    }
    b->words.count = positions_needed(words, word);
    b->frames.count = positions_needed(frames, frame);
}

static int add_words(struct batch *b, struct lookup *l,
                     const struct batch_source *s, const uint32_t *row,
                     size_t first, uint64_t key, struct error *err)
{
    size_t i, k;
    struct row r;

    for (i = 0; i < b->rows; i++) {
        dataset_row(s->data, row[i], &r);
        for (k = 0; k < b->words.count; k++) {
            if (k == b->words.length[i])
                r.token_count = 0;
            if (add_line(l, s, &r, k, name_of(key, first, i), err) < 0)
                return -1;
        }
    }
    return 0;
}

/* Everything of example 'i' but its words. */
static int fill_row(struct batch *b, const struct batch_source *s, size_t i,
                    const struct row *r, uint64_t name, struct error *err)
{
    const struct inputs *in = s->inputs;
    size_t pixels = inputs_pixels(in), dense = inputs_dense(in), t;

    b->label[i] = r->label;
    if (pixels > 0)
        augment_image(name ? s->augment : AUGMENT_NONE, name, IMAGE_CHANNELS,
                      in->image_height, in->image_width, r->image,
                      b->pixels + i * pixels);
    if (dense > 0)
        dense_fill(in, &s->statistics->dense, r, b->dense + i * dense);
    if (inputs_has_frames(in)) {
        size_t size = b->frames.count * in->frame_size;

        memset(b->frame + i * size, 0, size * sizeof *b->frame);
        dense_frames(in, &s->statistics->frames, r, b->frames.length[i],
                     b->frame + i * size);
    }
    for (t = 0; t < b->lookup_count; t++)
        if (in->table[t].kind != INPUT_WORDS &&
            add_lookup(&b->lookup[t], &in->table[t], s, r, name, err) < 0)
            return -1;
    return 0;
}

int batch_fill(struct batch *b, const struct batch_source *s,
               const uint32_t *row, size_t count, size_t first, uint64_t key,
               struct error *err)
{
    size_t i, t;
    struct row r;

    assert(count <= b->capacity);
    b->rows = count;
    for (t = 0; t < b->lookup_count; t++)
        lookup_reset(&b->lookup[t]);
    measure_rows(b, s, row);
    for (i = 0; i < count; i++) {
        dataset_row(s->data, row[i], &r);
        if (fill_row(b, s, i, &r, name_of(key, first, i), err) < 0)
            return -1;
    }
    for (t = 0; t < b->lookup_count; t++) {
        if (s->inputs->table[t].kind == INPUT_WORDS &&
            add_words(b, &b->lookup[t], s, row, first, key, err) < 0)
            return -1;
        lookup_index(&b->lookup[t]);
    }
    return 0;
}
