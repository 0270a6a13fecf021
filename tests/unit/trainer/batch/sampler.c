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
    struct error err = ERROR_INIT;
    size_t i;

    for (i = 0; i < ROWS; i++) {
        rows[i] = (uint32_t)(10000 + i);
        labels[i] = i % (ROWS / POSITIVES) == 0;
    }
    assert_int_equal(sampler_init(s, &schedule, rows, labels, ROWS, BATCH, seed,
                                  stream, &err),
                     0);
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
    assert_memory_equal(a.order, b.order, a.batches * BATCH * sizeof *a.order);
    sampler_start(&a, 3);
    sampler_start(&b, 3);
    assert_memory_not_equal(a.order, b.order,
                            a.batches * BATCH * sizeof *a.order);
    sampler_clear(&a);
    sampler_clear(&b);
}

static void test_few_rows_make_one_batch(void **state)
{
    struct schedule natural = { SCHEDULE_NATURAL, 0.5, 5 };
    const uint32_t few[] = { 3, 5, 9 };
    const float label[] = { 0, 1, 0 };
    struct error err = ERROR_INIT;
    struct sampler s;

    (void)state;
    assert_int_equal(sampler_init(&s, &natural, few, label, 3, 128, 1, 0, &err),
                     0);
    assert_int_equal(s.batches, 1);
    assert_int_equal(s.batch, 3);
    sampler_clear(&s);
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
        cmocka_unit_test(test_schedules_by_hand),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
