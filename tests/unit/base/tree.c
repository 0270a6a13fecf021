/* Trees: built, looked into, copied, compared.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/tree.h"

#include <math.h>
#include <string.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static void built_and_looked_into(void **state)
{
    struct tree *map = tree_map(), *list = tree_list();

    (void)state;
    tree_append(list, tree_int(1));
    tree_append(list, tree_string("two"));
    tree_set(map, "list", list);
    tree_set_float(map, "number", 0.5);
    tree_set_int(map, "number", 4); /* replaces */
    tree_set_string(map, "nothing", NULL);
    assert_true(tree_ok(map));
    assert_int_equal(tree_count(map), 3);
    assert_string_equal(tree_key(map, 1), "number");
    assert_int_equal(tree_integer(tree_get(map, "number")), 4);
    assert_int_equal(tree_kind(tree_get(map, "nothing")), TREE_NULL);
    assert_string_equal(tree_text(tree_at(list, 1)), "two");
    assert_null(tree_at(list, 2));
    assert_null(tree_get(list, "x"));
    tree_destroy(map);
}

static void wrong_kinds_are_neutral(void **state)
{
    struct tree *word = tree_string("word");

    (void)state;
    assert_true(isnan(tree_number(word)));
    assert_int_equal(tree_integer(word), 0);
    assert_false(tree_truth(word));
    assert_int_equal(tree_count(word), 0);
    assert_string_equal(tree_text(NULL), "");
    tree_destroy(word);
    tree_destroy(NULL);
}

static void words_for_what_json_cannot_say(void **state)
{
    struct tree *nan = tree_string("nan"), *inf = tree_string("-inf");

    (void)state;
    assert_true(tree_is_number(nan) && isnan(tree_number(nan)));
    assert_true(tree_is_number(inf) && tree_number(inf) == -INFINITY);
    tree_destroy(nan);
    tree_destroy(inf);
}

static void lost_items_are_noticed_at_the_root(void **state)
{
    struct tree *map = tree_map(), *inner = tree_map();

    (void)state;
    assert_int_equal(tree_set(inner, "gone", NULL), -1);
    tree_set(map, "inner", inner);
    assert_false(tree_ok(map));
    assert_false(tree_ok(NULL));
    tree_destroy(map);
}

static void dotted_paths(void **state)
{
    struct tree *map = tree_map();

    (void)state;
    assert_int_equal(tree_put(map, "model.fusion.width", tree_int(64)), 0);
    assert_int_equal(tree_put(map, "model.fusion.depth", tree_int(2)), 0);
    assert_int_equal(tree_put(map, "model.fusion.width.x", tree_int(1)), -1);
    assert_int_equal(tree_integer(tree_find(map, "model.fusion.width")), 64);
    assert_int_equal(tree_count(tree_find(map, "model.fusion")), 2);
    assert_null(tree_find(map, "model.text"));
    tree_set_int(map, "a.b", 5); /* one key with a dot */
    assert_int_equal(tree_integer(tree_find(map, "a.b")), 5);
    tree_destroy(map);
}

static void copies_are_equal_and_keep_their_places(void **state)
{
    struct tree *map = tree_map(), *copy;

    (void)state;
    tree_put(map, "a.b", tree_float(NAN));
    tree_put(map, "a.c", tree_string("s"));
    tree_place(tree_find(map, "a.c"), 3, 9);
    copy = tree_copy(map);
    assert_true(tree_equal(map, copy));
    assert_int_equal(tree_line(tree_find(copy, "a.c")), 3);
    assert_int_equal(tree_column(tree_find(copy, "a.c")), 9);
    tree_put(copy, "a.c", tree_string("t"));
    assert_false(tree_equal(map, copy));
    tree_destroy(copy);
    tree_destroy(map);
}

static void order_and_number_kind_do_not_matter(void **state)
{
    struct tree *a = tree_map(), *b = tree_map();

    (void)state;
    tree_set_int(a, "x", 2);
    tree_set_bool(a, "y", true);
    tree_set_bool(b, "y", true);
    tree_set_float(b, "x", 2.0);
    assert_true(tree_equal(a, b));
    tree_set_string(b, "x", "2");
    assert_false(tree_equal(a, b));
    tree_destroy(a);
    tree_destroy(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(built_and_looked_into),
        cmocka_unit_test(wrong_kinds_are_neutral),
        cmocka_unit_test(words_for_what_json_cannot_say),
        cmocka_unit_test(lost_items_are_noticed_at_the_root),
        cmocka_unit_test(dotted_paths),
        cmocka_unit_test(copies_are_equal_and_keep_their_places),
        cmocka_unit_test(order_and_number_kind_do_not_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
