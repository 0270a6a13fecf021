/* space_point: repairing, comparing, writing and reading points.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>

#include "base/json.h"
#include "tests/unit/search/build.h"

static struct space s;

static int make(void **unused)
{
    (void)unused;
    space_init(&s);
    build_add(&s, build_log("lr", 1e-5, 1e-1));
    build_add(&s, build_int("depth", 1, 5));
    build_add(&s, build_choice("plan", "natural linear true 3"));
    build_add(&s, build_when(build_int("ramp", 1, 20), "plan", "linear 3"));
    build_add(&s, build_step(build_float("drop", 0, 0.5), 0.1));
    build_finish(&s);
    return 0;
}

static int unmake(void **unused)
{
    (void)unused;
    space_clear(&s);
    return 0;
}

static void repair_makes_legal(void **unused)
{
    double x[5] = { 7, 2.6, 9, -4, NAN };

    (void)unused;
    assert_false(space_contains(&s, x));
    space_repair(&s, x);
    assert_true(space_contains(&s, x));
    assert_true(x[0] == 0.1 && x[1] == 3 && x[2] == 3 && x[3] == 1);
    x[2] = 0;
    assert_false(space_contains(&s, x)); /* ramp must be gone now */
    space_repair(&s, x);
    assert_true(isnan(x[3]));
    assert_true(space_contains(&s, x));
}

static void equal_points_hash_equally(void **unused)
{
    double a[5] = { 0.01, 1, 0, NAN, 0.0 }, b[5] = { 0.01, 1, 0, -NAN, -0.0 };

    (void)unused;
    assert_true(space_same(&s, a, b));
    assert_true(space_hash(&s, a) == space_hash(&s, b));
    b[1] = 2;
    assert_false(space_same(&s, a, b));
    assert_true(space_hash(&s, a) != space_hash(&s, b));
    b[1] = 1;
    b[3] = 1;
    assert_false(space_same(&s, a, b));
}

static struct tree *json(const char *text)
{
    struct error err = ERROR_INIT;
    struct tree *t = json_parse(text, strlen(text), "point", &err);

    if (t == NULL)
        fail_msg("%s", err.what);
    return t;
}

static void points_come_back(void **unused)
{
    static const struct {
        double x[5];
        const char *text;
    } rows[] = {
        { { 0.001, 5, 0, NAN, 0.3 },
          "{\"lr\":0.001,\"depth\":5,\"plan\":\"natural\",\"drop\":0.3}" },
        { { 1e-5, 1, 2, NAN, 0 },
          "{\"lr\":1e-05,\"depth\":1,\"plan\":true,\"drop\":0}" },
        { { 0.1, 2, 3, 20, 0.5 },
          "{\"lr\":0.1,\"depth\":2,\"plan\":3,\"ramp\":20,\"drop\":0.5}" },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = ERROR_INIT;
        struct tree *t = space_point_to_tree(&s, rows[i].x);
        struct tree *expected = json(rows[i].text);
        double back[5];

        assert_true(tree_equal(t, expected));
        assert_int_equal(tree_kind(tree_get(t, "depth")), TREE_INT);
        assert_int_equal(
            space_point_from_tree(&s, t, false, "point", back, &err), 0);
        assert_true(space_same(&s, back, rows[i].x));
        tree_destroy(t);
        tree_destroy(expected);
    }
}

static void bad_points_are_refused(void **unused)
{
    static const struct {
        const char *text;
        bool partial;
        const char *what, *hint;
    } rows[] = {
        { "[1]", true, "expected a map", "" },
        { "{\"dpeth\":1}", true, "no parameter of this space", "'depth'" },
        { "{\"depth\":6}", true, "cannot be 6", "" },
        { "{\"depth\":1.5}", true, "cannot be 1.5", "" },
        { "{\"depth\":\"1\"}", true, "takes a number", "" },
        { "{\"drop\":0.25}", true, "in steps", "" },
        { "{\"plan\":\"liner\"}", true, "no such choice", "'linear'" },
        { "{\"plan\":1}", true, "no such choice", "" },
        { "{\"plan\":\"natural\",\"ramp\":3}", true, "does not apply", "" },
        { "{\"ramp\":3}", true, "depends on 'plan', which is not given", "" },
        { "{\"depth\":1}", false, "'lr' has no value", "" },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = ERROR_INIT;
        struct tree *t = json(rows[i].text);
        double x[5];

        assert_int_equal(
            space_point_from_tree(&s, t, rows[i].partial, "point", x, &err),
            -1);
        assert_int_equal(err.kind, ERROR_USAGE);
        if (!strstr(err.what, rows[i].what) || !strstr(err.hint, rows[i].hint))
            fail_msg("%s: '%s' (%s)", rows[i].text, err.what, err.hint);
        assert_int_equal(strncmp(err.where, "point", 5), 0);
        tree_destroy(t);
    }
}

static void a_partial_point_leaves_room(void **unused)
{
    struct error err = ERROR_INIT;
    struct tree *t = json("{\"plan\":\"linear\",\"drop\":0.30000000000000004}");
    double x[5];

    (void)unused;
    assert_int_equal(space_point_from_tree(&s, t, true, "point", x, &err), 0);
    assert_true(isnan(x[0]) && isnan(x[1]) && x[2] == 1 && isnan(x[3]));
    assert_true(x[4] == 0.3); /* put on the grid */
    tree_destroy(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(repair_makes_legal),
        cmocka_unit_test(equal_points_hash_equally),
        cmocka_unit_test(points_come_back),
        cmocka_unit_test(bad_points_are_refused),
        cmocka_unit_test(a_partial_point_leaves_room),
    };
    return cmocka_run_group_tests(tests, make, unmake);
}
