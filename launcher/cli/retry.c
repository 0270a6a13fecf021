/* sentei retry RUN TRIAL: a trial that failed, was pruned or is paused waits to
 * be handed out again; it goes on from its checkpoint.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "base/log.h"
#include "launcher/cli/trial.h"
#include "launcher/cli/verb.h"

static const struct trial_change change = {
    .command = "sentei retry",
    .usage = "RUN TRIAL [options]",
    .description = "Hands out a trial again that failed, was pruned or is "
                   "paused: first of all, with all its\nattempts, from its "
                   "checkpoint. 'sentei run' goes on with a study that has "
                   "ended.",
    .examples = "  sentei retry quickstart 12",
    .path = "/v1/retry",
    .wanted = "a run and a trial's number",
    .hint = "for example: sentei retry quickstart 12",
};

static int run(int argc, char **argv, struct error *err)
{
    const char *name;
    int64_t number;
    int rc = trial_change(&change, argc, argv, &name, &number, err);

    if (rc > 0)
        log_note("trial %" PRId64 " of %s waits to be handed out", number,
                 name);
    return rc < 0 ? -1 : 0;
}

const struct verb verb_retry = { "retry", "tries a trial again", run };
