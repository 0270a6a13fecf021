/* spool: reports that nobody has answered yet, kept in a file.
 *
 * JSON Lines, appended and synced: {"attempt": 2, "step": 3, "metrics": {...}}.
 * One process owns a spool at a time: the trial's client while the trial runs,
 * the worker before and after.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef CLIENT_SPOOL_H
#define CLIENT_SPOOL_H

#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"
#include "client/contact.h"

/* Append a list of reports ({"step", "metrics"}) of 'attempt'. Returns 0 when
 * they are on disk, or -1 with 'err'. */
int spool_append(const char *path, int64_t attempt, const struct tree *reports,
                 struct error *err);

/* The reports of the attempts first..last in the order they were written, as a
 * list the caller destroys; empty when there is no file. Lines that a crash
 * tore are left out. NULL with 'err' when the file cannot be read. */
struct tree *spool_read(const char *path, int64_t first, int64_t last,
                        struct error *err);

/* Report what is in the spool of the attempts first..last under 'lease', and
 * remove the file when all of it was answered; when it was refused for good,
 * the file becomes 'path'.refused. Returns the status of the last
 * call, 200 when there was nothing to do, or 0 with 'err'. '*reply' is the
 * last answer (NULL when there was none), the caller destroys it. */
int spool_deliver(const char *path, int64_t first, int64_t last,
                  const struct lease *lease, struct contact *c,
                  double timeout_s, struct tree **reply, struct error *err);

/* Send a list of reports (borrowed) under 'lease'; as contact_call(). */
int spool_send(const struct lease *lease, const struct tree *reports,
               struct contact *c, double timeout_s, struct tree **reply,
               struct error *err);

#endif
