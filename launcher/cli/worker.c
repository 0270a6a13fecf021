/* sentei worker: run trials of a study, one after another.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/options.h"
#include "launcher/cli/verb.h"
#include "launcher/worker/worker.h"

static int run(int argc, char **argv, struct error *err)
{
    int64_t slot = 0;
    struct worker_options o = { .grace_s = 30,
                                .patience_s = 600,
                                .executor = &executor_local };
    const struct option_row rows[] = {
        { "slot", 'k', OPTION_INT, &slot, "K",
          "which of several workers on this machine (default 0)" },
        { "grace", 0, OPTION_SECONDS, &o.grace_s, "TIME",
          "from SIGTERM to SIGKILL for a trial that is stopped (default 30s)" },
        { "patience", 0, OPTION_SECONDS, &o.patience_s, "TIME",
          "how long to wait for a controller (default 600s)" },
        { 0 }
    };
    const struct options options = {
        .command = "sentei worker",
        .usage = "RUN [options]",
        .description =
            "Asks the study's controller for trials and runs them one after "
            "another until the\nstudy is done. SIGTERM lets the trial in hand "
            "checkpoint and hands it back.",
        .examples = "sentei worker runs/quickstart --slot 1",
        .rows = rows
    };
    char **rest;
    int count, rc = options_parse(&options, argc, argv, &rest, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (count != 1) {
        error_usage(err, "expected one run folder");
        return error_hint(err, "'sentei worker --help' shows how");
    }
    o.run = rest[0];
    o.slot = (long)slot;
    return worker_run(&o, err);
}

const struct verb verb_worker = { "worker", "run trials of a study here", run };
