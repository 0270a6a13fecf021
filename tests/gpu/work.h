/* work: what the operations of a backend must do at least.
 *
 * A table of operations between a model and its backend that counts, for those
 * of a step that take time, multiplications and additions, and bytes read and
 * written once each, then lets the backend do it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_GPU_WORK_H
#define TESTS_GPU_WORK_H

#include "trainer/backend/backend.h"

struct work {
    const char *name; /* the operation's; that of the last one is NULL */
    double operations, bytes;
};

/* Count the operations of 'b' from now on, before a model is made with it. */
void work_watch(struct backend *b);

/* Begin anew. */
void work_reset(void);

/* What was counted. */
const struct work *work_done(void);

#endif
