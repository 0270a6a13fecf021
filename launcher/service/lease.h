/* lease: who works on a trial, until when, and how that ends.
 *
 * A worker holds a trial under (trial, attempt, random token); every report
 * and heartbeat renews the lease. After 'lease_s' of silence the attempt is
 * lost and the trial waits for another worker, unless it failed too often.
 * While nobody else has taken it, a worker that comes back gets it again.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SERVICE_LEASE_H
#define LAUNCHER_SERVICE_LEASE_H

#include "launcher/service/outcome.h"
#include "launcher/service/state.h"

/* Give 'e' (waiting or paused) to 'worker' as a new attempt. */
int lease_begin(struct service *s, struct entry *e, const char *worker,
                double now, struct error *err);

/* The running trial 'worker' holds, or NULL. */
struct entry *lease_of(struct service *s, const char *worker);

/* End the present attempt of running 'e'; 'when' it ended. */
int lease_end(struct service *s, struct entry *e, enum outcome outcome,
              const char *reason, double when, struct error *err);

/* Take up a lost attempt again whose worker came back. Returns 1, 0 when it is
 * too late, or -1 with 'err'. */
int lease_revive(struct service *s, struct entry *e, double now,
                 struct error *err);

/* End the leases that ran out, and those of dead workers: a worker that was
 * never heard in this controller's term died with the one before, so its trial
 * is interrupted and handed out first; else the attempt is lost. */
int lease_expire(struct service *s, double now, struct error *err);

#endif
