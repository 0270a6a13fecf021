/* contact: talk to whichever controller serves a run now.
 *
 * A controller may die and another take over on another host. It publishes its
 * address in RUN/controller.json; a contact reads that again when nobody
 * answers. Not thread-safe: one a thread.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_CONTACT_H
#define CLIENT_CONTACT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"

/* In whose name reports are made: one attempt at one trial, and the token
 * that fences it from other attempts. */
struct lease {
    int64_t trial, attempt;
    char token[128];
};

struct contact;

/* A contact to 'url' with the token in 'token_file'. 'run' is the run folder:
 * where to look for both when they are NULL, and for a controller that moved
 * (NULL: it never moves). Nothing is connected or read yet. Returns NULL with
 * 'err' when out of memory. */
struct contact *contact_create(const char *run, const char *url,
                               const char *token_file, struct error *err);
void contact_destroy(struct contact *c);

/* As http_call(): the status, or 0 with 'err' when nobody answers. An address
 * that changed is followed within the call. */
int contact_call(struct contact *c, const char *path, const struct tree *body,
                 double timeout_s, struct tree **reply, struct error *err);

/* The address used last, or NULL when none is known. Borrowed until the next
 * call. */
const char *contact_url(const struct contact *c);

/* What the controller of 'run' has published (RUN/controller.json: "url", "host",
 * "pid", ...), which the caller destroys; NULL when none has, or none could be
 * read. */
struct tree *contact_published(const char *run);

/* Whether this outcome of contact_call() may be another one later: nobody
 * there, too busy, a full disk. */
bool contact_may_retry(int status);

/* Seconds to wait before try number 'failures' + 1: 0.1 doubling up to 5, less
 * up to a quarter so that many waiting together do not return together. */
double contact_backoff(unsigned failures);

/* The same after contact_call() of 'c', and no less than the controller asked
 * for in its answer. */
double contact_pause(const struct contact *c, unsigned failures);

/* {"trial", "attempt", "lease"}: the beginning of each body sent under a
 * lease. The caller destroys it; NULL when out of memory. */
struct tree *lease_to_tree(const struct lease *l);

#endif
