/* sentei pilot: inside a Slurm job, run a study's trials until it is done.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/options.h"
#include "launcher/cli/verb.h"
#include "launcher/slurm/pilot.h"
#include "launcher/study/study.h"

/* The run folder: 'name' itself, or the one of that study file, which is made
 * when it is not there. A new string, or NULL with 'err'. */
static char *open_run(const char *name, const char *runs, struct error *err)
{
    struct study *study = NULL;
    struct stat status;
    char *run = NULL;

    if (stat(name, &status) == 0 && S_ISDIR(status.st_mode)) {
        run = realpath(name, NULL);
        if (!run)
            error_errno(err, "cannot open '%s'", name);
        return run;
    }
    study = study_read(name, err);
    if (study && !(run = file_join(runs, study->name)))
        error_memory(err);
    if (run && study_freeze(study, run, err) < 0) {
        free(run);
        run = NULL;
    }
    study_destroy(study);
    return run;
}

static int run(int argc, char **argv, struct error *err)
{
    struct pilot_options o = { .grace_s = 20 };
    const char *runs = "runs";
    const struct option_row rows[] = {
        { "runs", 0, OPTION_STRING, &runs, "FOLDER",
          "where the run folder of a study file is (default runs)" },
        { "grace", 0, OPTION_SECONDS, &o.grace_s, "TIME",
          "for a stopped trial's checkpoint, then it is killed (default 20s)" },
        { "controller", 0, OPTION_FLAG, &o.serve_only, NULL,
          "run no trials, serve the study: for slurm/controller.sbatch" },
        { "defer", 0, OPTION_SECONDS, &o.defer_s, "TIME",
          "leave the controller's part so long to another job that is to come" },
        { 0 }
    };
    const struct options options = {
        .command = "sentei pilot",
        .usage = "RUN|STUDY.yaml [options]",
        .description =
            "What each element of a job array executes: runs trials as steps "
            "of the job until the\nstudy is done, and stands by to serve the "
            "study when nobody else does. Ahead of the time\nlimit trials "
            "checkpoint and the element goes back into the queue.",
        .examples = "sbatch --array=0-15%4 slurm/study.sbatch studies/x.yaml",
        .rows = rows
    };
    char **rest, *folder;
    int count, rc = options_parse(&options, argc, argv, &rest, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (count != 1) {
        error_usage(err, "expected one run folder or study file");
        return error_hint(err, "'sentei pilot --help' shows how");
    }
    folder = open_run(rest[0], runs, err);
    o.run = folder;
    rc = folder ? pilot_run(&o, err) : -1;
    free(folder);
    return rc;
}

const struct verb verb_pilot = { "pilot", "run trials inside a Slurm job",
                                 run };
