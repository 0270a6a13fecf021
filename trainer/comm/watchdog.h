/* watchdog: ends the training when one of its ranks is dead or cut off.
 *
 * A rank that waits in MPI for one that is gone waits for as long as Slurm takes
 * to give the node up: 300 s by default, for ever where the rank was the only
 * one of its node and srun was not told to kill the rest. So each rank has a
 * thread that talks to rank 0's over TCP. A process that dies closes its
 * connection, which is known at once; one that is stopped, or whose node is
 * lost or cut off, is not heard of for 'patience_s'. Either way one rank says
 * who it was and where, and all ranks end with status 1, from where the attempt
 * is tried again.
 *
 * TCP of its own and not MPI, for MPI does not tell that a peer has died, and a
 * second thread in it costs the first one locks. A thread and not a deadline for
 * each step, because a rank may be slow (page faults, a file system, a first
 * step that compiles) without being dead. A rank that a debugger stops is as
 * silent as a dead one: train with 'watchdog: 0' then.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_COMM_WATCHDOG_H
#define TRAINER_COMM_WATCHDOG_H

#include "trainer/comm/wireup.h"

struct watchdog;

/* Collective: begin to watch. Returns 0 with '*started', which is NULL when there is
 * nothing to watch (one rank, 'patience_s' 0), or -1 with 'err'. A rank that
 * cannot reach rank 0 says so, and goes on unwatched. Borrows 'up' until
 * watchdog_stop(). */
int watchdog_start(struct watchdog **started, const struct wireup *up,
                   double patience_s, struct error *err);

/* Leave: this rank may end from now on, for whatever reason. NULL is fine. */
void watchdog_stop(struct watchdog *w);

#endif
