/* comm: what the ranks of one training say to each other.
 *
 * Every call is collective: all ranks make the same calls in the same order.
 * Sums are the same bits on every rank. 'self' is the null member, one rank
 * that talks to nobody; 'mpi' is chosen when mpirun or srun started us; 'nccl'
 * stands beside it for memory of GPUs (device.h). A rank
 * that fails alone takes the others with it (comm_abort()), because nobody
 * else can tell its silence from slowness.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_COMM_COMM_H
#define TRAINER_COMM_COMM_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct comm;

struct comm_ops {
    const char *name;
    void (*sum_floats)(struct comm *c, float *values, size_t count);
    void (*sum_doubles)(struct comm *c, double *values, size_t count);
    void (*broadcast)(struct comm *c, void *bytes, size_t size);
    void (*gather)(struct comm *c, const void *mine, const size_t *sizes,
                   void *all);
    void (*start_sum)(struct comm *c, float *values, size_t count);
    void (*start_gather)(struct comm *c, const void *mine, const size_t *sizes,
                         void *all);
    void (*progress)(struct comm *c);
    void (*wait)(struct comm *c);
    void (*barrier)(struct comm *c);
    void (*abort)(struct comm *c, int status);
    void (*close)(struct comm *c);
};

struct comm {
    const struct comm_ops *ops;
    int rank, size;
};

/* Join the ranks this process was started with: MPI when the environment says
 * so (OMPI_COMM_WORLD_SIZE, PMIX_RANK), else alone. Returns 0, or -1 with
 * 'err'; also where srun started several ranks and wired none up, each of which
 * would train and report by itself. */
int comm_open(struct comm *c, struct error *err);

/* Alone, whatever the environment says. */
void comm_self(struct comm *c);

/* Join by MPI (comm/mpi.c, the door to MPI). Returns 0, or -1 with 'err'. */
int comm_mpi(struct comm *c, struct error *err);

/* Leave; all ranks together. */
void comm_close(struct comm *c);

/* End all ranks at once with an exit status: the last resort. Does nothing
 * when alone. */
void comm_abort(struct comm *c, int status);

/* Replace each value by its sum over the ranks. */
void comm_sum_floats(struct comm *c, float *values, size_t count);
void comm_sum_doubles(struct comm *c, double *values, size_t count);

/* Give rank 0's bytes to all. */
void comm_broadcast(struct comm *c, void *bytes, size_t size);

/* Put rank r's 'sizes[r]' bytes behind those of ranks before it, in 'all', on
 * every rank. 'sizes' is the same everywhere. */
void comm_gather(struct comm *c, const void *mine, const size_t *sizes,
                 void *all);

/* The same as comm_sum_floats() and comm_gather(), begun only: the memory is
 * the communication's until comm_wait() (what is sent may be read). Any number
 * may be under way, and other calls may come in between; all ranks begin them
 * in the same order. */
void comm_start_sum(struct comm *c, float *values, size_t count);
void comm_start_gather(struct comm *c, const void *mine, const size_t *sizes,
                       void *all);

/* Let what is under way move on, from time to time: much of it happens in
 * calls only. Not collective. */
void comm_progress(struct comm *c);

/* Until all that was started is done. */
void comm_wait(struct comm *c);

/* Wait for all. */
void comm_barrier(struct comm *c);

/* The part of 'count' things that is this rank's: *first and *size. Parts
 * differ by at most one and cover all in rank order. */
void comm_slice(const struct comm *c, size_t count, size_t *first,
                size_t *size);

/* The version of MPI that is linked (comm/mpi.c). */
const char *comm_mpi_version(void);

#endif
