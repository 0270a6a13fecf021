/* See buckets.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/comm/buckets.h"

void buckets_open(struct buckets *b, struct comm *c, float *values,
                  size_t count, size_t least)
{
    *b = (struct buckets){ c, values, count, least };
}

static void leave(struct buckets *b, size_t from)
{
    comm_start_sum(b->comm, b->values + from, b->left - from);
    b->left = from;
}

void buckets_ready(struct buckets *b, size_t from)
{
    if (from < b->left && b->left - from >= b->least)
        leave(b, from);
    comm_progress(b->comm);
}

void buckets_close(struct buckets *b)
{
    if (b->left > 0)
        leave(b, 0);
}
