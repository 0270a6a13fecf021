/* nccl: what the ranks need of NCCL; nccl.c is the door to it.
 *
 * The library is opened when ranks join: one GPU does not need it. Calls give
 * work to a stream of backend/cuda/device/gpu.h and return before it is done; all
 * ranks make the same calls in the same order. The first failure is put down in
 * '*e'; once it holds one they do nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_COMM_NCCL_NCCL_H
#define TRAINER_COMM_NCCL_NCCL_H

#include <stddef.h>

#include "base/error.h"

struct nccl;

enum nccl_type { NCCL_FLOATS, NCCL_DOUBLES };

/* Open the library, unless it is. Returns 0, or -1 with 'err' (kind USAGE). */
int nccl_open(struct error *err);

/* Rank 0: what all ranks need to find each other, DEVICE_ID_BYTES. */
int nccl_make_id(unsigned char *id, struct error *err);

/* Collective: join with the device in use in this thread. NULL with 'err'. */
struct nccl *nccl_join(const unsigned char *id, int rank, int size,
                       struct error *err);

/* Leave; NULL is fine. All that was given is done, or nccl_check() has put a
 * failure down. */
void nccl_leave(struct nccl *n);

/* Whether all is well with the others: when not, what is under way on the
 * device is ended and the failure is put down. */
void nccl_check(struct nccl *n, struct error *e);

/* End what is under way on the device. */
void nccl_abort(struct nccl *n);

/* On the device: replace values by their sums over the ranks. */
void nccl_sum(struct nccl *n, void *values, size_t count, enum nccl_type type,
              void *stream, struct error *e);

/* Give rank 0's bytes to all. */
void nccl_broadcast(struct nccl *n, void *bytes, size_t size, void *stream,
                    struct error *e);

/* Put rank r's 'sizes[r]' bytes behind those of ranks before it. */
void nccl_gather(struct nccl *n, const void *mine, const size_t *sizes,
                 void *all, void *stream, struct error *e);

#endif
