/* threshold: what is outside of the bounds ends, whatever the direction.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "tests/unit/search/play.h"

static struct space nothing;

static void bounds_are_those_of_the_values(void **unused)
{
    static const struct {
        const char *options;
        bool maximize;
        int64_t step;
        double value;
        enum decision decision;
    } rows[] = {
        { "{\"upper\":2}", false, 1, 2, DECISION_CONTINUE },
        { "{\"upper\":2}", false, 1, 2.5, DECISION_PRUNE },
        { "{\"upper\":2}", false, 1, -9, DECISION_CONTINUE },
        { "{\"upper\":2}", true, 1, 2.5, DECISION_PRUNE },
        { "{\"upper\":2}", true, 1, -9, DECISION_CONTINUE },
        { "{\"lower\":0.1}", true, 1, 0.05, DECISION_PRUNE },
        { "{\"lower\":0.1}", true, 1, 0.2, DECISION_CONTINUE },
        { "{\"lower\":0.1}", true, 1, NAN, DECISION_PRUNE },
        { "{\"upper\":0.1}", true, 1, NAN, DECISION_PRUNE },
        { "{\"lower\":0.1}", false, 1, NAN, DECISION_PRUNE },
        { "{\"upper\":2,\"warmup_steps\":3}", false, 3, 9, DECISION_CONTINUE },
        { "{\"upper\":2,\"warmup_steps\":3}", false, 4, 9, DECISION_PRUNE },
        { "{\"upper\":2,\"interval_steps\":5}", false, 5, 9,
          DECISION_CONTINUE },
        { "{\"upper\":2,\"interval_steps\":5}", false, 6, 9, DECISION_PRUNE },
    };

    (void)unused;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct play p;
        double loss = rows[i].maximize ? -rows[i].value : rows[i].value;

        play_begin(&p, &nothing, "random", NULL, "threshold", rows[i].options,
                   1);
        p.history.maximize = rows[i].maximize;
        if (play_report(&p, play_start(&p), rows[i].step, loss) !=
            rows[i].decision)
            fail_msg("%s, %g", rows[i].options, rows[i].value);
        play_end(&p);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_are_those_of_the_values),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
