/* sentei stop RUN: let a study end early; running trials checkpoint and pause.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/options.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/source.h"
#include "launcher/slurm/queue.h"

/* What there is to say once 'study' was asked to stop. */
static void say(const char *run, const struct tree *study, bool live)
{
    if (strcmp(tree_text(tree_get(study, "state")), "finished") == 0)
        log_note("%s has finished: %s", run,
                 tree_text(tree_get(study, "reason")));
    else
        log_note("%s: %s", run,
                 live ? "stopping; running trials checkpoint and pause"
                      : "stopped (no controller was running)");
}

/* A study that was submitted and has not begun: there is no store to say it
 * to, only jobs that wait. Returns whether that is so. */
static bool stop_jobs(const char *run)
{
    char *path = file_join(run, "study.db");
    bool begun = !path || file_exists(path);

    free(path);
    if (begun || !queue_cancel_pending(run))
        return false;
    log_note("%s: it had not begun; its jobs are cancelled", run);
    return true;
}

static int stop(const char *run, const char *reason, struct error *err)
{
    struct source *source = source_open(run, err);
    struct tree *body = tree_map(), *study = NULL;
    int rc = -1;

    if (reason)
        tree_set_string(body, "reason", reason);
    if (!tree_ok(body))
        error_memory(err);
    else if (source && source_post(source, "/v1/stop", body, NULL, err) == 0)
        rc = source_get(source, "/v1/study", &study, err);
    if (rc == 0)
        say(run, study, source_live(source));
    if (rc == 0)
        queue_cancel_pending(run);
    tree_destroy(study);
    tree_destroy(body);
    source_close(source);
    return rc;
}

static int run(int argc, char **argv, struct error *err)
{
    const char *reason = NULL, *runs = "runs";
    const struct option_row rows[] = {
        { "reason", 'r', OPTION_STRING, &reason, "TEXT",
          "kept with the study (\"stopped by hand\")" },
        FIND_RUNS_OPTION(&runs),
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options o = {
        .command = "sentei stop",
        .usage = "RUN [options]",
        .description = "Ends a study early: no trial is handed out any more, "
                       "running ones checkpoint and pause; Slurm jobs that "
                       "wait are cancelled. 'sentei run' or 'sentei submit' "
                       "goes on from there.",
        .examples = "  sentei stop runs/quickstart --reason 'good enough'",
        .rows = rows,
    };
    char **rest, *folder;
    int count, rc;
    int status = options_parse(&o, argc, argv, &rest, &count, err);

    if (status != 0)
        return status > 0 ? 0 : -1;
    if (count != 1) {
        error_usage(err, "expected one run, found %d arguments", count);
        return error_hint(err, "for example: sentei stop runs/quickstart");
    }
    if (!(folder = find_run(rest[0], runs, err)))
        return -1;
    rc = stop_jobs(folder) ? 0 : stop(folder, reason, err);
    free(folder);
    return rc;
}

const struct verb verb_stop = { "stop", "ends a study early", run };
