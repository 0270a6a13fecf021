/* Near-duplicates: a picture keeps its hash when it is scaled or changed a
 * little, and the groups are those that comparing all pairs finds.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "base/random.h"
#include "trainer/data/duplicates.h"
#include "trainer/data/image/phash.h"

enum { SIDE = 64 };

/* A picture of 8 x 8 fields, 'seed' decides which. */
static void paint(uint8_t *planes, uint32_t side, uint64_t seed, int bright)
{
    uint32_t c, y, x;

    for (c = 0; c < 3; c++)
        for (y = 0; y < side; y++)
            for (x = 0; x < side; x++) {
                uint64_t field = y * 8 / side * 8 + x * 8 / side;

                planes[(c * side + y) * side + x] =
                    (uint8_t)(random_mix(seed * 1000 + field) % 200 +
                              (uint64_t)bright);
            }
}

static int bits_between(uint64_t a, uint64_t b)
{
    return __builtin_popcountll(a ^ b);
}

static void test_a_picture_keeps_its_hash(void **state)
{
    static uint8_t large[3 * SIDE * SIDE], small[3 * SIDE * SIDE / 4];
    uint64_t hash, other, seed;

    (void)state;
    for (seed = 1; seed <= 8; seed++) {
        paint(large, SIDE, seed, 0);
        hash = phash(large, SIDE, SIDE);
        assert_true(hash != 0);
        paint(small, SIDE / 2, seed, 0);
        assert_true(bits_between(hash, phash(small, SIDE / 2, SIDE / 2)) <= 2);
        paint(large, SIDE, seed, 12);
        assert_true(bits_between(hash, phash(large, SIDE, SIDE)) <= 2);
        paint(large, SIDE, seed + 100, 0);
        other = phash(large, SIDE, SIDE);
        assert_true(bits_between(hash, other) > 10);
    }
}

static void test_a_blank_picture_has_none(void **state)
{
    static uint8_t planes[3 * SIDE * SIDE];

    (void)state;
    memset(planes, 77, sizeof planes);
    assert_true(phash(planes, SIDE, SIDE) == 0);
    assert_true(phash(planes, 1, 1) == 0);
}

/* --- groups ---------------------------------------------------------------- */

enum { HASHES = 600 };

/* Join all pairs that are near, one by one. */
static void group_slowly(const uint64_t *hash, int distance, uint32_t *group)
{
    size_t i, j, k;

    for (i = 0; i < HASHES; i++)
        group[i] = (uint32_t)i;
    for (i = 0; i < HASHES; i++)
        for (j = 0; j < i; j++)
            if (hash[i] && hash[j] && group[i] != group[j] &&
                bits_between(hash[i], hash[j]) <= distance) {
                uint32_t from = group[i], to = group[j];

                for (k = 0; k < HASHES; k++)
                    group[k] = group[k] == from ? to : group[k];
            }
}

static void test_groups_are_those_of_all_pairs(void **state)
{
    uint64_t hash[HASHES];
    uint32_t group[HASHES], slowly[HASHES];
    size_t groups, i, j, bit;
    struct error err = ERROR_INIT;
    struct random r;
    int distance;

    (void)state;
    random_seed(&r, 5, 0);
    for (i = 0; i < HASHES; i++) {
        hash[i] = i < 60 ? random_bits(&r) : hash[random_below(&r, i)];
        for (bit = random_below(&r, 9); i >= 60 && bit > 0; bit--)
            hash[i] ^= (uint64_t)1 << random_below(&r, 64);
        if (i % 50 == 7)
            hash[i] = 0;
    }
    for (distance = 0; distance <= DUPLICATES_DISTANCE_MAX; distance++) {
        assert_int_equal(
            duplicates_group(hash, HASHES, distance, group, &groups, &err), 0);
        group_slowly(hash, distance, slowly);
        assert_int_equal(group[0], 0);
        for (i = 0; i < HASHES; i++) {
            assert_true(group[i] < groups);
            for (j = 0; j < i; j++)
                assert_true((group[i] == group[j]) == (slowly[i] == slowly[j]));
        }
    }
}

static void test_none_at_all(void **state)
{
    struct error err = ERROR_INIT;
    size_t groups = 1;
    uint32_t group;

    (void)state;
    assert_int_equal(duplicates_group(NULL, 0, 4, &group, &groups, &err), 0);
    assert_int_equal(groups, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_picture_keeps_its_hash),
        cmocka_unit_test(test_a_blank_picture_has_none),
        cmocka_unit_test(test_groups_are_those_of_all_pairs),
        cmocka_unit_test(test_none_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
