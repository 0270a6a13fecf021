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
        cmocka_unit_test(slurms_times_are_local),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
