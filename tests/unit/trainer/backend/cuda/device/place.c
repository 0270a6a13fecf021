/* Which of a machine's GPUs a process takes. The file is not in a library that
 * tests link, and needs none: it is read here.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "trainer/backend/cuda/device/place.c"

static const struct process {
    int local, devices;
    const char *visible, *step; /* CUDA_VISIBLE_DEVICES, SLURM_STEP_GPUS */
    int device;
} processes[] = {
    { 0, 1, NULL, NULL, 0 },
    { 1, 4, NULL, NULL, 1 },
    { 5, 4, NULL, NULL, 1 },   /* more processes than GPUs: taken round */
    { 1, 2, "2,3", "2,3", 1 }, /* a step of two, shown to all its ranks */
    { 1, 1, "3", "2,3", 0 },   /* one a task: CUDA counts from 0 */
    { 1, 4, NULL, "2,3", 3 },  /* --gpu-bind=none: all are visible */
    { 2, 4, NULL, "2,3", 2 },  /* ... taken round among the step's */
    { 1, 2, NULL, "2,3", 1 },  /* hidden by a cgroup, numbered anew */
    { 1, 2, NULL, "0,1", 1 },
    { 1, 4, NULL, "", 1 },    /* no list */
    { 1, 4, NULL, "0-3", 1 }, /* one we do not know */
    { 1, 4, NULL, "2,x", 1 },
    { 1, 4, "0,1,2,3", "2,3", 1 }, /* what a person set counts */
};

static void test_each_process_takes_its_own(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof processes / sizeof *processes; i++) {
        const struct process *p = &processes[i];

        assert_int_equal(gpu_place(p->local, p->devices, p->visible, p->step),
                         p->device);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_process_takes_its_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
