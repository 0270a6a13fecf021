/* candidates: the search comes near the highest score of a mixed space, and
 * keeps to the space, to what is fixed and away from scores that are none.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "search/models/candidates.h"
#include "tests/unit/search/build.h"

enum { A, N, KIND, EXTRA, AXES };

static void make_space(struct space *s)
{
    space_init(s);
    build_add(s, build_float("a", -1, 1));
    build_add(s, build_int("n", 0, 20));
    build_add(s, build_choice("kind", "p q r"));
    build_add(s, build_when(build_float("extra", 0, 10), "kind", "q"));
    build_finish(s);
}

/* 0 at a = 0.4 (0.7 of its range), kind = q, extra = 2.5; n does not count. */
static void hill(void *unused, const double *points, size_t count, double *out)
{
    (void)unused;
    for (size_t i = 0; i < count; i++, points += AXES) {
        double extra = isnan(points[EXTRA]) ? 1 : fabs(points[EXTRA] - 0.25);
        out[i] = -fabs(points[A] - 0.7) - (points[KIND] != 1) - extra;
    }
}

/* A score in the upper half of a's range alone. */
static void cliff(void *unused, const double *points, size_t count, double *out)
{
    (void)unused;
    for (size_t i = 0; i < count; i++)
        out[i] = points[i * AXES + A] > 0.5 ? 0 : NAN;
}

static void nowhere(void *unused, const double *points, size_t count,
                    double *out)
{
    (void)unused;
    (void)points;
    for (size_t i = 0; i < count; i++)
        out[i] = -INFINITY;
}

/* Search for a legal point; 'n' is fixed unless NAN. */
static void search_for(candidates_score score, double n, double *x)
{
    struct candidates c;
    struct random random;
    struct space s;

    make_space(&s);
    random_seed(&random, 3, 0);
    for (size_t i = 0; i < AXES; i++)
        x[i] = NAN;
    x[N] = n;
    assert_int_equal(candidates_init(&c, &s), 0);
    candidates_search(&c, &random, NULL, 0, score, NULL, x);
    assert_true(space_contains(&s, x));
    candidates_clear(&c);
    space_clear(&s);
}

static void the_top_is_found(void **unused)
{
    double x[AXES];

    (void)unused;
    search_for(hill, NAN, x);
    assert_true(x[KIND] == 1);
    assert_true(fabs(x[A] - 0.4) < 0.02 && fabs(x[EXTRA] - 2.5) < 0.1);
}

static void what_is_fixed_stays(void **unused)
{
    double x[AXES];

    (void)unused;
    search_for(hill, 13, x);
    assert_true(x[N] == 13);
}

static void points_without_a_score_are_left(void **unused)
{
    double x[AXES];

    (void)unused;
    search_for(cliff, NAN, x);
    assert_true(x[A] > 0);
}

static void no_score_anywhere_still_gives_a_point(void **unused)
{
    double x[AXES];

    (void)unused;
    search_for(nowhere, NAN, x); /* which sees to it that it is legal */
    assert_true(x[A] >= -1 && x[A] <= 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_top_is_found),
        cmocka_unit_test(what_is_fixed_stays),
        cmocka_unit_test(points_without_a_score_are_left),
        cmocka_unit_test(no_score_anywhere_still_gives_a_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
