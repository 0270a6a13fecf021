/* The learning rate over time.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "trainer/optim/optim.h"

static void test_rates(void **state)
{
    static const struct {
        enum rate_kind kind;
        double warmup, epoch, rate; /* of 10 epochs at 0.4 */
    } cases[] = {
        { RATE_CONSTANT, 0, 0, 0.4 }, { RATE_CONSTANT, 0, 9, 0.4 },
        { RATE_CONSTANT, 2, 1, 0.2 }, { RATE_CONSTANT, 2, 2, 0.4 },
        { RATE_LINEAR, 0, 5, 0.2 },   { RATE_LINEAR, 2, 6, 0.2 },
        { RATE_LINEAR, 2, 10, 0 },    { RATE_COSINE, 0, 0, 0.4 },
        { RATE_COSINE, 0, 5, 0.2 },   { RATE_COSINE, 0, 10, 0 },
        { RATE_COSINE, 10, 5, 0.2 },  { RATE_STEP, 0, 2.9, 0.4 },
        { RATE_STEP, 0, 3, 0.2 },     { RATE_STEP, 1, 8, 0.1 },
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct optim_options o = { .lr = 0.4,
                                   .warmup = cases[i].warmup,
                                   .drop = 0.5,
                                   .drop_every = 3,
                                   .schedule = cases[i].kind };

        if (fabs(optim_rate(&o, cases[i].epoch, 10) - cases[i].rate) > 1e-12)
            fail_msg("case %zu: %g", i, optim_rate(&o, cases[i].epoch, 10));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(test_rates) };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
