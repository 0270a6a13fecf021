/* replay: what a run has stored, as the curves of a simulation.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SIMULATE_REPLAY_H
#define LAUNCHER_SIMULATE_REPLAY_H

#include "launcher/simulate/curves.h"

/* Read the trials of the run folder 'run' into an empty 'c', those that were
 * stopped going on like their neighbours (curves_continue()). A trial that has
 * reported nothing is left out, unless it failed. Returns 0, after which the
 * caller clears 'c', or -1 with 'err': no such run, no trial that reported,
 * parameters that are not of the study's space. */
int replay_read_curves(struct curves *c, const struct study *s, const char *run,
                       struct error *err);

#endif
