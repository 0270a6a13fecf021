/* sentei annotate RUN TRIAL VERDICT: a person's word on a trial, kept with it.
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
        .command = "sentei annotate",
        .usage = "RUN TRIAL VERDICT [options]",
        .description =
            "Keeps a verdict with a trial: 'sentei show' has it, and "
            "every --format json. A new one\ntakes the place of the "
            "one before, '' removes it; the trial's events keep "
            "all.",
        .examples = "  sentei annotate quickstart 12 'good, but misses shoes'",
        .rows = rows,
    };
    char **rest;
    int64_t number;
    int count, rc = options_parse(&o, argc, argv, &rest, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (count != 3) {
        error_usage(err, "expected a run, a trial's number and a verdict");
        return error_hint(err, "a verdict of several words goes into quotes");
    }
    if (trial_number(rest[1], &number, err) < 0)
        return -1;
    struct tree *body = tree_map();

    tree_set_int(body, "trial", number);
    tree_set_string(body, "note", rest[2]);
    if (trial_post(rest[0], runs, "/v1/annotate", body, NULL, err) < 0)
        return -1;
    log_note("noted on trial %" PRId64 " of %s", number, rest[0]);
    return 0;
}

const struct verb verb_annotate = { "annotate", "keeps a verdict with a trial",
                                    run };
