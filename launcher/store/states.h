/* states: which changes of a trial's state are legal.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_STORE_STATES_H
#define LAUNCHER_STORE_STATES_H

#include <stdbool.h>

#include "search/history.h"

/* Whether a trial may go from one state to the other. */
bool state_may_become(enum trial_state from, enum trial_state to);

/* Whether a trial in this state has ended (it has an end time, a value). */
bool state_is_final(enum trial_state state);

#endif
