/* wilcoxon: folds that are worse than the best trial's end a trial.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/search/play.h"

static struct space nothing;

/* Ten folds, one harder than the next. */
static double of_best(int fold)
{
    return 1 + fold * 0.5;
}

static void complete(struct play *p, double shift)
{
    int64_t number = play_start(p);

    for (int fold = 0; fold < 10; fold++)
        history_report(&p->history, number, fold, of_best(fold) + shift, 0);
    play_finish(p, number, TRIAL_COMPLETE, 0);
}

/* How many of the folds, from the last to the first, a trial is given. */
static int folds_of(struct play *p, double shift, double sign)
{
    int64_t number = play_start(p);

    for (int fold = 9, count = 1; fold >= 0; fold--, count++, shift *= sign)
        if (play_report(p, number, fold, of_best(fold) + shift) ==
            DECISION_PRUNE)
            return count;
    return 10;
}

static void who_is_worse_on_the_same_folds_ends(void **unused)
{
    struct play p;

    (void)unused;
    play_begin(&p, &nothing, "random", NULL, "wilcoxon", NULL, 1);
    assert_int_equal(folds_of(&p, 1, 1), 10); /* nobody to beat */
    complete(&p, 3);
    complete(&p, 0); /* the best */
    complete(&p, 1);
    assert_int_equal(folds_of(&p, 0.5, 1), 4); /* p = 1/16, 1/8 with three */
    assert_int_equal(folds_of(&p, -0.5, 1), 10);
    assert_int_equal(folds_of(&p, 0, 1), 10);
    assert_int_equal(folds_of(&p, 0.5, -1), 10); /* now worse, now better */
    assert_int_equal(folds_of(&p, NAN, 1), 4);
    play_end(&p);
}

static void options_move_the_bar(void **unused)
{
    struct play p;

    (void)unused;
    play_begin(&p, &nothing, "random", NULL, "wilcoxon",
               "{\"p_threshold\":0.26,\"startup_steps\":3}", 1);
    complete(&p, 0);
    assert_int_equal(folds_of(&p, 0.5, 1), 3); /* not with two: p = 1/4 */
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(who_is_worse_on_the_same_folds_ends),
        cmocka_unit_test(options_move_the_bar),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
