/* Several ranks on GPUs where the plug-in cannot bring them together.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "trainer/comm/device.h"

static void test_without_nccl_it_says_so(void **state)
{
    struct comm host = { .rank = 1, .size = 3 }, device;
    struct wireup up = { .comm = &host };
    struct error err = ERROR_INIT;

    (void)state;
    assert_int_equal(comm_device(&device, &up, NULL, &err), -1);
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.what, "built without NCCL"));
    assert_non_null(strstr(err.what, "not 3"));
    assert_non_null(strstr(err.hint, "nccl.h"));
    comm_close(&device); /* nothing was joined */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_without_nccl_it_says_so),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
