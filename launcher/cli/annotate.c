/* sentei annotate RUN TRIAL VERDICT: a person's word on a trial, kept with it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>

#include "base/log.h"
#include "launcher/cli/trial.h"
#include "launcher/cli/verb.h"

static const struct trial_change change = {
    .command = "sentei annotate",
    .usage = "RUN TRIAL VERDICT [options]",
    .description =
        "Keeps a verdict with a trial: 'sentei show' has it, and every "
        "--format json. A new one\ntakes the place of the one before, '' "
        "removes it; the trial's events keep all.",
    .examples = "  sentei annotate quickstart 12 'good, but misses shoes'",
    .path = "/v1/annotate",
    .key = "note",
    .wanted = "a run, a trial's number and a verdict",
    .hint = "a verdict of several words goes into quotes",
};

static int run(int argc, char **argv, struct error *err)
{
    const char *name;
    int64_t number;
    int rc = trial_change(&change, argc, argv, &name, &number, err);

    if (rc > 0)
        log_note("noted on trial %" PRId64 " of %s", number, name);
    return rc < 0 ? -1 : 0;
}

const struct verb verb_annotate = { "annotate", "keeps a verdict with a trial",
                                    run };
