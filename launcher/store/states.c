/* states: see states.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/store/states.h"

#include <stddef.h>

static const struct {
    enum trial_state from, to;
} legal[] = {
    { TRIAL_WAITING, TRIAL_RUNNING },  /* handed out */
    { TRIAL_RUNNING, TRIAL_WAITING },  /* lost or failed: once more */
    { TRIAL_RUNNING, TRIAL_PAUSED },   /* interrupted, or by the pruner */
    { TRIAL_RUNNING, TRIAL_COMPLETE }, /* ended by itself */
    { TRIAL_RUNNING, TRIAL_PRUNED },   /* ended by the pruner */
    { TRIAL_RUNNING, TRIAL_FAILED },   /* failed too often */
    { TRIAL_PAUSED, TRIAL_RUNNING },   /* resumed */
    { TRIAL_PAUSED, TRIAL_WAITING },   /* a person wants it to go on, */
    { TRIAL_PRUNED, TRIAL_WAITING },   /* or tried again */
    { TRIAL_FAILED, TRIAL_WAITING },
};

bool state_may_become(enum trial_state from, enum trial_state to)
{
    for (size_t i = 0; i < sizeof legal / sizeof *legal; i++)
        if (legal[i].from == from && legal[i].to == to)
            return true;
    return false;
}

bool state_is_final(enum trial_state state)
{
    return state == TRIAL_COMPLETE || state == TRIAL_PRUNED ||
           state == TRIAL_FAILED;
}
