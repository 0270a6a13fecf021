/* patient: who has stopped to get better, and who decides then.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/search/play.h"

static struct space nothing;

/* The report at which a trial with these losses (up to the first above 98) is
 * pruned, or 0. */
static int end_of(struct play *p, const double *losses)
{
    int64_t number = play_start(p);

    for (int i = 0; !(losses[i] >= 99); i++)
        if (play_report(p, number, i + 1, losses[i]) == DECISION_PRUNE)
            return i + 1;
    return 0;
}

static void alone_it_ends_what_stagnates(void **unused)
{
    static const struct {
        const char *options;
        double losses[9];
        int end;
    } rows[] = {
        { "{\"patience\":2}", { 5, 4, 5, 5, 5, 5, 99 }, 5 },
        { "{\"patience\":2}", { 5, 4, 5, 5, 4, 5, 99 }, 0 }, /* as good */
        { "{\"patience\":2}", { 5, 4, 5, 5, 3, 4, 4, 4, 99 }, 8 },
        { "{\"patience\":0}", { 5, 4, 4, 4.1, 99 }, 4 },
        { "{\"patience\":0,\"min_delta\":0.2}", { 5, 4, 4.1, 4.3, 99 }, 4 },
        { "{\"patience\":2}", { 5, NAN, NAN, NAN, 99 }, 4 },
        { "{\"patience\":9}", { 1, 2, 3, 4, 5, 6, 7, 8, 99 }, 0 },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct play p;

        play_begin(&p, &nothing, "random", NULL, "patient", rows[i].options, 1);
        assert_int_equal(end_of(&p, rows[i].losses), rows[i].end);
        play_end(&p);
    }
}

static void the_other_is_asked_only_then(void **unused)
{
    static const double better[] = { 9, 8, 7, 6, 5, 99 };
    static const double worse[] = { 9, 9.5, 9.5, 9.5, 99 };
    struct play p;

    (void)unused;
    play_begin(&p, &nothing, "random", NULL, "patient",
               "{\"patience\":1,\"wrapped\":{\"type\":\"median\","
               "\"grace\":1,\"startup_trials\":1}}",
               1);
    assert_int_equal(end_of(&p, worse), 0); /* median knows nobody yet */
    int64_t number = play_start(&p);
    for (int64_t step = 1; step <= 5; step++)
        history_report(&p.history, number, step, 1, 0);
    play_finish(&p, number, TRIAL_COMPLETE, 1);
    assert_int_equal(end_of(&p, better), 0);
    assert_int_equal(end_of(&p, worse), 3);
    play_end(&p);
}

static void the_other_may_be_left_to_auto(void **unused)
{
    struct text words = TEXT_INIT;
    struct play p;

    (void)unused;
    play_begin(&p, &nothing, "random", NULL, "patient",
               "{\"patience\":1,\"wrapped\":\"auto\"}", 1);
    engine_describe(p.engine, &words);
    assert_non_null(strstr(text_get(&words), "; then asha: "));
    text_clear(&words);
    play_end(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alone_it_ends_what_stagnates),
        cmocka_unit_test(the_other_is_asked_only_then),
        cmocka_unit_test(the_other_may_be_left_to_auto),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
