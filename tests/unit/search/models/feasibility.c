/* feasibility: high where trials met the constraint, low where they did not.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "search/models/feasibility.h"
#include "tests/unit/search/build.h"

static void probabilities_follow_the_trials(void **unused)
{
    enum { TRIALS = 21 };
    const bool unordered[1] = { false };
    const double points[3] = { 0.1, 0.9, 0.5 };
    double units[TRIALS], scores[3] = { 0, 1, 0 };
    struct feasibility f = FEASIBILITY_INIT;
    struct history h;
    struct space s;

    (void)unused;
    space_init(&s);
    build_add(&s, build_float("a", 0, 1));
    build_finish(&s);
    history_init(&h, &s, 1, 1);
    assert_int_equal(feasibility_fit(&f, &h, unordered, units), 0);
    feasibility_weigh(&f, points, 3, scores); /* nothing is known yet */
    assert_true(scores[0] == 0 && scores[1] == 1);
    for (int i = 0; i < TRIALS; i++) {
        double loss = 1, over = i == 3 ? NAN : i / 20.0 - 0.5;
        units[i] = i / 20.0;
        int64_t number = history_add(&h, &units[i]);
        history_finish(&h, number, &loss, &over);
        history_set_state(&h, number, TRIAL_COMPLETE);
    }
    scores[1] = 0;
    assert_int_equal(feasibility_fit(&f, &h, unordered, units), 0);
    feasibility_weigh(&f, points, 3, scores);
    assert_true(scores[0] > log(0.9));
    assert_true(scores[1] < log(0.1));
    assert_true(scores[2] < scores[0] && scores[2] > scores[1]);
    feasibility_clear(&f);
    history_clear(&h);
    space_clear(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(probabilities_follow_the_trials),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
