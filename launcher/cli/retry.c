/* sentei retry RUN TRIAL: a trial that failed, was pruned or is paused waits to
 * be handed out again; it goes on from its checkpoint.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "base/log.h"
#include "base/options.h"
#include "launcher/cli/find.h"
#include "launcher/cli/trial.h"
#include "launcher/cli/verb.h"

static int run(int argc, char **argv, struct error *err)
{
    const char *runs = "runs";
    const struct option_row rows[] = {
        FIND_RUNS_OPTION(&runs),
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options o = {
        .command = "sentei retry",
        .usage = "RUN TRIAL [options]",
        .description = "Hands out a trial again that failed, was pruned or is "
                       "paused: first of all, with all its\nattempts, from its "
                       "checkpoint. 'sentei run' goes on with a study that has "
                       "ended.",
        .examples = "  sentei retry quickstart 12",
        .rows = rows,
    };
    char **rest;
    int64_t number;
    int count, rc = options_parse(&o, argc, argv, &rest, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (count != 2) {
        error_usage(err, "expected a run and a trial's number");
        return error_hint(err, "for example: sentei retry quickstart 12");
    }
    if (trial_number(rest[1], &number, err) < 0)
        return -1;
    struct tree *body = tree_map();

    tree_set_int(body, "trial", number);
    if (trial_post(rest[0], runs, "/v1/retry", body, NULL, err) < 0)
        return -1;
    log_note("trial %" PRId64 " of %s waits to be handed out", number, rest[0]);
    return 0;
}

const struct verb verb_retry = { "retry", "tries a trial again", run };
