/* Batch samplers: every row once in a natural epoch, the exact share of
 * positives in a scheduled one, and the same again from the same names.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "trainer/batch/sampler.h"

enum { ROWS = 1000, POSITIVES = 20, BATCH = 32 };

static uint32_t rows[ROWS];
static float labels[ROWS];

static void start(struct sampler *s, struct schedule schedule, uint64_t seed,
                  uint64_t stream)
{
    struct sampler_options o = { SAMPLER_SHARE, schedule, false,
                                 BATCH,         seed,     stream };
    struct sampler_rows r = { .count = ROWS, .row = rows, .label = labels };
    struct error err = ERROR_INIT;
    size_t i;

    for (i = 0; i < ROWS; i++) {
        rows[i] = (uint32_t)(10000 + i);
        labels[i] = i % (ROWS / POSITIVES) == 0;
    }
    assert_int_equal(sampler_init(s, &o, &r, &err), 0);
}

static void test_a_natural_epoch_takes_rows_once(void **state)
{
    struct schedule natural = { SCHEDULE_NATURAL, 0.5, 5 };
    size_t seen[ROWS] = { 0 }, batch, i;
    uint32_t first, other;
    struct sampler s;

    (void)state;
    start(&s, natural, 1, 0);
    assert_int_equal(s.batches, ROWS / BATCH);
    sampler_start(&s, 0);
    for (batch = 0; batch < s.batches; batch++)
        for (i = 0; i < BATCH; i++)
            seen[sampler_batch(&s, batch)[i] - 10000]++;
    for (i = 0; i < ROWS; i++)
        assert_true(seen[i] <= 1);
    first = sampler_batch(&s, 0)[0];
    sampler_start(&s, 1);
    other = sampler_batch(&s, 0)[0];
    sampler_start(&s, 0);
    assert_int_equal(sampler_batch(&s, 0)[0], first);
    assert_int_not_equal(other, first);
    sampler_clear(&s);
}

static size_t positive(uint32_t row)
{
    return labels[row - 10000] > 0;
}

/* The share over many epochs is a sum of stochastic roundings whose mean is
 * exact; each batch is off by less than one row. */
static void test_a_scheduled_epoch_has_the_exact_share(void **state)
{
    static const double shares[] = { 0.5, 0.37, 0.05 };
    size_t k, i, batch, inside, all;
    int64_t epoch;

    (void)state;
    for (k = 0; k < sizeof shares / sizeof *shares; k++) {
        struct schedule step = { SCHEDULE_STEP, shares[k], 1000 };
        struct sampler s;
        double sum = 0, batches = 0, want = shares[k] * BATCH;

        start(&s, step, 7, k);
        for (epoch = 0; epoch < 60; epoch++) {
            sampler_start(&s, epoch);
            for (batch = 0; batch < s.batches; batch++) {
                inside = 0;
                for (i = 0; i < BATCH; i++)
                    inside += positive(sampler_batch(&s, batch)[i]);
                assert_true(fabs((double)inside - want) < 1);
                sum += (double)inside;
                batches++;
            }
        }
        /* deviation of one rounding is at most 1/2: five of the mean's */
        assert_true(fabs(sum / batches - want) <= 5 * 0.5 / sqrt(batches));
        all = s.batches * BATCH;
        assert_true(all <= ROWS);
        sampler_clear(&s);
    }
}

static void test_positives_take_turns_and_negatives_come_once(void **state)
{
    struct schedule half = { SCHEDULE_STEP, 0.5, 1000 };
    size_t seen[ROWS] = { 0 }, batch, i, least = SIZE_MAX, most = 0;
    struct sampler s;

    (void)state;
    start(&s, half, 3, 0);
    sampler_start(&s, 0);
    for (batch = 0; batch < s.batches; batch++)
        for (i = 0; i < BATCH; i++)
            seen[sampler_batch(&s, batch)[i] - 10000]++;
    for (i = 0; i < ROWS; i++) {
        if (labels[i] == 0)
            assert_true(seen[i] <= 1);
        else {
            least = seen[i] < least ? seen[i] : least;
            most = seen[i] > most ? seen[i] : most;
        }
    }
    assert_true(least > 0 && most - least <= 1);
    sampler_clear(&s);
}

static void test_after_the_ramp_epochs_are_natural(void **state)
{
    struct schedule linear = { SCHEDULE_LINEAR, 0.5, 4 };
    struct schedule natural = { SCHEDULE_NATURAL, 0.5, 4 };
    struct sampler a, b;

    (void)state;
    start(&a, linear, 5, 2);
    start(&b, natural, 5, 2);
    sampler_start(&a, 4);
    sampler_start(&b, 4);
    assert_memory_equal(a.now.rows, b.now.rows,
                        a.batches * BATCH * sizeof *a.now.rows);
    sampler_start(&a, 3);
    sampler_start(&b, 3);
    assert_memory_not_equal(a.now.rows, b.now.rows,
                            a.batches * BATCH * sizeof *a.now.rows);
    sampler_clear(&a);
    sampler_clear(&b);
}

