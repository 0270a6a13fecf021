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
                                      .has_text = true,
                                      .image_height = SIDE,
                                      .image_width = SIDE };
static struct ngram_options ngram = { 1 << 20, 1, NGRAM_MEAN, 0.5 };
static const uint32_t all_rows[ROWS] = { 0, 1, 2,  3,  4,  5,  6,  7,
                                         8, 9, 10, 11, 12, 13, 14, 15 };

struct story {
    char folder[32];
    struct dataset *data;
    struct inputs inputs;
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
    float number = (float)i;

    for (k = 0; k < WORDS; k++)
        token[k] = k == 0 ? 1 : 1000 + i * WORDS + k;
    for (k = 0; k < PIXELS; k++)
        image[k] = pixel(i, k);
    assert_int_equal(writer_append(w,
                                   &(struct row){ .label = (float)(i % 2),
                                                  .category = &i,
                                                  .number = &number,
                                                  .token = token,
                                                  .token_count = WORDS,
                                                  .image = image },
                                   &err),
                     0);
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
    assert_int_equal(inputs_init(&s->inputs, s->data, true, true,
                                 (size_t)ngram.buckets, &err),
                     0);
    s->source = (struct batch_source){ s->data, &s->inputs, &ngram, NULL,
                                       AUGMENT_SHIFT };
    assert_int_equal(batch_init(&s->batch, &s->inputs, ROWS, &err), 0);
    *state = s;
    return 0;
}

static int end(void **state)
{
    struct story *s = *state;
    const struct dirent *e;
    char path[512];
    DIR *dir;

    batch_clear(&s->batch);
    inputs_clear(&s->inputs);
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
        assert_int_equal(l[NUMBER].id[i], i < 4 ? 0 : i < 8 ? 1 : 2);
        assert_int_equal(l[TEXT].offset[i + 1] - l[TEXT].offset[i], WORDS);
        for (k = 0; k < PIXELS; k++)
            assert_int_equal(s->batch.pixels[i * PIXELS + k], pixel(i, k));
    }
    assert_int_equal(l[TEXT].touched_count, ROWS * (WORDS - 1) + 1);
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
    float *idf = batch_idf(s->data, &ngram, all_rows, ROWS, &err);

    assert_non_null(idf);
    ngram_buckets(&ngram, &everywhere, 1, &bucket[0]);
    ngram_buckets(&ngram, &once, 1, &bucket[1]);
    assert_true(fabsf(idf[bucket[0]] - 1) < 1e-6F);
    assert_true(fabsf(idf[bucket[1]] - (logf((1 + ROWS) / 2.0F) + 1)) < 1e-6F);
    free(idf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_a_key_rows_are_as_they_are),
        cmocka_unit_test(test_a_key_changes_images_and_leaves_words_out),
        cmocka_unit_test(test_a_part_of_a_batch_is_that_part),
        cmocka_unit_test(test_a_word_in_every_row_says_least),
    };
    return cmocka_run_group_tests(tests, begin, end);
}
