/* outcome: how an attempt at a trial ends; the names are those of POST /v1/tell.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SERVICE_OUTCOME_H
#define LAUNCHER_SERVICE_OUTCOME_H

enum outcome {
    OUTCOME_COMPLETE,
    OUTCOME_PRUNED,
    OUTCOME_PAUSED,      /* the pruner asked for it */
    OUTCOME_INTERRUPTED, /* Ctrl-C, preemption, a time limit */
    OUTCOME_FAILED,
    OUTCOME_INVALID, /* it would fail again: a wrong configuration */
    OUTCOME_LOST     /* its worker fell silent, the trial was given away: for
                        the controller to say, a worker does not tell it */
};
extern const char *const outcome_names[]; /* ends with NULL */

#endif
