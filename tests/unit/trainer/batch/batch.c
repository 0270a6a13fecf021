/* Batches: rows of a packed set side by side; what chance changes in training
 * goes by the key and the place in the batch of all ranks, and by nothing else.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trainer/batch/batch.h"
#include "trainer/data/writer.h"

enum { ROWS = 16, WORDS = 20, SIDE = 8, PIXELS = 3 * SIDE * SIDE };
enum { TEXT, CATEGORY, NUMBER, TABLES };

static struct category_field categories[] = { { (char *)"leaf", ROWS } };
static double edges[] = { 4, 8 };
static struct number_field numbers[] = { { (char *)"price", edges, 2 } };
static const struct dataset shape = { .name = (char *)"test",
                                      .category_count = 1,
                                      .number_count = 1,
                                      .category = categories,
                                      .number = numbers,
                                      .classes = 2,
                                      .has_text = true,
                                      .has_characters = true,
                                      .vector_size = 2,
                                      .frame_size = 3,
                                      .image_height = SIDE,
                                      .image_width = SIDE };
static struct ngram_options ngram = { 1 << 20, 1, NGRAM_MEAN, 0.5 };
static const struct ngram_options characters = { 50, 1, NGRAM_SQRT, 0 };
static const struct inputs_options wanted = { .image = true,
                                              .text = true,
                                              .text_buckets = 1 << 20,
                                              .categories = true,
                                              .number_buckets = true };
static const uint32_t all_rows[ROWS] = { 0, 1, 2,  3,  4,  5,  6,  7,
                                         8, 9, 10, 11, 12, 13, 14, 15 };

struct story {
    char folder[32];
    struct dataset *data;
    struct inputs inputs;
    struct statistics statistics;
    struct batch_source source;
    struct batch batch;
};

static uint8_t pixel(size_t row, size_t i)
{
    return (uint8_t)(row * 7 + i);
}

/* Row 'i': its number everywhere, and WORDS words of which one is in all. */
static void append_row(struct writer *w, uint32_t i)
{
    struct error err = ERROR_INIT;
    uint32_t token[WORDS], k;
    uint8_t image[PIXELS];
    float number = i == 5 ? NAN : (float)i, vector[2], frame[3 * 4];

    for (k = 0; k < WORDS; k++)
        token[k] = k == 0 ? 1 : 1000 + i * WORDS + k;
    for (k = 0; k < PIXELS; k++)
        image[k] = pixel(i, k);
    vector[0] = (float)i;
    vector[1] = 7;
    for (k = 0; k < 12; k++)
        frame[k] = (float)(i + k);
    assert_int_equal(
        writer_append(w,
                      &(struct row){ .label = (float)(i % 2),
                                     .category = &i,
                                     .number = &number,
                                     .token = token,
                                     .token_count = i == 3 ? 2 : WORDS,
                                     .character = token,
                                     .character_count = i % 3,
                                     .vector = vector,
                                     .frame = frame,
                                     .frame_count = 1 + i % 4,
                                     .image = image },
                      &err),
        0);
}

/* Let the batch show what 'o' wants. */
static void look_at(struct story *s, const struct inputs_options *o)
{
    struct error err = ERROR_INIT;

    assert_int_equal(inputs_init(&s->inputs, s->data, o, &err), 0);
    assert_int_equal(statistics_learn(&s->statistics, &s->inputs, &ngram,
                                      s->data, all_rows, ROWS, &err),
                     0);
    s->source =
        (struct batch_source){ s->data,     &s->inputs,     &ngram,
                               &characters, &s->statistics, AUGMENT_SHIFT };
    assert_int_equal(batch_init(&s->batch, &s->inputs, ROWS, &err), 0);
}

static void look_away(struct story *s)
{
    batch_clear(&s->batch);
    statistics_clear(&s->statistics);
    inputs_clear(&s->inputs);
}

static int begin(void **state)
{
    struct story *s = calloc(1, sizeof *s);
    struct error err = ERROR_INIT;
    struct writer *w;
    uint32_t i;

    assert_non_null(s);
    strcpy(s->folder, "/tmp/sentei-batch-XXXXXX");
    assert_non_null(mkdtemp(s->folder));
    w = writer_open(s->folder, &shape, &err);
    assert_non_null(w);
    for (i = 0; i < ROWS; i++)
        append_row(w, i);
    assert_int_equal(writer_finish(w, NULL, &err), 0);
    writer_close(w);
    s->data = dataset_open(s->folder, &err);
    assert_non_null(s->data);
    look_at(s, &wanted);
    *state = s;
    return 0;
}

