/* controller: the process that serves one study until it ends.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_CONTROLLER_CONTROLLER_H
#define LAUNCHER_CONTROLLER_CONTROLLER_H

#include <signal.h>
#include <stdbool.h>

#include "base/error.h"

/* What ends the controller of a crew: not SIGTERM, which Slurm and systemd send to
 * all processes at once, when the workers have yet to hand their trials back. */
#define CONTROLLER_END SIGUSR2

struct controller_options {
    const char *run;     /* a run folder with study.yaml */
    const char *address; /* to listen at; NULL: this machine alone */
    int port;            /* 0: any free one */
    double lease_s;
    double calls_per_s; /* of one connection, at most */
    int ready_fd;    /* gets "ready\n" once requests are answered (or it stands
                        by); -1: none */
    bool crew;       /* CONTROLLER_END ends it, SIGTERM does not */
    bool standby;    /* while another one serves, wait; then take over */
    double defer_s;  /* standing by at first: how long to leave the run to a
                        controller placed elsewhere, which is still to come */
    bool until_done; /* end when the study has, and the workers know */
};

/* Serve. Returns 0 after a clean end (done, SIGTERM, SIGINT, CONTROLLER_END), or -1 with 'err':
 * no study, another controller holds the run, an occupied port, ... */
int controller_run(const struct controller_options *o, struct error *err);

#endif
