/* space: what is refused and why, conditions, order, differences.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "tests/unit/search/build.h"

/* Add 'p' to a space that has "taken" already: it must fail with 'words'. */
static void refused(struct parameter p, const char *words)
{
    struct error err = ERROR_INIT;
    struct space s;

    space_init(&s);
    build_add(&s, build_float("taken", 0, 1));
    assert_int_equal(space_add(&s, &p, &err), -1);
    assert_int_equal(err.kind, ERROR_USAGE);
    if (strstr(err.what, words) == NULL)
        fail_msg("'%s' lacks '%s'", err.what, words);
    assert_int_equal(s.count, 1);
    space_clear(&s);
}

static void bad_parameters_are_refused(void **unused)
{
    (void)unused;
    refused(build_float("", 0, 1), "1 to 200 characters");
    refused(build_float("a b", 0, 1), "begins with a letter");
    refused(build_float("1st", 0, 1), "begins with a letter");
    refused(build_float("{x}", 0, 1), "begins with a letter");
    refused(build_float("taken", 0, 1), "given twice");
    refused(build_float("x", 2, 1), "low 2 is above high 1");
    refused(build_float("x", NAN, 1), "finite");
    refused(build_float("x", 0, INFINITY), "finite");
    refused(build_float("x", -1.7e308, 1.7e308), "finite");
    refused(build_log("x", 0, 1), "log needs low above 0");
    refused(build_step(build_log("x", 1, 2), 0.1), "exclude each other");
    refused(build_step(build_float("x", 0, 1), -1), "step must be above 0");
    refused(build_step(build_float("x", 0, 1), 2), "wider than the range");
    refused(build_int("x", 0.5, 3), "low must be a whole number");
    refused(build_int("x", 0, 1e17), "high must be a whole number");
    refused(build_step(build_int("x", 0, 9), 1.5), "step must be a whole");
    refused(build_choice("x", ""), "no choices");
    refused(build_choice("x", "a b a"), "choice 3 is there twice");
    refused(build_choice("x", "1 2 1.0"), "choice 3 is there twice");
    struct parameter p = build_choice("x", "a b");
    p.log = true;
    refused(p, "neither log nor step");
    p = build_choice("x", "a");
    tree_append(p.choices, tree_list());
    refused(p, "choice 2 must be a string");
}

static void sizes_are_limited(void **unused)
{
    struct error err = ERROR_INIT;
    struct parameter p = build_choice("x", "0");
    struct space s;
    char name[32];

    (void)unused;
    for (int i = 1; i <= SPACE_MAX_CHOICES; i++)
        tree_append(p.choices, tree_int(i));
    refused(p, "more than 10000 choices");
    space_init(&s);
    for (int i = 0; i < SPACE_MAX_PARAMETERS; i++) {
        snprintf(name, sizeof name, "p%d", i);
        build_add(&s, build_float(name, 0, 1));
    }
    p = build_float("one.more", 0, 1);
    assert_int_equal(space_add(&s, &p, &err), -1);
    assert_non_null(strstr(err.what, "at most 1000 parameters"));
    space_clear(&s);
}

/* Finish a space of "mode" (fast, slow), "depth" (1..5), "rate" and 'p'. */
static void unfinished(struct parameter p, const char *what, const char *hint)
{
    struct error err = ERROR_INIT;
    struct space s;

    space_init(&s);
    build_add(&s, build_choice("mode", "fast slow"));
    build_add(&s, build_int("depth", 1, 5));
    build_add(&s, build_float("rate", 0, 1));
    build_add(&s, p);
    assert_int_equal(space_finish(&s, &err), -1);
    assert_int_equal(err.kind, ERROR_USAGE);
    if (strstr(err.what, what) == NULL || strstr(err.hint, hint) == NULL)
        fail_msg("'%s' (%s) lacks '%s' (%s)", err.what, err.hint, what, hint);
    space_clear(&s);
}

static void impossible_conditions_are_refused(void **unused)
{
    (void)unused;
    unfinished(build_when(build_float("x", 0, 1), "modes", "fast"),
               "'modes', which is no parameter", "'mode'");
    unfinished(build_when(build_float("x", 0, 1), "mode", "fast slwo"),
               "'mode' to be 'slwo', which it never is", "'slow'");
    unfinished(build_when(build_float("x", 0, 1), "mode", "3"),
               "'mode' to be 3", "");
    unfinished(build_when(build_float("x", 0, 1), "mode", ""), "no value", "");
    unfinished(build_when(build_float("x", 0, 1), "depth", "6"),
               "'depth' to be 6", "");
    unfinished(build_when(build_float("x", 0, 1), "depth", "2.5"),
               "'depth' to be 2.5", "");
    unfinished(build_when(build_float("x", 0, 1), "depth", "fast"),
               "'depth' to be 'fast'", "");
    unfinished(build_between(build_float("x", 0, 1), "mode", 0, 1),
               "choices, not a range", "");
    unfinished(build_between(build_float("x", 0, 1), "depth", 6, 9),
               "which it never is", "");
    unfinished(build_between(build_float("x", 0, 1), "depth", 3, 2),
               "which it never is", "");
    unfinished(build_between(build_float("x", 0, 1), "x", 0, 1), "x -> x", "");
}

