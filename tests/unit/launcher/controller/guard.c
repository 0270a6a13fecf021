/* What each 'Authorization' opens.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "launcher/controller/guard.h"

static void a_secret_opens_what_it_is_for(void **state)
{
    static const struct {
        const char *header;
        enum access access;
    } rows[] = {
        { "Bearer all-of-it", ACCESS_ALL },
        { "bearer all-of-it", ACCESS_ALL },
        { "Bearer only-read", ACCESS_READ },
        { "Bearer all-of-i", ACCESS_NONE },
        { "Bearer all-of-itt", ACCESS_NONE },
        { "Bearer ", ACCESS_NONE },
        { "Bearer", ACCESS_NONE },
        { "all-of-it", ACCESS_NONE },
        { "Basic all-of-it", ACCESS_NONE },
        { "MUNGE all-of-it", ACCESS_NONE },
        { "", ACCESS_NONE },
        { NULL, ACCESS_NONE },
    };
    const struct guard g = { .token = "all-of-it", .read_token = "only-read" };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        assert_int_equal(guard_access(&g, rows[i].header), rows[i].access);
}

static void munge_takes_the_place_of_the_token(void **state)
{
    const struct guard g = { .read_token = "only-read",
                             .socket = "/nowhere",
                             .url = "http://127.0.0.1:1" };

    (void)state;
    assert_int_equal(guard_access(&g, "Bearer all-of-it"), ACCESS_NONE);
    assert_int_equal(guard_access(&g, "Bearer "), ACCESS_NONE);
    assert_int_equal(guard_access(&g, "Bearer only-read"), ACCESS_READ);
    assert_int_equal(guard_access(&g, "MUNGE MUNGE:AwQDAAA=:"), ACCESS_NONE);
    assert_int_equal(guard_access(&g, "MUNGE "), ACCESS_NONE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_secret_opens_what_it_is_for),
        cmocka_unit_test(munge_takes_the_place_of_the_token),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
