/* aside: a helper beside the team: the last rank of the job, which takes no part
 * in the team's collective calls, and what rank 0 and it say to each other.
 *
 * Messages are as long as both sides know them to be, and come in order. What
 * was begun moves on in calls of MPI only, so aside_progress() is called from
 * time to time. In comm/mpi.c, the door to MPI.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_COMM_ASIDE_H
#define TRAINER_COMM_ASIDE_H

#include <stdbool.h>

#include "trainer/comm/comm.h"

/* Collective over 'all': 'team' becomes all ranks but the last, which is alone in
 * its own. Returns 0 and the caller calls aside_close(), or -1 with 'err' (kind
 * USAGE) when there is but one rank. */
int aside_open(struct comm *team, const struct comm *all, struct error *err);
void aside_close(struct comm *team);

/* Whether this rank of 'all' is the helper. */
bool aside_is_helper(const struct comm *all);

/* Rank 0 to the helper and back; the memory is the communication's until
 * aside_wait(), or until aside_progress() says that all that was begun is done.
 * aside_wait() sleeps while nothing comes. */
void aside_send(const void *bytes, size_t size);
void aside_receive(void *bytes, size_t size);
bool aside_progress(void);
void aside_wait(void);

#endif
