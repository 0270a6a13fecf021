/* Vocabulary: frequent values get small numbers, rare ones none.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "trainer/data/pack/vocabulary.h"

static void count(struct vocabulary *v, const char *value, int times)
{
    while (times-- > 0)
        assert_int_equal(vocabulary_count(v, value, NULL), 0);
}

static void frequent_first(void **state)
{
    struct vocabulary v = { 0 };
    (void)state;
    assert_int_equal(vocabulary_find(&v, "bags"), 0);
    count(&v, "hats", 2);
    count(&v, "bags", 9);
    count(&v, "coats", 2);
    count(&v, "once", 1);
    count(&v, "", 50);
    assert_int_equal(vocabulary_number(&v, 2, NULL), 0);
    assert_int_equal(v.cardinality, 4);
    assert_int_equal(vocabulary_find(&v, "bags"), 1);
    assert_int_equal(vocabulary_find(&v, "coats"), 2); /* a tie, by bytes */
    assert_int_equal(vocabulary_find(&v, "hats"), 3);
    assert_int_equal(vocabulary_find(&v, "once"), 0);
    assert_int_equal(vocabulary_find(&v, "never"), 0);
    assert_int_equal(vocabulary_find(&v, ""), 0);
    struct tree *t = vocabulary_tree(&v);
    assert_int_equal(tree_count(t), 3);
    assert_string_equal(tree_text(tree_at(t, 0)), "bags");
    assert_string_equal(tree_text(tree_at(t, 2)), "hats");
    tree_destroy(t);
    vocabulary_clear(&v);
}

static void many_values(void **state)
{
    enum { VALUES = 20000 };
    struct vocabulary v = { 0 };
    static unsigned char seen[VALUES + 1];
    char name[16];
    (void)state;
    for (int i = 0; i < VALUES; i++) {
        snprintf(name, sizeof name, "v%d", i);
        count(&v, name, 1);
    }
    assert_int_equal(vocabulary_number(&v, 1, NULL), 0);
    assert_int_equal(v.cardinality, VALUES + 1);
    for (int i = 0; i < VALUES; i++) {
        snprintf(name, sizeof name, "v%d", i);
        uint32_t number = vocabulary_find(&v, name);
        assert_in_range(number, 1, VALUES);
        assert_false(seen[number]);
        seen[number] = 1;
    }
    vocabulary_clear(&v);
}

static void nothing_counted(void **state)
{
    struct vocabulary v = { 0 };
    (void)state;
    assert_int_equal(vocabulary_number(&v, 1, NULL), 0);
    assert_int_equal(v.cardinality, 1);
    struct tree *t = vocabulary_tree(&v);
    assert_non_null(t);
    assert_int_equal(tree_count(t), 0);
    tree_destroy(t);
    vocabulary_clear(&v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frequent_first),
        cmocka_unit_test(many_values),
        cmocka_unit_test(nothing_counted),
    };
    return cmocka_run_group_tests_name("vocabulary", tests, NULL, NULL);
}
