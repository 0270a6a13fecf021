/* GPUs: each worker's share of what is listed; too few are refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/worker/gpus.h"

#define VARIABLE "CUDA_VISIBLE_DEVICES"

static void each_slot_sees_its_share(void **state)
{
    static const struct {
        const char *list;
        int64_t visible, slot, each;
        const char *share; /* NULL: refused */
    } rows[] = {
        { "0,1,2,3", 4, 0, 2, "0,1" },
        { "0,1,2,3", 4, 1, 2, "2,3" },
        { "0,1,2,3", 4, 2, 2, NULL },
        { "0,1,2,3", 4, 0, 5, NULL },
        { "7", 1, 0, 1, "7" },
        { "GPU-5d, MIG-1/2/0 ,3", 3, 1, 1, "MIG-1/2/0" },
        { "0,1,2", 3, 2, 0, "0,1,2" }, /* wants none, loses none */
        { "2,-1,3", 1, 0, 1, "2" },    /* as CUDA reads it */
        { "2,-1,3", 1, 1, 1, NULL },
        { "", 0, 1, 2, "" }, /* there is nothing to share */
        { "-1", 0, 1, 2, "-1" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *share = rows[i].share;
        struct error err = ERROR_INIT;

        setenv(VARIABLE, rows[i].list, 1);
        assert_int_equal(gpus_visible(), rows[i].visible);
        assert_int_equal(gpus_take(rows[i].slot, rows[i].each, &err),
                         share ? 0 : -1);
        assert_string_equal(getenv(VARIABLE), share ? share : rows[i].list);
        assert_int_equal(err.kind, share ? 0 : ERROR_USAGE);
    }
}

static void too_many_workers_are_told_how_many(void **state)
{
    struct error err = ERROR_INIT;

    (void)state;
    setenv(VARIABLE, "0,1,2,3,4", 1);
    assert_int_equal(gpus_check(2, 2, &err), 0);
    assert_int_equal(gpus_check(3, 2, &err), -1);
    assert_non_null(strstr(err.what, "there are 5 here"));
    assert_non_null(strstr(err.hint, "-j 2"));
    assert_int_equal(gpus_check(1, 6, &err), -1);
    assert_non_null(strstr(err.hint, "gpus_per_task"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_slot_sees_its_share),
        cmocka_unit_test(too_many_workers_are_told_how_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