static int end(void **state)
{
    struct story *s = *state;
    const struct dirent *e;
    char path[512];
    DIR *dir;

    look_away(s);
    dataset_close(s->data);
    dir = opendir(s->folder);
    assert_non_null(dir);
    while ((e = readdir(dir))) {
        snprintf(path, sizeof path, "%s/%s", s->folder, e->d_name);
        unlink(path);
    }
    closedir(dir);
    rmdir(s->folder);
    free(s);
    return 0;
}

static void fill(struct story *s, struct batch *b, size_t first, size_t count,
                 uint64_t key)
{
    struct error err = ERROR_INIT;

    assert_int_equal(
        batch_fill(b, &s->source, all_rows + first, count, first, key, &err),
        0);
    assert_int_equal(b->rows, count);
}

static void test_without_a_key_rows_are_as_they_are(void **state)
{
    struct story *s = *state;
    const struct lookup *l = s->batch.lookup;
    size_t i, k;

    fill(s, &s->batch, 0, ROWS, 0);
    assert_int_equal(s->batch.lookup_count, TABLES);
    for (i = 0; i < ROWS; i++) {
        assert_true(s->batch.label[i] == (float)(i % 2));
        assert_int_equal(l[CATEGORY].id[i], i);
        assert_int_equal(l[NUMBER].id[i], i == 5  ? 3
                                          : i < 4 ? 0
                                          : i < 8 ? 1
                                                  : 2);
        assert_int_equal(l[TEXT].offset[i + 1] - l[TEXT].offset[i],
                         i == 3 ? 2 : WORDS);
        for (k = 0; k < PIXELS; k++)
            assert_int_equal(s->batch.pixels[i * PIXELS + k], pixel(i, k));
    }
    assert_int_equal(l[TEXT].touched_count,
                     ROWS * (WORDS - 1) + 1 - (WORDS - 2));
}

static void test_a_key_changes_images_and_leaves_words_out(void **state)
{
    struct story *s = *state;
    size_t i, changed = 0;
    uint8_t plain[ROWS * PIXELS];

    fill(s, &s->batch, 0, ROWS, 0);
    memcpy(plain, s->batch.pixels, sizeof plain);
    fill(s, &s->batch, 0, ROWS, 99);
    for (i = 0; i < ROWS; i++)
        changed += memcmp(plain + i * PIXELS, s->batch.pixels + i * PIXELS,
                          PIXELS) != 0;
    /* one in 18 stays as it is; half of 320 words, give or take 5 deviations */
    assert_in_range(changed, ROWS / 2, ROWS);
    assert_in_range(s->batch.lookup[TEXT].count, 115, 205);
}

/* Two ranks see what one would. */
static void test_a_part_of_a_batch_is_that_part(void **state)
{
    enum { HALF = ROWS / 2 };
    struct story *s = *state;
    const struct lookup *all = &s->batch.lookup[TEXT], *part;
    struct error err = ERROR_INIT;
    struct batch half;
    uint32_t from;

    assert_int_equal(batch_init(&half, &s->inputs, HALF, &err), 0);
    fill(s, &s->batch, 0, ROWS, 99);
    fill(s, &half, HALF, HALF, 99);
    part = &half.lookup[TEXT];
    from = all->offset[HALF];
    assert_memory_equal(half.pixels, s->batch.pixels + HALF * PIXELS,
                        HALF * PIXELS);
    assert_int_equal(part->count, all->count - from);
    assert_memory_equal(part->id, all->id + from,
                        part->count * sizeof(*part->id));
    batch_clear(&half);
}

static void test_a_word_in_every_row_says_least(void **state)
{
    struct story *s = *state;
    struct error err = ERROR_INIT;
    const uint32_t everywhere = 1, once = 1000 + 1;
    uint32_t bucket[2];
    struct statistics learned;
    const float *idf;

    ngram.weight = NGRAM_TFIDF;
    assert_int_equal(statistics_learn(&learned, &s->inputs, &ngram, s->data,
                                      all_rows, ROWS, &err),
                     0);
    ngram.weight = NGRAM_MEAN;
    idf = learned.idf;
    assert_non_null(idf);
    ngram_buckets(&ngram, &everywhere, 1, &bucket[0]);
    ngram_buckets(&ngram, &once, 1, &bucket[1]);
    assert_true(fabsf(idf[bucket[0]] - 1) < 1e-6F);
    assert_true(fabsf(idf[bucket[1]] - (logf((1 + ROWS) / 2.0F) + 1)) < 1e-6F);
    statistics_clear(&learned);
}

