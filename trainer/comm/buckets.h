/* buckets: a gradient that is summed over the ranks from its end, while its
 * beginning is still computed (Li et al. 2020, "PyTorch Distributed", 3.2.2-3).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_COMM_BUCKETS_H
#define TRAINER_COMM_BUCKETS_H

#include "trainer/comm/comm.h"

enum { BUCKET_FLOATS = 1 << 18 }; /* 1 MiB: less is not worth a message */

struct buckets {
    struct comm *comm;
    float *values;
    size_t left;  /* values from here on are under way */
    size_t least; /* values that are worth a message */
};

/* Begin with 'count' values of which none is ready. */
void buckets_open(struct buckets *b, struct comm *c, float *values,
                  size_t count, size_t least);

/* Values from 'from' on are ready: they leave when they are enough. The order
 * of calls and 'from' are the same on all ranks. */
void buckets_ready(struct buckets *b, size_t from);

/* All values are ready; they are summed after comm_wait(). */
void buckets_close(struct buckets *b);

#endif