static void test_few_rows_make_one_batch(void **state)
{
    struct schedule natural = { SCHEDULE_NATURAL, 0.5, 5 };
    const uint32_t few[] = { 3, 5, 9 };
    const float label[] = { 0, 1, 0 };
    struct sampler_options o = { SAMPLER_SHARE, natural, false, 128, 1, 0 };
    struct sampler_rows r = { .count = 3, .row = few, .label = label };
    struct error err = ERROR_INIT;
    struct sampler s;

    (void)state;
    assert_int_equal(sampler_init(&s, &o, &r, &err), 0);
    assert_int_equal(s.batches, 1);
    assert_int_equal(s.batch, 3);
    sampler_clear(&s);
}

/* --- by category ---------------------------------------------------------- */

enum { CATEGORIES = 4 };

static uint32_t categories[ROWS];

/* Category k has 100, 200, 300, 400 rows, with positives spread over all. */
static void start_by_category(struct sampler *s, enum sampler_kind kind,
                              struct schedule schedule)
{
    struct sampler_options o = { kind, schedule, false, BATCH, 11, 0 };
    struct sampler_rows r = { .count = ROWS,
                              .row = rows,
                              .label = labels,
                              .category = categories,
                              .categories = CATEGORIES };
    struct error err = ERROR_INIT;
    size_t i;

    for (i = 0; i < ROWS; i++) {
        rows[i] = (uint32_t)(10000 + i);
        labels[i] = i % (ROWS / POSITIVES) == 0;
        categories[i] = i < 100 ? 0 : i < 300 ? 1 : i < 600 ? 2 : 3;
    }
    assert_int_equal(sampler_init(s, &o, &r, &err), 0);
}

/* How often each row came in 'epochs' epochs. */
static size_t count_rows(struct sampler *s, int64_t epochs, size_t seen[ROWS])
{
    size_t all = s->batches * s->batch, i;
    int64_t epoch;

    memset(seen, 0, ROWS * sizeof *seen);
    for (epoch = 0; epoch < epochs; epoch++) {
        sampler_start(s, epoch);
        for (i = 0; i < all; i++)
            seen[s->now.rows[i] - 10000]++;
    }
    return all * (size_t)epochs;
}

static void test_class_aware_gives_each_category_its_turn(void **state)
{
    struct schedule natural = { SCHEDULE_NATURAL, 0.5, 5 };
    size_t seen[ROWS], drawn, i, inside[CATEGORIES] = { 0 };
    struct sampler s;

    (void)state;
    start_by_category(&s, SAMPLER_CLASS_AWARE, natural);
    drawn = count_rows(&s, 1, seen);
    for (i = 0; i < ROWS; i++)
        inside[categories[i]] += seen[i];
    for (i = 0; i < CATEGORIES; i++)
        assert_int_equal(inside[i], drawn / CATEGORIES);
    for (i = 0; i < 100; i++) /* each row of the smallest 2 or 3 times */
        assert_true(seen[i] == 2 || seen[i] == 3);
    sampler_clear(&s);
}

/* Expected: a row of category k comes weight[k] times as often as one of weight
 * 1, among positives and among negatives. By systematic sampling a batch's
 * count is off by less than 1, so the mean of n batches by less than
 * 5 * 0.5 / sqrt(n) but for one in a million. */
static void test_weights_give_categories_their_exact_part(void **state)
{
    static const double weight[CATEGORIES] = { 4, 1, 0.5, 1 };
    static const double part[CATEGORIES] = { 400 / 1150.0, 200 / 1150.0,
                                             150 / 1150.0, 400 / 1150.0 };
    struct schedule half = { SCHEDULE_STEP, 0.5, 1000 };
    size_t seen[ROWS], i, drawn;
    double inside[2][CATEGORIES] = { { 0 } }, positives = 0, batches, slack;
    struct sampler s;

    (void)state;
    start_by_category(&s, SAMPLER_WEIGHTED, half);
    sampler_weigh(&s, weight);
    drawn = count_rows(&s, 60, seen);
    batches = (double)drawn / BATCH;
    slack = 5 * 0.5 / sqrt(batches);
    for (i = 0; i < ROWS; i++) {
        inside[labels[i] > 0][categories[i]] += (double)seen[i] / batches;
        positives += labels[i] > 0 ? (double)seen[i] / batches : 0;
    }
    assert_true(fabs(positives - BATCH / 2.0) <= slack);
    for (i = 0; i < CATEGORIES; i++) {
        /* positives are 2 in each hundred rows: their parts are the same; the
         * number of positives itself adds to the doubt */
        assert_true(fabs(inside[0][i] - BATCH / 2.0 * part[i]) <= 2 * slack);
        assert_true(fabs(inside[1][i] - BATCH / 2.0 * part[i]) <= 2 * slack);
    }
    sampler_clear(&s);
}

