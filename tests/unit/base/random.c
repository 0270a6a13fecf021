/* Random numbers: the same everywhere, uniform, and unbiased.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/random.h"

#include <math.h>
#include <string.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

/* xoshiro256++ from state 1, 2, 3, 4: the first outputs of the authors' C
 * reference (prng.di.unimi.it/xoshiro256plusplus.c). */
static void agrees_with_the_reference(void **state)
{
    static const uint64_t expected[] = { 41943041, 58720359, 3588806011781223,
                                         3591011842654386 };
    struct random r = { { 1, 2, 3, 4 } };

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(random_bits(&r), expected[i]);
}

/* splitmix64 from 0: the first output of the authors' reference. */
static void mix_is_splitmix64(void **state)
{
    (void)state;
    assert_true(random_mix(0) == 0xe220a8397b1dcdafu);
}

static void streams_differ_and_repeat(void **state)
{
    struct random a, b, c;

    (void)state;
    random_seed(&a, 7, 1);
    random_seed(&b, 7, 1);
    random_seed(&c, 7, 2);
    for (int i = 0; i < 100; i++) {
        uint64_t x = random_bits(&a);

        assert_true(x == random_bits(&b));
        assert_true(x != random_bits(&c));
    }
}

static void below_is_uniform(void **state)
{
    enum { N = 7, DRAWS = 70000 };
    int counts[N] = { 0 };
    struct random r;
    double chi = 0;

    (void)state;
    random_seed(&r, 1, 0);
    for (int i = 0; i < DRAWS; i++)
        counts[random_below(&r, N)]++;
    for (int i = 0; i < N; i++)
        chi += pow(counts[i] - DRAWS / N, 2) / (DRAWS / N);
    assert_true(chi < 22.5); /* the 99.9 % point of chi-square, 6 degrees */
}

static void normal_has_its_moments(void **state)
{
    enum { DRAWS = 200000 };
    double sum = 0, squares = 0, fourth = 0;
    struct random r;

    (void)state;
    random_seed(&r, 2, 0);
    for (int i = 0; i < DRAWS; i++) {
        double z = random_normal(&r);

        sum += z;
        squares += z * z;
        fourth += z * z * z * z;
    }
    assert_true(fabs(sum / DRAWS) < 0.01);
    assert_true(fabs(squares / DRAWS - 1) < 0.015);
    assert_true(fabs(fourth / DRAWS - 3) < 0.1);
}

static void shuffle_is_a_permutation(void **state)
{
    size_t items[50], seen[50] = { 0 };
    struct random r;

    (void)state;
    for (size_t i = 0; i < 50; i++)
        items[i] = i;
    random_seed(&r, 3, 0);
    random_shuffle(&r, items, 50);
    for (size_t i = 0; i < 50; i++)
        seen[items[i]]++;
    for (size_t i = 0; i < 50; i++)
        assert_int_equal(seen[i], 1);
}

static void secrets_differ(void **state)
{
    unsigned char a[32], b[32];

    (void)state;
    assert_int_equal(random_secret(a, sizeof a), 0);
    assert_int_equal(random_secret(b, sizeof b), 0);
    assert_memory_not_equal(a, b, sizeof a);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_the_reference),
        cmocka_unit_test(mix_is_splitmix64),
        cmocka_unit_test(streams_differ_and_repeat),
        cmocka_unit_test(below_is_uniform),
        cmocka_unit_test(normal_has_its_moments),
        cmocka_unit_test(shuffle_is_a_permutation),
        cmocka_unit_test(secrets_differ),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
