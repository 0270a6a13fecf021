/* Talking alone, and dealing things out to ranks.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "trainer/comm/comm.h"

static void test_one_rank_sums_to_itself(void **state)
{
    struct comm c;
    float x[] = { 1, 2 };
    double y[] = { 3 };
    int mine = 5, all = 0;
    size_t size = sizeof mine;

    (void)state;
    comm_self(&c);
    assert_int_equal(c.rank, 0);
    assert_int_equal(c.size, 1);
    comm_sum_floats(&c, x, 2);
    comm_sum_doubles(&c, y, 1);
    comm_broadcast(&c, &mine, sizeof mine);
    comm_gather(&c, &mine, &size, &all);
    comm_start_sum(&c, x, 2);
    all = 0;
    comm_start_gather(&c, &mine, &size, &all);
    comm_progress(&c);
    comm_wait(&c);
    comm_barrier(&c);
    comm_abort(&c, 3); /* alone: the caller ends by itself */
    assert_true(x[0] == 1 && x[1] == 2 && y[0] == 3);
    assert_int_equal(all, 5);
    comm_close(&c);
    comm_close(&c); /* harmless */
}

static void test_slices_cover_all_and_differ_by_one(void **state)
{
    size_t count, first, size, next;
    struct comm c;

    (void)state;
    comm_self(&c);
    for (c.size = 1; c.size <= 7; c.size++)
        for (count = 0; count < 40; count++) {
            next = 0;
            for (c.rank = 0; c.rank < c.size; c.rank++) {
                comm_slice(&c, count, &first, &size);
                assert_int_equal(first, next);
                assert_true(size >= count / (size_t)c.size &&
                            size <= count / (size_t)c.size + 1);
                next += size;
            }
            assert_int_equal(next, count);
        }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_rank_sums_to_itself),
        cmocka_unit_test(test_slices_cover_all_and_differ_by_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