static void a_circle_is_named(void **unused)
{
    struct error err = ERROR_INIT;
    struct space s;

    (void)unused;
    space_init(&s);
    build_add(&s, build_between(build_float("tail", 0, 1), "a", 0, 1));
    build_add(&s, build_between(build_float("a", 0, 1), "b", 0, 1));
    build_add(&s, build_between(build_float("b", 0, 1), "c", 0, 1));
    build_add(&s, build_between(build_float("c", 0, 1), "a", 0, 1));
    build_add(&s, build_float("free", 0, 1));
    assert_int_equal(space_finish(&s, &err), -1);
    assert_non_null(strstr(err.what, "b -> c -> a -> b"));
    assert_null(strstr(err.what, "tail"));
    space_clear(&s);
}

static void parents_come_first(void **unused)
{
    struct space s;
    double x[4] = { 0.5, 1, NAN, 2 };

    (void)unused;
    space_init(&s);
    build_add(&s, build_between(build_float("deep", 0, 1), "depth", 2, 3));
    build_add(&s, build_when(build_int("depth", 1, 5), "on", "true"));
    build_add(&s, build_when(build_float("off", 0, 1), "on", "false"));
    build_add(&s, build_choice("on", "false true"));
    build_finish(&s);
    assert_int_equal(s.order[0], 3);
    assert_int_equal(s.order[1], 1);
    assert_int_equal(s.order[2], 2);
    assert_int_equal(s.order[3], 0);
    x[3] = 1;
    assert_true(space_active(&s, 1, x));
    assert_false(space_active(&s, 2, x));
    x[1] = 1;
    assert_false(space_active(&s, 0, x));
    x[1] = 3;
    assert_true(space_active(&s, 0, x));
    x[1] = NAN; /* an inactive parent meets nothing */
    assert_false(space_active(&s, 0, x));
    space_clear(&s);
}

static void differs(struct parameter was, struct parameter is, const char *why)
{
    struct text said = TEXT_INIT;
    struct space a, b;

    space_init(&a);
    space_init(&b);
    build_add(&a, build_choice("mode", "fast slow"));
    build_add(&b, build_choice("mode", "fast slow"));
    build_add(&a, was);
    build_add(&b, is);
    build_finish(&a);
    build_finish(&b);
    assert_false(space_differs(&a, &a, &said));
    assert_int_equal(said.size, 0);
    assert_int_equal(space_differs(&a, &b, &said), *why != 0);
    assert_string_equal(text_get(&said), why);
    text_clear(&said);
    space_clear(&a);
    space_clear(&b);
}

static void a_difference_is_told(void **unused)
{
    (void)unused;
    differs(build_int("x", 1, 512), build_int("x", 1, 1024),
            "x: high was 512, is 1024");
    differs(build_int("x", 1, 8), build_int("y", 1, 8), "x: is gone");
    differs(build_int("x", 1, 8), build_float("x", 1, 8),
            "x: was int, is float");
    differs(build_float("x", 1, 8), build_log("x", 1, 8), "x: log has changed");
    differs(build_choice("x", "a b"), build_choice("x", "a b c"),
            "x: there were 2 choices, are 3");
    differs(build_choice("x", "a b"), build_choice("x", "a c"),
            "x: choice 2 is another");
    differs(build_float("x", 0, 1),
            build_when(build_float("x", 0, 1), "mode", "fast"),
            "x: its conditions have changed");
    differs(build_when(build_float("x", 0, 1), "mode", "slow"),
            build_when(build_float("x", 0, 1), "mode", "fast"),
            "x: its conditions have changed");
    differs(build_when(build_float("x", 0, 1), "mode", "fast"),
            build_when(build_float("x", 0, 1), "mode", "fast"), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_parameters_are_refused),
        cmocka_unit_test(sizes_are_limited),
        cmocka_unit_test(impossible_conditions_are_refused),
        cmocka_unit_test(a_circle_is_named),
        cmocka_unit_test(parents_come_first),
        cmocka_unit_test(a_difference_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
