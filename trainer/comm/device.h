/* device: the ranks about memory of their GPUs, one a rank, by NCCL.
 *
 * The calls of comm.h, for memory of the CUDA backend. They give work to the
 * device and return: it comes after what the backend was given before, and the
 * backend's later work after it. What comm_start_...() began runs beside the
 * backend's work until comm_wait(), which waits on the device, not here. A
 * failure, also that a rank is lost, is put down in the backend (see
 * backend_check()).
 *
 * NCCL is part of the backend's plug-in (backend/plugin.h, comm/nccl).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_COMM_DEVICE_H
#define TRAINER_COMM_DEVICE_H

#include "trainer/backend/backend.h"
#include "trainer/comm/wireup.h"

enum { DEVICE_ID_BYTES = 128 }; /* by which ranks find each other */

/* What the plug-in exports. */
struct device_plugin {
    size_t ops_size; /* of struct comm_ops */
    int (*make_id)(unsigned char *id, struct error *err);
    /* rank and size of 'c' are set */
    int (*join)(struct comm *c, struct backend *b, const unsigned char *id,
                struct error *err);
};

#define DEVICE_SYMBOL "sentei_nccl"

/* Collective: join the ranks of 'up' about the memory of 'b', which is the CUDA
 * backend. One for a process. Returns 0, and comm_close() comes before
 * backend_destroy(); or -1 with 'err': kind USAGE when the plug-in was built
 * without NCCL or the machine has none. */
int comm_device(struct comm *c, const struct wireup *up, struct backend *b,
                struct error *err);

#endif
