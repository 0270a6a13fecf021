/* pmix: the door to PMIx, through which srun and mpirun tell ranks what MPI
 * does not.
 *
 * To be called between comm_open() and comm_close(): MPI has then joined
 * already, and PMIx counts how often it was. One for a process.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_COMM_PMIX_H
#define TRAINER_COMM_PMIX_H

#include <stdbool.h>
#include <stddef.h>

/* Join. Returns false where nobody serves PMIx (srun --mpi=none, alone). */
bool pmix_join(void);
void pmix_leave(void);

/* This rank among those of its node; -1 when it is not told. */
int pmix_local_rank(void);

/* How often the job was begun again; -1 when it is not told. */
int pmix_restarts(void);

/* Call 'each' with every rank and the name of its node, which is borrowed for
 * the call. Returns false when the map is not told whole. */
bool pmix_map(void (*each)(void *context, int rank, const char *node),
              void *context);

/* Collective: give rank 0's 'size' bytes to all, as 'name' (used once in a
 * process). Returns NULL, or PMIx's word for what went wrong. */
const char *pmix_share(const char *name, void *bytes, size_t size);

/* The version of PMIx that is linked. */
const char *pmix_version(void);

#endif
