/* Union-find: what is joined has one root, the least of all that belong to it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "trainer/data/forest.h"

static void joined_by_pairs(void **state)
{
    static const uint32_t pairs[][2] = { { 9, 7 }, { 4, 2 }, { 7, 5 },
                                         { 2, 9 }, { 5, 4 }, { 8, 8 } };
    static const uint32_t roots[10] = { 0, 1, 2, 3, 2, 2, 6, 2, 8, 2 };
    uint32_t *parent = forest_create(10);

    (void)state;
    assert_non_null(parent);
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(forest_root(parent, i), i);
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        forest_join(parent, pairs[i][0], pairs[i][1]);
    for (uint32_t i = 0; i < 10; i++)
        assert_int_equal(forest_root(parent, i), roots[i]);
    free(parent);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(joined_by_pairs) };

    return cmocka_run_group_tests_name("forest", tests, NULL, NULL);
}
