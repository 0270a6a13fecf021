/* hyperband: who is in which bracket, and who ends there.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/search/play.h"

static struct space nothing;

/* Run a trial of constant 'loss' to step 27; returns where it was pruned, or
 * 0. */
static int64_t run(struct play *p, double loss)
{
    int64_t number = play_start(p);

    for (int64_t step = 1; step <= 27; step++)
        if (play_report(p, number, step, loss) == DECISION_PRUNE) {
            play_finish(p, number, TRIAL_PRUNED, loss);
            return step;
        }
    play_finish(p, number, TRIAL_COMPLETE, loss);
    return 0;
}

/* Four brackets, from steps 1, 3, 9 and 27 on. Every trial but the first few is
 * worse than all before, so it ends at the first rung of its bracket. By the
 * paper's shares, 27/4 to 9/3 to 3/2 to 1, of 49 * 12.25 trials. */
static void trials_go_into_brackets_by_their_shares(void **unused)
{
    enum { TRIALS = 490 };
    static const int64_t steps[] = { 1, 3, 9, 27 };
    static const double shares[] = { 27. / 49, 12. / 49, 6. / 49, 4. / 49 };
    int ended[28] = { 0 };
    struct play p;

    (void)unused;
    play_begin(&p, &nothing, "random", NULL, "hyperband", "{\"max_step\":27}",
               1);
    for (int i = 0; i < TRIALS; i++)
        ended[run(&p, i)]++;
    for (int i = 0; i < 4; i++) {
        double expected = shares[i] * TRIALS;
        assert_true(fabs(ended[steps[i]] - expected) <= 4);
    }
    assert_true(ended[0] <= 8); /* two a bracket had nobody to beat */
    play_end(&p);
}

static void the_first_end_says_how_far_trials_go(void **unused)
{
    struct play p;
    int pruned = 0;

    (void)unused;
    play_begin(&p, &nothing, "random", NULL, "hyperband", NULL, 1);
    for (int i = 0; i < 5;
         i++) { /* nobody is judged before a trial has ended */
        int64_t number = play_start(&p);
        for (int64_t step = 1; step <= 9; step++)
            assert_int_equal(play_report(&p, number, step, i),
                             DECISION_CONTINUE);
    }
    assert_int_equal(run(&p, 9), 0);
    for (int i = 0; i < 30; i++)
        pruned += run(&p, 10 + i) > 0;
    assert_true(pruned >= 24);
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(trials_go_into_brackets_by_their_shares),
        cmocka_unit_test(the_first_end_says_how_far_trials_go),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
