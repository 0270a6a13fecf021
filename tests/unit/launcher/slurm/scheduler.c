/* Slurm's commands, played by the shell: what they print, say and inherit.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "launcher/slurm/allocation.h"
#include "launcher/slurm/refusal.h"
#include "launcher/slurm/scheduler.h"

static struct scheduler_reply call(const char *script, double timeout_s)
{
    const char *words[] = { "sh", "-c", script, NULL };
    struct error err = ERROR_INIT;
    struct scheduler_reply reply;

    assert_int_equal(scheduler_call(words, timeout_s, &reply, &err), 0);
    return reply;
}

static void a_command_prints_says_and_ends(void **state)
{
    struct scheduler_reply r = call("echo 5; echo why >&2; exit 3", 10);

    (void)state;
    assert_string_equal(text_get(&r.out), "5\n");
    assert_string_equal(text_get(&r.said), "why\n");
    assert_int_equal(r.status, 3);
    scheduler_clear(&r);
}

static void one_that_does_not_end_is_killed(void **state)
{
    struct scheduler_reply r = call("echo 5; sleep 1000", 0.2);

    (void)state;
    assert_string_equal(text_get(&r.out), "5\n");
    assert_int_equal(r.status, -1);
    scheduler_clear(&r);
}

static void one_that_is_not_there_is_an_error(void **state)
{
    const char *words[] = { "no-such-command", NULL };
    struct error err = ERROR_INIT;
    struct scheduler_reply r;

    (void)state;
    assert_int_equal(scheduler_call(words, 10, &r, &err), -1);
    assert_non_null(strstr(err.what, "cannot start 'no-such-command'"));
    assert_non_null(strstr(err.hint, "'sentei run' needs no Slurm"));
    scheduler_clear(&r);
}

static void variables_of_the_job_around_us_stay_here(void **state)
{
    struct scheduler_reply r;

    (void)state;
    setenv("SLURM_JOB_ID", "7", 1);
    setenv("SLURM_CONF", "/etc/a", 1);
    setenv("SBATCH_PARTITION", "p", 1);
    setenv("PMIX_RANK", "0", 1);
    r = call("echo \"${SLURM_JOB_ID-}${SBATCH_PARTITION-}${PMIX_RANK-}"
             "$SLURM_CONF\"",
             10);
    assert_string_equal(text_get(&r.out), "/etc/a\n");
    scheduler_clear(&r);
    unsetenv("SLURM_JOB_ID");
    unsetenv("SLURM_CONF");
    unsetenv("SBATCH_PARTITION");
    unsetenv("PMIX_RANK");
}

/* What sbatch said, and the words of ours in what a user is told. */
static void refusals_name_the_key_to_change(void **state)
{
    static const struct {
        const char *said, *what;
    } rows[] = {
        { "sbatch: error: QOSMaxSubmitJobPerUserLimit\nsbatch: error: Batch "
          "job submission failed: Job violates accounting/QOS policy (job "
          "submit limit, user's size and/or time limits)\n",
          "the array has more elements than you may submit" },
        { "sbatch: error: Batch job submission failed: Invalid account or "
          "account/partition combination specified\n",
          "slurm.account" },
        { "sbatch: error: Batch job submission failed: Requested time limit is "
          "invalid (missing or exceeds some limit)\n",
          "resources.time" },
        { "sbatch: error: Invalid generic resource (gres) specification\n",
          "resources.gpus_per_task" },
        { "sbatch: unrecognized option '--foo'\nTry \"sbatch --help\" for more "
          "information\n",
          "slurm.extra: sbatch knows no such option (sbatch: unrecognized "
          "option '--foo')" },
        { "sbatch: error: something new\n", "sbatch: something new" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scheduler_reply r = { 1, TEXT_INIT, TEXT_INIT };
        struct error err = ERROR_INIT;

        text_append(&r.said, rows[i].said);
        assert_int_equal(refusal_explain(&r, NULL, NULL, &err), -1);
        if (!strstr(err.what, rows[i].what))
            fail_msg("no '%s' in '%s'", rows[i].what, err.what);
        scheduler_clear(&r);
    }
}

static void slurms_times_are_local(void **state)
{
    (void)state;
    setenv("TZ", "UTC", 1);
    assert_true(allocation_time("2026-11-23T17:01:27\n") == 1795453287.0);
    assert_true(allocation_time("N/A\n") > 1e300);
    assert_true(allocation_time("") > 1e300);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_prints_says_and_ends),
        cmocka_unit_test(one_that_does_not_end_is_killed),
        cmocka_unit_test(one_that_is_not_there_is_an_error),
        cmocka_unit_test(variables_of_the_job_around_us_stay_here),
        cmocka_unit_test(refusals_name_the_key_to_change),
        cmocka_unit_test(slurms_times_are_local),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
