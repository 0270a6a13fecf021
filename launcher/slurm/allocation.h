/* allocation: what Slurm gave to the job this process is in.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SLURM_ALLOCATION_H
#define LAUNCHER_SLURM_ALLOCATION_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

struct allocation {
    char job[32];       /* SLURM_JOB_ID */
    char element[64];   /* "5_3" for an element of an array, else the job */
    char array[32];     /* the array's job, or "" */
    char address[64];   /* of this node, where the others reach it: IPv4 */
    double end;         /* when its time is up, clock_wall(); INFINITY: never */
    double kill_wait_s; /* from SIGTERM to SIGKILL */
};

/* Read it from the environment, and with one squeue and two scontrol from
 * Slurm; when these do not answer, 'end' is INFINITY, the address that of the
 * host name and 'kill_wait_s' Slurm's default. Returns 0, or -1 with 'err': this is no Slurm job. */
int allocation_read(struct allocation *a, struct error *err);

/* Where other machines reach this one: on a node as Slurm itself does
 * (NodeAddr), elsewhere by the host's name. */
void allocation_address(char *out, size_t size);

/* Put this job, and no other element of its array, back into the queue.
 * (scontrol takes the job id of the array's last element for all of them.)
 * Slurm then ends it with SIGTERM and starts it anew later. Returns 0, or -1
 * with 'err' when it may not be requeued. */
int allocation_requeue(const struct allocation *a, struct error *err);

/* Cancel the elements of this array that have not begun. */
void allocation_cancel_pending(const struct allocation *a);

/* Slurm's "2026-11-23T17:01:27" (local time) as seconds since 1970; INFINITY
 * when it is no time. */
double allocation_time(const char *text);

#endif
