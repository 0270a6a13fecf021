/* sentei rank PROGRAM...: a rank of a trial that mpirun started on this machine.
 * SPDX-License-Identifier: Apache-2.0 */
#include <unistd.h>

#include "base/options.h"
#include "launcher/cli/verb.h"
#include "launcher/worker/keeper.h"
#include "launcher/worker/mpirun.h"

static int run(int argc, char **argv, struct error *err)
{
    const struct option_row none = { 0 };
    const struct options o = {
        .command = "sentei rank",
        .usage = "-- PROGRAM [ARGUMENT...]",
        .description =
            "Runs a program as a rank of a trial: what 'sentei worker' lets mpirun "
            "start where a\ntrial has several ranks on this machine. It ends with "
            "mpirun, and is told to checkpoint\nin time.",
        .examples = "  mpirun -n 2 sentei rank -- python3 train.py",
        .rows = &none,
    };
    char **words;
    int count, rc = options_parse(&o, argc, argv, &words, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (count == 0) {
        error_usage(err, "expected a program to run");
        return error_hint(err, "'sentei rank --help' shows how");
    }
    keeper_run(&(struct keeper){ getppid(), STDOUT_FILENO, -1, MPIRUN_STOP },
               words, environ);
}

const struct verb verb_rank = { "rank", "run a rank of a trial here", run };
