/* replay: what a run has stored, as the curves of a simulation.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SIMULATE_REPLAY_H
#define LAUNCHER_SIMULATE_REPLAY_H

#include "launcher/simulate/curves.h"

/* Take over one trial as GET /v1/trials/N of docs/api.md tells it. One that has
 * reported nothing is left out, unless it failed. Returns 0, or -1 with
 * 'err': its parameters are not of the study's space. */
int replay_add(struct curves *c, const struct tree *trial, struct error *err);

#endif
