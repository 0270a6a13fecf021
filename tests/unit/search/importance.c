/* importance: against another implementation's numbers
 * (tests/reference/importance.py), functions whose answer is known, conditions.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/random.h"
#include "search/importance.h"
#include "tests/unit/search/play.h"

static struct space space;
static struct history history;

static void begin(void)
{
    history_init(&history, &space, 1, 0);
}

static void end(void)
{
    history_clear(&history);
    space_clear(&space);
}

static void add(const double *x, double loss)
{
    int64_t number = history_add(&history, x);

    history_finish(&history, number, &loss, NULL);
    history_set_state(&history, number, TRIAL_COMPLETE);
}

static struct importance judge(double share, bool pairs)
{
    struct importance m;

    assert_int_equal(importance_of(&m, &history, share, pairs, NULL), 0);
    return m;
}

static double lattice(int i, double factor)
{
    return fmod(i * factor, 1.0);
}

static void same_as_the_reference(void **unused)
{
    static const struct {
        double share, expected[4];
    } rows[] = {
        { 0.1, { 0.561015, 0.045005, 0.336155, 0.057825 } },
        { 0.25, { 0.681189, 0.047098, 0.156066, 0.115647 } },
    };
    (void)unused;
    space_init(&space);
    build_add(&space, build_float("a", 0, 1));
    build_add(&space, build_log("b", 1e-4, 1));
    build_add(&space, build_int("c", 0, 9));
    build_add(&space, build_choice("d", "x y z"));
    build_finish(&space);
    begin();
    for (int i = 0; i < 200; i++) {
        double a = lattice(i, 0.6180339887498949),
               b = lattice(i, 0.7548776662466927);
        double x[] = { a, pow(10, -4 + 4 * b),
                       floor(10 * lattice(i, 0.5698402909980532)),
                       floor(3 * lattice(i, 0.8191725133961645)) };
        add(x, (a - 0.7) * (a - 0.7) + 0.1 * fabs(b - 0.5) + 0.01 * x[2] +
                   (x[3] == 1 ? 0.2 : 0));
    }
    for (size_t r = 0; r < sizeof rows / sizeof *rows; r++) {
        struct importance m = judge(rows[r].share, false);
        for (size_t i = 0; i < 4; i++)
            assert_true(fabs(m.single[i] - rows[r].expected[i]) < 2e-6);
        assert_null(m.pair);
        importance_clear(&m);
    }
    end();
}

/* Of four parameters two matter, and only together. */
static void finds_a_pair(void **unused)
{
    struct random random;
    double x[4];

    (void)unused;
    space_init(&space);
    for (int i = 0; i < 4; i++)
        build_add(&space,
                  build_float((const char *[]){ "a", "b", "c", "d" }[i], 0, 1));
    build_finish(&space);
    begin();
    random_seed(&random, 1, 0);
    for (int i = 0; i < 2000; i++) {
        for (int a = 0; a < 4; a++)
            x[a] = random_uniform(&random);
        add(x, ((x[0] < 0.5) == (x[2] < 0.5) ? 0 : 1) +
                   0.01 * random_uniform(&random));
    }
    struct importance m = judge(0.25, true);
    for (size_t a = 0; a < 4; a++)
        for (size_t b = a + 1; b < 4; b++)
            if (a != 0 || b != 2)
                assert_true(m.pair[a * 4 + b] < m.pair[2] / 2);
    importance_clear(&m);
    end();
}

/* 'depth' counts only among the trials that have it. */
static void conditional(void **unused)
{
    struct random random;

    (void)unused;
    space_init(&space);
    build_add(&space, build_choice("model", "flat deep"));
    build_add(&space, build_when(build_float("depth", 0, 1), "model", "deep"));
    build_add(&space, build_float("idle", 0, 1));
    build_finish(&space);
    begin();
    random_seed(&random, 2, 0);
    for (int i = 0; i < 400; i++) {
        double x[] = { i % 2, i % 2 ? random_uniform(&random) : NAN,
                       random_uniform(&random) };
        add(x, i % 2 ? x[1] : 0.5 + 0.1 * random_uniform(&random));
    }
    struct importance m = judge(0.1, true);
    assert_int_equal(m.active[0], 400);
    assert_int_equal(m.active[1], 200);
    assert_true(m.single[1] > m.single[2] && m.single[0] > m.single[2]);
    assert_true(fabs(m.single[0] + m.single[1] + m.single[2] - 1) < 1e-12);
    importance_clear(&m);
    end();
}

/* Nothing to tell apart, single-valued parameters, too few trials. */
static void degenerate(void **unused)
{
    struct error err = ERROR_INIT;
    struct importance m;

    (void)unused;
    space_init(&space);
    build_add(&space, build_float("x", 0, 1));
    build_add(&space, build_int("one", 3, 3));
    build_finish(&space);
    begin();
    for (int i = 0; i < 9; i++)
        add((const double[]){ i / 10.0, 3 }, 1);
    assert_int_equal(importance_of(&m, &history, 0.1, true, &err), -1);
    assert_non_null(strstr(err.what, "9 trials"));
    for (int i = 0; i < 50; i++)
        add((const double[]){ i / 50.0, 3 }, INFINITY);
    m = judge(0.5, true);
    assert_true(m.single[0] >= 0 && m.single[1] == 0);
    importance_clear(&m);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_as_the_reference),
        cmocka_unit_test(finds_a_pair),
        cmocka_unit_test(conditional),
        cmocka_unit_test(degenerate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