static void test_an_epoch_drawn_ahead_is_the_same(void **state)
{
    static const double weight[CATEGORIES] = { 4, 1, 0.5, 1 };
    struct schedule half = { SCHEDULE_STEP, 0.5, 1000 };
    struct sampler a, b;

    (void)state;
    start_by_category(&a, SAMPLER_WEIGHTED, half);
    start_by_category(&b, SAMPLER_WEIGHTED, half);
    sampler_start(&a, 0);
    sampler_prepare(&a, 1);
    sampler_start(&a, 1);
    sampler_start(&b, 1);
    assert_memory_equal(a.now.rows, b.now.rows,
                        a.batches * BATCH * sizeof *a.now.rows);
    sampler_prepare(&a, 2); /* of no use: the weights change */
    sampler_weigh(&a, weight);
    sampler_weigh(&b, weight);
    sampler_start(&a, 2);
    sampler_start(&b, 2);
    assert_memory_equal(a.now.rows, b.now.rows,
                        a.batches * BATCH * sizeof *a.now.rows);
    sampler_prepare(&a, 3); /* and nobody asks for it */
    sampler_clear(&a);
    sampler_clear(&b);
}

/* --- near-duplicates ------------------------------------------------------- */

/* Groups of neighbours; the last case has but two groups for a batch of 32. */
static void test_near_duplicates_are_kept_apart(void **state)
{
    static const struct {
        double share;
        size_t group_size, left; /* twins that cannot be helped, a batch */
    } cases[] = {
        { 0.02, 10, 0 },
        { 0.25, 10, 0 },
        { 0.02, 1, 0 },
        { 0.5, 500, 30 },
    };
    size_t k, i, j, twins, batch;

    (void)state;
    for (k = 0; k < sizeof cases / sizeof *cases; k++) {
        struct sampler_options o = { SAMPLER_SHARE,
                                     { SCHEDULE_STEP, cases[k].share, 9 },
                                     true,
                                     BATCH,
                                     3,
                                     k };
        uint32_t group[ROWS];
        struct sampler_rows r = { .count = ROWS,
                                  .row = rows,
                                  .label = labels,
                                  .group = group,
                                  .groups = ROWS };
        struct error err = ERROR_INIT;
        size_t positives = 0, seen[ROWS];
        struct sampler s;

        for (i = 0; i < ROWS; i++) {
            rows[i] = (uint32_t)(10000 + i);
            labels[i] = i % (ROWS / POSITIVES) == 0;
            group[i] = (uint32_t)(i / cases[k].group_size);
        }
        assert_int_equal(sampler_init(&s, &o, &r, &err), 0);
        count_rows(&s, 1, seen);
        for (i = 0; i < ROWS; i++)
            positives += labels[i] > 0 ? seen[i] : 0;
        assert_true(fabs((double)positives -
                         cases[k].share * (double)(s.batches * BATCH)) <
                    (double)s.batches);
        for (twins = batch = 0; batch < s.batches; batch++)
            for (i = 1; i < BATCH; i++)
                for (j = 0; j < i; j++)
                    if (group[sampler_batch(&s, batch)[i] - 10000] ==
                        group[sampler_batch(&s, batch)[j] - 10000]) {
                        twins++;
                        break;
                    }
        assert_int_equal(twins, s.now.twins);
        assert_int_equal(twins, s.batches * cases[k].left);
        sampler_clear(&s);
    }
}

static void test_schedules_by_hand(void **state)
{
    static const struct {
        enum schedule_kind kind;
        double shares[5]; /* epochs 0..4 of a ramp of 4 from 0.5 to 0.1 */
    } expected[] = {
        { SCHEDULE_NATURAL, { 0.1, 0.1, 0.1, 0.1, 0.1 } },
        { SCHEDULE_LINEAR, { 0.5, 0.4, 0.3, 0.2, 0.1 } },
        { SCHEDULE_COSINE,
          { 0.5, 0.5 - 0.2 * (1 - 0.70710678118654752), 0.3,
            0.1 + 0.2 * (1 - 0.70710678118654752), 0.1 } },
        { SCHEDULE_STEP, { 0.5, 0.5, 0.5, 0.5, 0.1 } },
        { SCHEDULE_EXPONENTIAL,
          { 0.5, 0.33437015248821100, 0.22360679774997897, 0.14953487812212205,
            0.1 } },
    };
    size_t i;
    int64_t epoch;

    (void)state;
    for (i = 0; i < sizeof expected / sizeof *expected; i++)
        for (epoch = 0; epoch < 5; epoch++) {
            struct schedule s = { expected[i].kind, 0.5, 4 };

            assert_true(fabs(schedule_share(&s, 0.1, epoch) -
                             expected[i].shares[epoch]) < 1e-12);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_natural_epoch_takes_rows_once),
        cmocka_unit_test(test_a_scheduled_epoch_has_the_exact_share),
        cmocka_unit_test(test_positives_take_turns_and_negatives_come_once),
        cmocka_unit_test(test_after_the_ramp_epochs_are_natural),
        cmocka_unit_test(test_few_rows_make_one_batch),
        cmocka_unit_test(test_class_aware_gives_each_category_its_turn),
        cmocka_unit_test(test_weights_give_categories_their_exact_part),
        cmocka_unit_test(test_an_epoch_drawn_ahead_is_the_same),
        cmocka_unit_test(test_near_duplicates_are_kept_apart),
        cmocka_unit_test(test_schedules_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
