/* The tracing switch: a list of components, each on or off.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdlib.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static void components_are_chosen(void **state)
{
    static const struct {
        const char *list;
        bool store, http;
    } rows[] = {
        { "", false, false },           { "store", true, false },
        { "store,http", true, true },   { "all", true, true },
        { "all,-http", true, false },   { "+http", false, true },
        { "stor,httpx", false, false }, { "all,-all,http", false, true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        setenv("SENTEI_TRACE", rows[i].list, 1);
        assert_int_equal(log_traced("store"), rows[i].store);
        assert_int_equal(log_traced("http"), rows[i].http);
    }
    unsetenv("SENTEI_TRACE");
    assert_false(log_traced("store"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(components_are_chosen),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
