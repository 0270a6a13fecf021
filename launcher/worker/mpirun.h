/* mpirun: the executor for trials of several ranks on this machine.
 *
 *     worker --- keeper --- mpirun --- keeper ('sentei rank') --- rank 0
 *                                  \-- keeper ------------------ rank 1 ...
 *
 * mpirun takes a SIGTERM for "kill the ranks in a second", which is too soon for a
 * checkpoint, and puts each rank into a process group of its own. So a SIGTERM goes
 * to the ranks by way of their keepers, as a signal that mpirun forwards and that
 * programs ignore; and they die with mpirun.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_WORKER_MPIRUN_H
#define LAUNCHER_WORKER_MPIRUN_H

#include <signal.h>
#include <stdint.h>

#include "launcher/worker/executor.h"

#define MPIRUN_STOP SIGURG

/* How many ranks a trial has from now on in this process. */
void mpirun_configure(int64_t count);

extern const struct executor executor_mpirun;

#endif
