/* What sacct tells of jobs that are gone.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>

#include "launcher/slurm/accounts.h"

/* sacct -X -n -P -D -o State prints a line for each life of a job. */
static void lives_that_ended_are_counted(void **state)
{
    static const char printed[] =
        "COMPLETED\nNODE_FAIL\nCOMPLETED\nPENDING\nCANCELLED by 0\nRUNNING\n"
        "PREEMPTED\nCANCELLED by 1000\n";
    char *ended = accounts_count(printed), *none = accounts_count("");

    (void)state;
    assert_string_equal(ended,
                        "2 completed, 1 node fail, 2 cancelled, 1 preempted");
    assert_string_equal(none, "");
    free(ended);
    free(none);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lives_that_ended_are_counted),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
