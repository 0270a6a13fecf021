/* sentei worker: run trials of a study, one after another.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/options.h"
#include "client/sentei.h"
#include "launcher/cli/verb.h"
#include "launcher/slurm/demand.h"
#include "launcher/slurm/steps.h"
#include "launcher/worker/gpus.h"
#include "launcher/worker/mpirun.h"
#include "launcher/worker/srun.h"
#include "launcher/worker/worker.h"

/* Work on this machine: trials are processes, each with its share of the GPUs. */
static int work_here(struct worker_options o, const struct study *study,
                     struct error *err)
{
    const struct resources *r = &study->resources;
    int64_t ranks = r->nodes * r->tasks_per_node;

    if (gpus_take(o.slot, ranks * r->gpus_per_task, err) < 0)
        return -1;
    mpirun_configure(ranks);
    o.executor = ranks > 1 ? &executor_mpirun : &executor_local;
    return worker_run(&o, err);
}

/* Work inside the Slurm job this process is part of: trials are its steps. */
static int work_in_job(struct worker_options o, const struct study *study,
                       struct error *err)
{
    struct demand d;
    char name[24];
    bool left = false;

    if (!getenv("SLURM_JOB_ID"))
        return error_usage(err, "--job: this is no Slurm job");
    demand_read(&d, study);
    snprintf(name, sizeof name, "w%ld.", o.slot);
    srun_configure(&(struct srun_options){ .nodes = d.nodes,
                                           .tasks_per_node = d.tasks_per_node,
                                           .cpus_per_task = d.cpus_per_task,
                                           .gpus_per_node = d.gpus_per_node,
                                           .memory_mb = d.memory_mb,
                                           .packed = d.trials_at_once > 1,
                                           .rank_logs = d.rank_logs,
                                           .mpi = d.mpi,
                                           .job = o.job,
                                           .name = name });
    o.executor = &executor_srun;
    o.left = &left;
    if (steps_end(o.run, o.job, name, err) < 0 || worker_run(&o, err) < 0)
        return -1;
    return left ? SENTEI_EXIT_PAUSED : 0;
}

static int work(const struct worker_options *o, struct error *err)
{
    struct study *study = worker_study(o->run, err);
    int rc = -1;

    if (study)
        rc = o->job ? work_in_job(*o, study, err) : work_here(*o, study, err);
    study_destroy(study);
    return rc;
}

static int run(int argc, char **argv, struct error *err)
{
    int64_t slot = 0;
    struct worker_options o = { .grace_s = 30, .patience_s = 600 };
    const struct option_row rows[] = {
        { "slot", 'k', OPTION_INT, &slot, "K",
          "which of several workers on this machine (default 0)" },
        { "grace", 0, OPTION_SECONDS, &o.grace_s, "TIME",
          "from SIGTERM to SIGKILL for a trial that is stopped (default 30s)" },
        { "patience", 0, OPTION_SECONDS, &o.patience_s, "TIME",
          "how long to wait for a controller (default 600s)" },
        { "job", 0, OPTION_STRING, &o.job, "ID",
          "be part of this Slurm job: trials are steps of it, started by srun; "
          "the exit\nstatus is 75 when the study is not done" },
        { "until", 0, OPTION_FLOAT, &o.until, "SECONDS",
          "begin no trial that is not likely to end by then (since 1970)" },
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
    return work(&o, err);
}

const struct verb verb_worker = { "worker", "run trials of a study here", run };
