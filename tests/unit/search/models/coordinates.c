/* coordinates: a row for each trial, which follows the history.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "search/models/coordinates.h"
#include "tests/unit/search/build.h"

enum { RATE, KIND, LEVEL, EXTRA, AXES };

static void make_space(struct space *s)
{
    struct parameter level = build_choice("level", "low middle high");

    level.ordered = true;
    space_init(s);
    build_add(s, build_log("rate", 1e-4, 1));
    build_add(s, build_choice("kind", "p q r"));
    build_add(s, level);
    build_add(s, build_when(build_float("extra", 0, 10), "kind", "q"));
    build_finish(s);
}

static void each_kind_has_its_place(void **unused)
{
    static const struct {
        double x[AXES], row[AXES];
    } cases[] = {
        { { 1e-4, 0, 0, NAN }, { 0, 0, 1.0 / 6, NAN } },
        { { 1e-2, 2, 1, NAN }, { 0.5, 2, 0.5, NAN } },
        { { 1, 1, 2, 2.5 }, { 1, 1, 5.0 / 6, 0.25 } },
    };
    struct coordinates c = COORDINATES_INIT;
    struct history h;
    struct space s;

    (void)unused;
    make_space(&s);
    history_init(&h, &s, 1, 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        history_add(&h, cases[i].x);
        assert_int_equal(coordinates_update(&c, &h), 0);
        for (size_t k = 0; k <= i; k++) /* those before are still there */
            for (size_t a = 0; a < AXES; a++) {
                double at = c.rows[k * AXES + a], want = cases[k].row[a];
                assert_true(isnan(want) ? isnan(at) : fabs(at - want) < 1e-12);
            }
    }
    coordinates_clear(&c);
    history_clear(&h);
    space_clear(&s);
}

static void another_history_is_read_anew(void **unused)
{
    static const double x[2] = { 0.25, 0.75 };
    struct coordinates c = COORDINATES_INIT;
    struct history h[2];
    struct space s;

    (void)unused;
    space_init(&s);
    build_add(&s, build_float("a", 0, 1));
    build_finish(&s);
    for (int i = 0; i < 2; i++) {
        history_init(&h[i], &s, 1, 0);
        history_add(&h[i], &x[i]);
        assert_int_equal(coordinates_update(&c, &h[i]), 0);
        assert_true(c.rows[0] == x[i]);
    }
    coordinates_clear(&c);
    history_clear(&h[0]);
    history_clear(&h[1]);
    space_clear(&s);
}

static void points_are_equal_where_both_are_inactive(void **unused)
{
    static const double a[3] = { 0.5, NAN, 2 }, b[3] = { 0.5, NAN, 2 },
                        c[3] = { 0.5, 0, 2 }, d[3] = { 0.5, NAN, 1 };

    (void)unused;
    assert_true(coordinates_equal(a, b, 3));
    assert_false(coordinates_equal(a, c, 3));
    assert_false(coordinates_equal(c, a, 3));
    assert_false(coordinates_equal(a, d, 3));
    assert_true(coordinates_equal(a, d, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_kind_has_its_place),
        cmocka_unit_test(another_history_is_read_anew),
        cmocka_unit_test(points_are_equal_where_both_are_inactive),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
