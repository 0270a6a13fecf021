/* wireup: who is where, and the first bytes that ranks hand around.
 *
 * MPI tells a rank its number and nothing else. Which ranks share its node, how
 * the nodes are called and whether the job was begun before come from PMIx,
 * which started the ranks; where nobody serves it (alone, mpirun of another
 * MPI, srun --mpi=none) from the ranks themselves, over comm.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_COMM_WIREUP_H
#define TRAINER_COMM_WIREUP_H

#include <stdbool.h>

#include "trainer/comm/comm.h"

enum { WIREUP_NODE_BYTES = 64 };

struct wireup {
    struct comm *comm; /* borrowed */
    bool pmix;         /* PMIx told it */
    int local_rank;    /* this rank among those of its node, from 0 */
    int local_size;    /* how many those are */
    int nodes;         /* how many nodes there are */
    int restarts;      /* how often the job was put back into the queue */
    char (*node)[WIREUP_NODE_BYTES]; /* of each rank, its node's name */
};

/* Collective, after comm_open(). Returns 0 and the caller calls wireup_close()
 * before comm_close(), or -1 with 'err'. */
int wireup_open(struct wireup *w, struct comm *c, struct error *err);
void wireup_close(struct wireup *w);

/* Collective: give rank 0's 'size' bytes to all, as NCCL wants its unique id
 * handed around. 'name' is used once in a process. Works before and beside
 * MPI's communicators: PMIx's Put, Commit, Fence and Get, else
 * comm_broadcast(). Returns 0, or -1 with 'err' on some rank. */
int wireup_share(const struct wireup *w, const char *name, void *bytes,
                 size_t size, struct error *err);

#endif
