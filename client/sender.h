/* sender: deliver one attempt's reports without making it wait.
 *
 * A thread takes reports from a bounded queue and sends them. When nobody
 * answers it keeps them in the spool and tries again, ever more slowly, until
 * the controller (or the next one) is there; the order of reports is kept. It
 * keeps the lease alive where asked to.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_SENDER_H
#define CLIENT_SENDER_H

#include <stdbool.h>

#include "base/error.h"
#include "base/tree.h"
#include "client/contact.h"
#include "client/sentei.h"

/* All borrowed until sender_destroy(). */
struct sender_options {
    const char *run, *url, *token_file; /* as contact_create() */
    const struct lease *lease;
    const char *spool;  /* its file */
    double heartbeat_s; /* renew the lease this often; 0: never */
    int wake_fd;        /* an eventfd written at each new decision; or -1 */
};

struct sender;

/* Start the thread. What the spool holds of this attempt is sent first.
 * Returns NULL with 'err' and nothing started. */
struct sender *sender_create(const struct sender_options *o, struct error *err);

/* Send the rest for at most 'seconds', spool what remains, end the thread.
 * NULL is fine. */
void sender_destroy(struct sender *s, double seconds);

/* Queue a report ({"step", "metrics"}), stolen. Never waits for the network
 * nor the disk. When SENDER_QUEUE reports wait already (neither controller nor
 * disk takes them) the oldest is dropped with a warning. NULL is ignored. */
enum { SENDER_QUEUE = 16384 };
void sender_push(struct sender *s, struct tree *report);

/* The newest decision; SENTEI_STALE stays. */
enum sentei_decision sender_decision(struct sender *s);

/* Wait until every report was answered, or 'seconds' have passed. Returns
 * whether every one was. */
bool sender_settle(struct sender *s, double seconds);

#endif
