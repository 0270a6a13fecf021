/* gpus: the GPUs of this machine, shared by the workers on it.
 *
 * They are those that CUDA_VISIBLE_DEVICES lists; where it is not set, all that
 * NVIDIA's driver shows (/proc/driver/nvidia/gpus). In a Slurm job Slurm does this.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_WORKER_GPUS_H
#define LAUNCHER_WORKER_GPUS_H

#include <stdint.h>

#include "base/error.h"

/* How many there are. */
int64_t gpus_visible(void);

/* Whether there are enough for 'workers' whose trials want 'each'. Where there
 * are none at all nothing is shared: what needs one will say so. Returns 0, or
 * -1 with 'err'. */
int gpus_check(int64_t workers, int64_t each, struct error *err);

/* Let this process and what it starts see the share of worker 'slot' alone, by
 * CUDA_VISIBLE_DEVICES. Returns 0, or -1 with 'err'. */
int gpus_take(int64_t slot, int64_t each, struct error *err);

#endif
