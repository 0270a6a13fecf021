/* outbox: the messages that one receiver has still to get.
 *
 * A receiver is told at most once every OUTBOX_GAP_S; of the best so far only
 * the newest is kept, of failures the first with how many more there were. What
 * could not be delivered is tried again, later and later, and given up when
 * the receiver has been away for too long.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_NOTIFY_OUTBOX_H
#define LAUNCHER_NOTIFY_OUTBOX_H

#include "base/error.h"
#include "base/tree.h"

#define OUTBOX_GAP_S 10.0
enum { OUTBOX_TRIES = 8 };

struct outbox {
    const struct tree *notice; /* of the study file; borrowed */
    struct tree *waiting;      /* a list of messages, oldest first */
    double next;               /* when something may be sent */
    unsigned failures;         /* in a row */
};

/* Returns 0, or -1 with 'err' when out of memory. */
int outbox_init(struct outbox *o, const struct tree *notice, struct error *err);
void outbox_clear(struct outbox *o);

/* Put in 'message' (copied) where the receiver wants such ones. */
void outbox_put(struct outbox *o, const struct tree *message);

/* Deliver the oldest message when its time has come; 'last' also before, for
 * there will be no other chance. Warns of what fails. */
void outbox_send(struct outbox *o, double now, bool last);

#endif
