/* served: what a pilot learns of the study beside it, from whichever controller
 * serves it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SLURM_SERVED_H
#define LAUNCHER_SLURM_SERVED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* Whether it is process 'pid' of this machine that serves 'run'; 'before' where
 * nobody does. */
bool served_by(const char *run, pid_t pid, bool before);

/* Whether the study has ended, as its controller says, or else its store. */
bool served_is_over(const char *run);

/* How many of its trials run; -1 when nobody says so. */
int64_t served_running(const char *run);

#endif
