/* Moments: numbers and dates as they are written, and their order.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>

#include "trainer/data/pack/moment.h"

static void numbers_and_dates(void **state)
{
    static const struct {
        const char *text;
        enum moment_kind kind;
        double value;
    } rows[] = {
        { "0", MOMENT_NUMBER, 0 },
        { "-3.5", MOMENT_NUMBER, -3.5 },
        { "2026", MOMENT_NUMBER, 2026 },
        { "1970-01-01", MOMENT_DATE, 0 },
        { "1969-12-31", MOMENT_DATE, -86400 },
        { "2026-11-24", MOMENT_DATE, 1795478400 },
        { "2024-02-29", MOMENT_DATE, 1709164800 },
        { "1970-01-01T01:02", MOMENT_DATE, 3720 },
        { "1970-01-01 01:02:03", MOMENT_DATE, 3723 },
        { "1970-01-01T01:02:03Z", MOMENT_DATE, 3723 },
        { "1970-01-01T01:02:03.25Z", MOMENT_DATE, 3723.25 },
        { "1970-01-01T09:00:00+09:00", MOMENT_DATE, 0 },
        { "1970-01-01T00:00-0130", MOMENT_DATE, 5400 },
        { "", MOMENT_NONE, 0 },
        { "nan", MOMENT_NONE, 0 },
        { "inf", MOMENT_NONE, 0 },
        { "yesterday", MOMENT_NONE, 0 },
        { "2026-11", MOMENT_NONE, 0 },
        { "2026-13-01", MOMENT_NONE, 0 },
        { "2026-02-29", MOMENT_NONE, 0 },
        { "2026-4-1", MOMENT_NONE, 0 },
        { "24.11.2026", MOMENT_NONE, 0 },
        { "2026-11-24T", MOMENT_NONE, 0 },
        { "2026-11-24T25:00", MOMENT_NONE, 0 },
        { "2026-11-24T10:00.5", MOMENT_NONE, 0 },
        { "2026-11-24T10:00:00.", MOMENT_NONE, 0 },
        { "2026-11-24T10:00:00 or so", MOMENT_NONE, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        double value = 0;
        enum moment_kind kind = moment_read(rows[i].text, &value);

        if (kind != rows[i].kind ||
            (kind != MOMENT_NONE && value != rows[i].value))
            fail_msg("'%s' is %d, %.17g", rows[i].text, (int)kind, value);
    }
}

static void keys_order_as_the_values_do(void **state)
{
    const double values[] = { -1e300, -2, -1, -0.5, -1e-300, 0,    1e-300,
                              0.5,    1,  2,  1e9,  1e9 + 1, 1e300 };

    (void)state;
    for (size_t i = 1; i < sizeof values / sizeof *values; i++)
        assert_true(moment_key(values[i - 1]) < moment_key(values[i]));
    assert_true(moment_key(-0.0) == moment_key(0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_and_dates),
        cmocka_unit_test(keys_order_as_the_values_do),
    };
    return cmocka_run_group_tests_name("moment", tests, NULL, NULL);
}
