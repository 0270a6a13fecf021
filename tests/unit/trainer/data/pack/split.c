/* Splits and folds: shares are met, groups stay together, other tools agree.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>

#include "base/random.h"
#include "trainer/data/pack/sha256.h"
#include "trainer/data/pack/split.h"

enum { ROWS = 10000, PARTS = 3 };

static const double shares[PARTS] = { 0.7, 0.2, 0.1 };

static void assert_near(double value, double wanted, double tolerance)
{
    if (fabs(value - wanted) > tolerance)
        fail_msg("%g is not within %g of %g", value, tolerance, wanted);
}

static struct split_item *make_items(uint64_t groups)
{
    struct split_item *items = calloc(ROWS, sizeof *items);
    assert_non_null(items);
    for (size_t i = 0; i < ROWS; i++)
        items[i] = (struct split_item){
            .row = i,
            .key = random_mix(groups ? i % groups : i),
            .label = i % 50 == 0,
        };
    return items;
}

static void strata_are_exact(void **state)
{
    struct split_item *items = make_items(0);
    size_t rows[PARTS] = { 0 }, positives[PARTS] = { 0 };
    (void)state;
    split_assign(items, ROWS, shares, PARTS, true);
    for (size_t i = 0; i < ROWS; i++) {
        rows[items[i].part]++;
        positives[items[i].part] += items[i].label;
    }
    for (int p = 0; p < PARTS; p++) {
        assert_near((double)rows[p], ROWS * shares[p], 2);
        assert_near((double)positives[p], ROWS * shares[p] / 50, 1);
    }
    free(items);
}

/* Without strata the key alone decides: in any order, with more rows or fewer,
 * and so a group is never cut. */
static void groups_stay_together(void **state)
{
    struct split_item *items = make_items(97), *half = make_items(97);
    uint32_t part_of[97];
    size_t rows[PARTS] = { 0 };
    (void)state;
    split_assign(items, ROWS, shares, PARTS, false);
    split_assign(half, ROWS / 2, shares, PARTS, false);
    for (size_t i = 0; i < 97; i++)
        part_of[i] = items[i].part;
    for (size_t i = 0; i < ROWS; i++) {
        assert_int_equal(items[i].row, i);
        assert_int_equal(items[i].part, part_of[i % 97]);
        if (i < ROWS / 2)
            assert_int_equal(half[i].part, part_of[i % 97]);
        rows[items[i].part]++;
    }
    for (int p = 0; p < PARTS; p++) /* 4.5 standard deviations of 97 groups */
        assert_near((double)rows[p], ROWS * shares[p],
                    4.5 * ROWS * sqrt(shares[p] * (1 - shares[p]) / 97));
    free(items);
    free(half);
}

/* Stratified, too, what has one key is never cut, and counts as of its highest
 * class. */
static void one_key_is_one_whole(void **state)
{
    struct split_item *items = make_items(1000);
    uint32_t part_of[1000];
    size_t rows[PARTS] = { 0 }, positives[PARTS] = { 0 };
    (void)state;
    for (size_t i = 0; i < ROWS; i++) /* 20 keys, one row of ten */
        items[i].label = i < 1000 && i % 50 == 0;
    split_assign(items, ROWS, shares, PARTS, true);
    for (size_t i = 0; i < ROWS; i++)
        part_of[items[i].row % 1000] = items[i].part;
    for (size_t i = 0; i < ROWS; i++) {
        assert_int_equal(items[i].part, part_of[items[i].row % 1000]);
        rows[items[i].part]++;
        positives[items[i].part] +=
            items[i].row < 1000 && items[i].row % 50 == 0;
    }
    for (int p = 0; p < PARTS; p++) {
        assert_near((double)rows[p], ROWS * shares[p], 20);
        assert_near((double)positives[p], 20 * shares[p], 1);
    }
    free(items);
}

static void the_whole_can_go_to_one(void **state)
{
    struct split_item *items = make_items(0);
    const double all[PARTS] = { 1, 0, 0 };
    (void)state;
    for (int stratified = 0; stratified < 2; stratified++) {
        split_assign(items, ROWS, all, PARTS, stratified);
        for (size_t i = 0; i < ROWS; i++)
            assert_int_equal(items[i].part, 0);
    }
    split_assign(items, 0, all, PARTS, true);
    free(items);
}

/* Python: int(hashlib.sha256(s.encode()).hexdigest(), 16) % n */
static void sha256_is_as_python_says(void **state)
{
    const struct {
        const char *string;
        uint32_t n, rest;
    } rows[] = {
        { "", 5u, 4u },          { "124", 5u, 3u },
        { "148", 5u, 0u },       { "s0001", 7u, 3u },
        { "新品", 1000u, 255u }, { "abc", 4294967295u, 3566549755u },
        { "abc", 1u, 0u },
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(sha256_modulo(rows[i].string, rows[i].n),
                         rows[i].rest);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(strata_are_exact),
        cmocka_unit_test(groups_stay_together),
        cmocka_unit_test(one_key_is_one_whole),
        cmocka_unit_test(the_whole_can_go_to_one),
        cmocka_unit_test(sha256_is_as_python_says),
    };
    return cmocka_run_group_tests_name("split", tests, NULL, NULL);
}
