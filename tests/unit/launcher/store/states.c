/* Which changes of a trial's state are legal: the whole square, by hand.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "launcher/store/states.h"

/* Rows from, columns to: waiting running paused complete pruned failed. */
static const char square[TRIAL_STATES][TRIAL_STATES + 1] = {
    [TRIAL_WAITING] = ".x....", [TRIAL_RUNNING] = "x.xxxx",
    [TRIAL_PAUSED] = "xx....",  [TRIAL_COMPLETE] = "......",
    [TRIAL_PRUNED] = "x.....",  [TRIAL_FAILED] = "x.....",
};

static void legal_changes(void **state)
{
    (void)state;
    for (int from = 0; from < TRIAL_STATES; from++)
        for (int to = 0; to < TRIAL_STATES; to++)
            assert_int_equal(
                state_may_become((enum trial_state)from, (enum trial_state)to),
                square[from][to] == 'x');
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(legal_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
