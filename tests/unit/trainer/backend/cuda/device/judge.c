/* What is said of machines that cannot run the CUDA backend. The file is not in
 * a library that tests link, and needs none: it is read here.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "trainer/backend/cuda/device/judge.c"

static const struct machine {
    struct gpu_facts facts;
    const char *what, *hint; /* parts of what is said; NULL: it can run */
} machines[] = {
    { { .runtime = 13000 }, "no NVIDIA driver", "gpus: 1" },
    { { .runtime = 13000, .driver = 12040, .trouble = "insufficient" },
      "is for CUDA 12.4, this build needs 13",
      "update the driver" },
    { { .runtime = 13000, .driver = 13000, .trouble = "out of order" },
      "out of order",
      "nvidia-smi" },
    { { .runtime = 13000, .driver = 13000 },
      "no GPU is visible",
      "CUDA_VISIBLE_DEVICES" },
    { { "", 1, 13000, 13000, "Old One", 6, 1, 20, 0, 0, true, 0 },
      "Old One has compute capability 6.1",
      "newer GPU" },
    { { "", 1, 13000, 13000, "New One", 13, 0, 20, 0, 0, false, 0 },
      "no code for New One",
      "make CUDA_ARCH=130" },
    { { "", 1, 13000, 13000, "Good One", 9, 0, 20, 0, 0, true, 0 },
      NULL,
      NULL },
    { { "", 1, 13010, 13000, "Good One", 9, 0, 20, 0, 0, true, 0 },
      NULL,
      NULL },
};

static void test_each_machine_is_told_what_it_lacks(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof machines / sizeof *machines; i++) {
        const struct machine *m = &machines[i];
        struct error err = ERROR_INIT;

        if (!m->what) {
            assert_int_equal(gpu_judge(&m->facts, &err), 0);
            continue;
        }
        assert_int_equal(gpu_judge(&m->facts, &err), -1);
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.what, m->what));
        assert_non_null(strstr(err.hint, m->hint));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_machine_is_told_what_it_lacks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
