/* space_size: counts of conditional spaces against listing every point.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "tests/unit/search/build.h"

static double size_of(struct space *s)
{
    build_finish(s);
    double size = space_size(s);
    space_clear(s);
    return size;
}

static void plain_spaces(void **unused)
{
    struct space s;

    (void)unused;
    space_init(&s);
    assert_true(size_of(&s) == 1);
    build_add(&s, build_int("a", 1, 5));
    build_add(&s, build_choice("b", "x y z"));
    build_add(&s, build_step(build_float("c", 0, 1), 0.1));
    build_add(&s, build_float("d", 2, 2));
    assert_true(size_of(&s) == 165);
    build_add(&s, build_int("a", 1, 5));
    build_add(&s, build_float("b", 0, 1));
    assert_true(isinf(size_of(&s)));
    for (int i = 0; i < 4; i++) {
        const char *const names[] = { "a", "b", "c", "d" };
        build_add(&s, build_int(names[i], 1, 30000));
    }
    assert_true(isinf(size_of(&s))); /* 8e17 */
}

static void a_float_out_of_reach_does_not_count(void **unused)
{
    struct space s;

    (void)unused;
    space_init(&s);
    build_add(&s, build_int("a", 1, 5));
    build_add(&s, build_between(build_int("b", 1, 2), "a", 1, 2));
    build_add(&s, build_between(build_float("c", 0, 1), "b", 1, 2));
    s.parameters[2].conditions[0].low = 1.5; /* meets b = 2 alone */
    assert_true(isinf(size_of(&s)));
    build_add(&s, build_int("a", 1, 5));
    build_add(&s, build_between(build_int("b", 1, 2), "a", 1, 2));
    struct parameter p = build_between(build_float("c", 0, 1), "a", 4, 5);
    p = build_when(p, "b", "1"); /* b and a >= 4 never go together */
    build_add(&s, p);
    assert_true(size_of(&s) == 2 * 2 + 3);
}

/* Twenty switches, each with a value of its own when on: (1 + 3)^20 points,
 * which must not take 2^20 steps. */
static void components_are_counted_apart(void **unused)
{
    struct space s;
    char name[32], child[32];

    (void)unused;
    space_init(&s);
    for (int i = 0; i < 20; i++) {
        snprintf(name, sizeof name, "on%d", i);
        snprintf(child, sizeof child, "value%d", i);
        build_add(&s, build_choice(name, "false true"));
        build_add(&s, build_when(build_int(child, 1, 3), name, "true"));
    }
    assert_true(size_of(&s) == pow(4, 20));
}

static void conditional(struct space *s)
{
    space_init(s);
    build_add(s, build_choice("kind", "linear cosine step none"));
    build_add(s, build_when(build_int("ramp", 1, 4), "kind", "linear cosine"));
    build_add(s, build_between(build_step(build_float("heat", 0, 1), 0.25),
                               "ramp", 2, 3));
    build_add(s, build_when(build_choice("shape", "a b c"), "kind", "step"));
    build_add(s, build_when(build_int("sides", 3, 5), "shape", "b c"));
    build_add(s, build_int("free", 0, 6));
    build_finish(s);
}

static void every_rank_is_another_point(void **unused)
{
    struct space s;

    (void)unused;
    conditional(&s);
    /* linear, cosine: 2 + 2 * 5 each; step: 1 + 2 * 3; none: 1 */
    size_t size = 7 * (2 * (2 + 10) + 7 + 1), dimension = s.count;
    assert_true(space_size(&s) == (double)size);
    double *x = malloc(size * dimension * sizeof *x);
    for (size_t k = 0; k < size; k++) {
        assert_int_equal(space_nth(&s, (double)k, x + k * dimension), 0);
        assert_true(space_contains(&s, x + k * dimension));
        for (size_t j = 0; j < k; j++)
            assert_false(space_same(&s, x + j * dimension, x + k * dimension));
    }
    free(x);
    space_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plain_spaces),
        cmocka_unit_test(a_float_out_of_reach_does_not_count),
        cmocka_unit_test(components_are_counted_apart),
        cmocka_unit_test(every_rank_is_another_point),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
