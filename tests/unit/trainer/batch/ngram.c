/* Bags of hashed n-grams: which there are, and their weights.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "trainer/batch/ngram.h"

static void test_how_many_ngrams_there_are(void **state)
{
    static const struct {
        int64_t ngrams;
        size_t count, tokens;
        uint32_t token[6];
    } cases[] = {
        { 1, 3, 3, { 7, 8, 9 } },
        { 2, 5, 3, { 7, 8, 9 } },
        { 3, 6, 3, { 7, 8, 9 } },
        { 2, 6, 5, { 7, 8, 0, 7, 8 } }, /* none spans the separator */
        { 3, 0, 2, { 0, 0 } },
        { 2, 0, 0, { 0 } },
    };
    uint32_t out[18];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct ngram_options o = { 1 << 20, cases[i].ngrams, NGRAM_MEAN, 0 };

        assert_int_equal(
            ngram_buckets(&o, cases[i].token, cases[i].tokens, out),
            cases[i].count);
    }
}

static void test_order_of_words_counts_in_pairs_only(void **state)
{
    struct ngram_options o = { 1 << 20, 2, NGRAM_MEAN, 0 };
    const uint32_t ab[] = { 7, 8 }, ba[] = { 8, 7 };
    uint32_t x[4], y[4];

    (void)state;
    assert_int_equal(ngram_buckets(&o, ab, 2, x), 3); /* a, ab, b */
    assert_int_equal(ngram_buckets(&o, ba, 2, y), 3);
    assert_int_equal(x[0], y[2]);
    assert_int_equal(x[2], y[0]);
    assert_int_not_equal(x[1], y[1]);
}

static void test_weights_of_repeated_words(void **state)
{
    struct ngram_options o = { 100, 1, NGRAM_MEAN, 0 };
    uint32_t bucket[] = { 9, 4, 9, 9 };
    float weight[4], idf[100] = { [4] = 2, [9] = 1 };
    float a = 2, b = 1 + logf(3);

    (void)state;
    assert_int_equal(ngram_weigh(&o, NULL, bucket, 4, weight), 2);
    assert_int_equal(bucket[0], 4);
    assert_int_equal(bucket[1], 9);
    assert_true(weight[0] == 0.25F && weight[1] == 0.75F);
    o.weight = NGRAM_SQRT;
    bucket[2] = bucket[3] = 9;
    assert_int_equal(ngram_weigh(&o, NULL, bucket, 4, weight), 2);
    assert_true(weight[0] == 0.5F && weight[1] == 1.5F);
    o.weight = NGRAM_TFIDF;
    bucket[2] = bucket[3] = 9;
    assert_int_equal(ngram_weigh(&o, idf, bucket, 4, weight), 2);
    assert_true(fabsf(weight[0] - a / sqrtf(a * a + b * b)) < 1e-6F);
    assert_true(fabsf(weight[1] - b / sqrtf(a * a + b * b)) < 1e-6F);
    assert_int_equal(ngram_weigh(&o, idf, bucket, 0, weight), 0);
}

static void test_dropping_keeps_the_mean(void **state)
{
    struct ngram_options o = { 100, 1, NGRAM_MEAN, 0.25 };
    enum { COUNT = 4000 };
    static uint32_t bucket[COUNT], again[COUNT];
    static float weight[COUNT], weight_again[COUNT];
    double sum = 0;
    size_t i, kept;

    (void)state;
    for (i = 0; i < COUNT; i++) {
        bucket[i] = again[i] = (uint32_t)i;
        weight[i] = weight_again[i] = 1;
    }
    kept = ngram_drop(&o, 5, bucket, weight, COUNT);
    for (i = 0; i < kept; i++)
        sum += (double)weight[i];
    /* five deviations of the mean of 4000 draws of 0 or 4/3 */
    assert_true(fabs(sum / COUNT - 1) < 5 * sqrt(0.25 / 0.75 / COUNT));
    assert_int_equal(ngram_drop(&o, 5, again, weight_again, COUNT), kept);
    assert_memory_equal(again, bucket, kept * sizeof *bucket);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_how_many_ngrams_there_are),
        cmocka_unit_test(test_order_of_words_counts_in_pairs_only),
        cmocka_unit_test(test_weights_of_repeated_words),
        cmocka_unit_test(test_dropping_keeps_the_mean),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
