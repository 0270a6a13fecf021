/* Cutting rows: near-duplicates and groups join into what is never cut, and
 * time goes on from training to test.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/random.h"
#include "trainer/data/pack/cut.h"

enum { ROWS = 6000, PICTURES = 2000, SELLERS = 1000 };

static struct cut_row row[ROWS];
static uint64_t hash[ROWS];

/* A row's picture, of which there are three each, with one bit changed; its
 * seller: rows of one picture may be of two, who are then tied. */
static size_t picture_of(size_t i)
{
    return i % PICTURES;
}
static size_t seller_of(size_t i)
{
    return i / 2 % SELLERS;
}

static void make_rows(bool grouped)
{
    for (size_t i = 0; i < ROWS; i++) {
        row[i] = (struct cut_row){
            .split_key = random_mix(grouped ? seller_of(i) : i),
            .fold_key = random_mix(i + 100000),
            .label = picture_of(i) % 20 == 0,
        };
        hash[i] = random_mix(picture_of(i) + 7) ^ UINT64_C(1)
                                                      << (i / PICTURES * 20);
    }
}

static const struct description_cut plain = { .group = DESCRIPTION_NONE,
                                              .time = DESCRIPTION_NONE,
                                              .duplicates = DESCRIPTION_NONE,
                                              .stratified = true };
static const struct description_cut together = { .group = DESCRIPTION_NONE,
                                                 .time = DESCRIPTION_NONE,
                                                 .duplicates = 4,
                                                 .stratified = true };

/* Pictures whose rows stand in more than one split, or fold. */
static size_t count_torn(void)
{
    size_t torn = 0;

    for (size_t i = 0; i < PICTURES; i++) {
        bool same = true;

        for (size_t k = i; k < ROWS; k += PICTURES)
            same = same && row[k].split == row[i].split &&
                   row[k].fold == row[i].fold;
        torn += !same;
    }
    return torn;
}

static void near_duplicates_are_never_cut(void **state)
{
    struct description d = { .validation = 0.2,
                             .test = 0.1,
                             .folds = 5,
                             .split = plain,
                             .fold = plain };
    size_t rows[3] = { 0 }, positives[3] = { 0 };
    struct error err = ERROR_INIT;

    (void)state;
    make_rows(false);
    assert_int_equal(cut_rows(row, ROWS, &d, NULL, &err), 0);
    assert_true(count_torn() > PICTURES / 2);
    d.split = d.fold = together;
    make_rows(false);
    assert_int_equal(cut_rows(row, ROWS, &d, hash, &err), 0);
    assert_int_equal(count_torn(), 0);
    for (size_t i = 0; i < ROWS; i++) {
        rows[row[i].split]++;
        positives[row[i].split] += row[i].label;
        assert_true(row[i].fold == 0 || row[i].split == SPLIT_TRAIN);
    }
    /* the shares of each class, to within a group of three */
    assert_in_range(rows[SPLIT_VALIDATION], 1200 - 6, 1200 + 6);
    assert_in_range(rows[SPLIT_TEST], 600 - 6, 600 + 6);
    assert_in_range(positives[SPLIT_VALIDATION], 60 - 3, 60 + 3);
    assert_in_range(positives[SPLIT_TEST], 30 - 3, 30 + 3);
}

/* Two sellers who show the same picture are tied, and so on. */
static void groups_tied_by_a_picture_are_one(void **state)
{
    struct description d = { .validation = 0.5,
                             .split = together,
                             .fold = plain };
    struct error err = ERROR_INIT;
    uint8_t split[SELLERS];

    (void)state;
    make_rows(true);
    for (size_t i = 0; i < ROWS;
         i++) /* pictures are shared within ten sellers */
        hash[i] = random_mix(seller_of(i) / 10 * 1000 + i % 7 + 1);
    assert_int_equal(cut_rows(row, ROWS, &d, hash, &err), 0);
    for (size_t i = 0; i < ROWS; i++)
        split[seller_of(i)] = row[i].split;
    for (size_t i = 0; i < ROWS; i++) {
        assert_int_equal(row[i].split, split[seller_of(i)]);
        assert_int_equal(split[seller_of(i)], split[seller_of(i) / 10 * 10]);
    }
}

static void time_goes_from_training_to_test(void **state)
{
    struct description d = { .validation = 0.2, .test = 0.1, .fold = plain };
    uint64_t first[3] = { UINT64_MAX, UINT64_MAX, UINT64_MAX }, last[3] = { 0 };
    size_t rows[3] = { 0 };
    struct error err = ERROR_INIT;

    (void)state;
    d.split = (struct description_cut){ .group = DESCRIPTION_NONE,
                                        .time = 0,
                                        .duplicates = DESCRIPTION_NONE };
    make_rows(false);
    for (size_t i = 0; i < ROWS; i++) /* a thousand moments of six rows */
        row[i].split_key = i * 7919 % 1000;
    assert_int_equal(cut_rows(row, ROWS, &d, NULL, &err), 0);
    for (size_t i = 0; i < ROWS; i++) {
        const uint8_t s = row[i].split;

        rows[s]++;
        first[s] = row[i].split_key < first[s] ? row[i].split_key : first[s];
        last[s] = row[i].split_key > last[s] ? row[i].split_key : last[s];
    }
    assert_true(last[SPLIT_TRAIN] < first[SPLIT_VALIDATION]);
    assert_true(last[SPLIT_VALIDATION] < first[SPLIT_TEST]);
    assert_in_range(rows[SPLIT_VALIDATION], 1200 - 6, 1200 + 6);
    assert_in_range(rows[SPLIT_TEST], 600 - 6, 600 + 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(near_duplicates_are_never_cut),
        cmocka_unit_test(groups_tied_by_a_picture_are_one),
        cmocka_unit_test(time_goes_from_training_to_test),
    };
    return cmocka_run_group_tests_name("cut", tests, NULL, NULL);
}
