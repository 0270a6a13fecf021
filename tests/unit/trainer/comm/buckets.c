/* A gradient leaves from its end, when enough of it is ready.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "trainer/comm/buckets.h"

enum { VALUES = 10, LEAST = 3 };

static float values[VALUES];
static int sent[VALUES]; /* how often each has left */
static int messages;

static void start_sum(struct comm *c, float *at, size_t count)
{
    size_t i;

    (void)c;
    messages++;
    for (i = 0; i < count; i++)
        sent[at - values + (ptrdiff_t)i]++;
}

static void progress(struct comm *c)
{
    (void)c;
}

static const struct comm_ops counting = { .name = "counting",
                                          .start_sum = start_sum,
                                          .progress = progress };

static const struct {
    size_t least;
    size_t ready[4]; /* ends with 0 */
    int before;      /* messages before the end */
    int messages;    /* in all */
} cases[] = {
    { LEAST, { 0 }, 0, 1 },
    { LEAST, { 8, 7, 4, 0 }, 2, 3 }, /* 2 wait for 1, then 3; 4 remain */
    { LEAST, { 8, 8, 9, 0 }, 0, 1 },
    { 1, { 9, 8, 7, 0 }, 3, 4 },
    { SIZE_MAX, { 7, 4, 1, 0 }, 0, 1 },
};

static void test_each_value_leaves_once(void **state)
{
    struct comm c = { &counting, 0, 2 };
    struct buckets b;
    size_t i, k;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        messages = 0;
        for (k = 0; k < VALUES; k++)
            sent[k] = 0;
        buckets_open(&b, &c, values, VALUES, cases[i].least);
        for (k = 0; k < 4 && cases[i].ready[k] > 0; k++)
            buckets_ready(&b, cases[i].ready[k]);
        assert_int_equal(messages, cases[i].before);
        buckets_close(&b);
        buckets_close(&b); /* nothing is left */
        assert_int_equal(messages, cases[i].messages);
        for (k = 0; k < VALUES; k++)
            assert_int_equal(sent[k], 1);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_value_leaves_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