static void test_words_stand_one_by_one(void **state)
{
    struct story *s = *state;
    struct inputs_options o = { .text = true, .text_buckets = 1 << 20 };
    const struct lookup *l;
    uint32_t bucket;
    size_t i;

    look_away(s);
    o.words = (struct sequence_options){ .kind = SEQUENCE_LSTM, .length = 8 };
    look_at(s, &o);
    fill(s, &s->batch, 2, 3, 0);
    l = &s->batch.lookup[0];
    assert_int_equal(s->batch.words.count, 9);
    assert_int_equal(l->rows, 3 * 9);
    for (i = 0; i < 3; i++)
        assert_int_equal(s->batch.words.length[i], i == 1 ? 2 : 8);
    assert_int_equal(l->count, 8 + 2 + 8);
    assert_int_equal(l->offset[9], 8); /* one row's end is empty */
    assert_int_equal(l->offset[11], 10);
    assert_int_equal(l->offset[18], 10);
    ngram_buckets(&ngram, &(uint32_t){ 1000 + 3 * WORDS + 1 }, 1, &bucket);
    assert_int_equal(l->id[9], bucket);
    assert_true(l->weight[9] == 1);
    fill(s, &s->batch, 0, ROWS, 99);
    assert_in_range(l->count, 30, 95); /* half are left out */
    look_away(s);
    look_at(s, &wanted);
}

static void test_dense_numbers_are_standard(void **state)
{
    struct story *s = *state;
    struct inputs_options o = { .number_values = true, .vector = true };
    double sum[4] = { 0 }, squares[4] = { 0 };
    size_t i, k;

    look_away(s);
    look_at(s, &o);
    fill(s, &s->batch, 0, ROWS, 0);
    assert_int_equal(inputs_dense(&s->inputs), 4);
    for (i = 0; i < ROWS; i++)
        for (k = 0; k < 4; k++) {
            double x = (double)s->batch.dense[i * 4 + k];

            sum[k] += x;
            squares[k] += x * x;
        }
    for (k = 0; k < 4; k++)
        assert_true(fabs(sum[k]) < 1e-5);
    assert_true(fabs(squares[0] - ROWS + 1) < 1e-4); /* the missing one is 0 */
    assert_true(fabs(squares[2] - ROWS) < 1e-4);
    assert_true(squares[3] == 0); /* it never changes */
    assert_true(s->batch.dense[5 * 4] == 0 && s->batch.dense[5 * 4 + 1] > 3);
    look_away(s);
    look_at(s, &wanted);
}

static void test_frames_side_by_side_and_flat(void **state)
{
    struct story *s = *state;
    struct inputs_options o = { .characters = true, .character_buckets = 50 };
    size_t i;

    look_away(s);
    o.frames = (struct sequence_options){
        .kind = SEQUENCE_CNN, .length = 3, .shortest = 2, .longest = 5
    };
    look_at(s, &o);
    fill(s, &s->batch, 0, 2, 0);                /* one frame, two frames */
    assert_int_equal(s->batch.frames.count, 5); /* the longest window */
    assert_int_equal(s->batch.frames.length[1], 2);
    for (i = 3; i < 15; i++)
        assert_true(s->batch.frame[i] == 0);
    assert_true(fabsf((s->batch.frame[15 + 3] - s->batch.frame[15]) /
                          s->statistics.frames.scale[0] -
                      3) < 1e-4F);
    assert_int_equal(s->batch.lookup[0].offset[2], 1); /* i % 3 characters */
    look_away(s);
    o.frames.kind = SEQUENCE_FLAT;
    look_at(s, &o);
    assert_int_equal(inputs_dense(&s->inputs), 9);
    fill(s, &s->batch, 0, 2, 0);
    assert_true(s->batch.dense[3] == 0 && s->batch.dense[9 + 3] != 0);
    look_away(s);
    look_at(s, &wanted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_key_rows_are_as_they_are),
        cmocka_unit_test(test_a_key_changes_images_and_leaves_words_out),
        cmocka_unit_test(test_a_part_of_a_batch_is_that_part),
        cmocka_unit_test(test_a_word_in_every_row_says_least),
        cmocka_unit_test(test_words_stand_one_by_one),
        cmocka_unit_test(test_dense_numbers_are_standard),
        cmocka_unit_test(test_frames_side_by_side_and_flat),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
