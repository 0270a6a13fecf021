/* notifier: 'sentei notify RUN' as a child of the controller.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_CONTROLLER_NOTIFIER_H
#define LAUNCHER_CONTROLLER_NOTIFIER_H

#include <sys/types.h>

#include "base/error.h"

/* Start it, its messages in RUN/notify.log; it dies with this process. Returns
 * its process id, or -1 with 'err'. */
pid_t notifier_start(const char *run, struct error *err);

/* Let it tell what is left, and wait for that a while; 0 and -1 are fine. */
void notifier_end(pid_t pid);

#endif
