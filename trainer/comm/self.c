/* self: one rank that talks to nobody.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "trainer/comm/comm.h"

static void self_sum_floats(struct comm *c, float *values, size_t count)
{
    (void)c, (void)values, (void)count;
}

static void self_sum_doubles(struct comm *c, double *values, size_t count)
{
    (void)c, (void)values, (void)count;
}

static void self_broadcast(struct comm *c, void *bytes, size_t size)
{
    (void)c, (void)bytes, (void)size;
}

static void self_gather(struct comm *c, const void *mine, const size_t *sizes,
                        void *all)
{
    (void)c;
    if (sizes[0] > 0)
        memmove(all, mine, sizes[0]);
}

static void self_barrier(struct comm *c)
{
    (void)c;
}

static void self_abort(struct comm *c, int status)
{
    (void)c, (void)status;
}

static const struct comm_ops self_ops = {
    .name = "self",
    .sum_floats = self_sum_floats,
    .sum_doubles = self_sum_doubles,
    .broadcast = self_broadcast,
    .gather = self_gather,
    .start_sum = self_sum_floats,
    .start_gather = self_gather,
    .progress = self_barrier,
    .wait = self_barrier,
    .barrier = self_barrier,
    .abort = self_abort,
    .close = self_barrier,
};

void comm_self(struct comm *c)
{
    *c = (struct comm){ .ops = &self_ops, .rank = 0, .size = 1 };
}
