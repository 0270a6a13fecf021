/* host: the controller of a submitted study, served from this shell.
 *
 * The jobs' pilots stand by as always: when the shell is closed one of them
 * takes over, and the study goes on.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SUBMIT_HOST_H
#define LAUNCHER_SUBMIT_HOST_H

#include <stdbool.h>

#include "base/error.h"

struct host;

/* Serve 'run' from here on, at this machine's address in the network. Returns
 * the host, which the caller ends, or NULL with 'err': another controller
 * serves it, ... Blocks SIGINT, SIGTERM, SIGHUP. */
struct host *host_begin(const char *run, struct error *err);

/* Show how the study goes until it has ended, or a signal came ('*left'). Returns 0,
 * or -1 with 'err': the controller ended over and over. */
int host_watch(struct host *h, bool *left, struct error *err);

void host_end(struct host *h);

#endif
