/* status: 'sentei status [RUN]' says how far a study is and who works on it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/options.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/source.h"
#include "launcher/format/display.h"
#include "launcher/provenance/provenance.h"
#include "launcher/slurm/accounts.h"
#include "launcher/slurm/queue.h"
#include "launcher/view/summary.h"

/* What to type next, by the study's state. */
static const struct {
    const char *state;
    bool live, idle; /* with a controller, without one */
    const char *why, *command, *suffix;
} nexts[] = {
    { "running", true, false, "the trials", "sentei leaderboard", "" },
    { "running", true, false, "end it early", "sentei stop", "" },
    { "running", false, true, "nobody works on it; go on", "sentei run",
      "/study.yaml" },
    { "stopped", true, true, "go on", "sentei run", "/study.yaml" },
    { "finished", true, true, "the trials", "sentei leaderboard", "" },
    { "finished", true, true, "the best parameters", "sentei best", "" },
};

/* " --runs FOLDER" for a run that lies elsewhere than in 'runs'. */
static void append_place(const struct tree *study, struct text *out)
{
    const char *run = tree_text(tree_get(study, "run"));
    const char *slash = strrchr(run, '/');
    size_t size = slash ? (size_t)(slash - run) : 0;
    char *usual = realpath("runs", NULL);

    if (size > 0 &&
        !(usual && strlen(usual) == size && strncmp(usual, run, size) == 0))
        text_format(out, " --runs %.*s", (int)size, run);
    free(usual);
}

/* "sentei run", where Slurm has not got the study. */
static const char *next_command(const char *run, const char *command)
{
    char *jobs = file_join(run, "slurm/jobs.json");
    bool submitted = jobs && file_exists(jobs);

    free(jobs);
    return submitted && strcmp(command, "sentei run") == 0 ? "sentei submit"
                                                           : command;
}

static void append_next(const struct tree *study, const char *run, bool live,
                        const struct tree *jobs, struct text *out)
{
    const char *state = tree_text(tree_get(study, "state"));

    text_append_char(out, '\n');
    if (!live && strcmp(state, "running") == 0 && queue_is_active(jobs)) {
        text_format(out,
                    "it goes on by itself when a job starts\n"
                    "end it early: sentei stop %s\n",
                    run);
        return;
    }
    for (size_t i = 0; i < sizeof nexts / sizeof nexts[0]; i++)
        if (strcmp(nexts[i].state, state) == 0 &&
            (live ? nexts[i].live : nexts[i].idle)) {
            text_format(out, "%s: %s %s%s", nexts[i].why,
                        next_command(run, nexts[i].command), run,
                        nexts[i].suffix);
            if (*nexts[i].suffix)
                append_place(study, out);
            text_append_char(out, '\n');
        }
}

/* Append the run's jobs, if it has any in Slurm's queue, and what Slurm knows
 * of earlier ones. */
static void append_jobs(const char *run, const struct tree *jobs, double age_s,
                        const struct screen *screen, struct text *out)
{
    char *ended = accounts_ended(run);

    if (tree_count(jobs) > 0) {
        text_append_char(out, '\n');
        queue_print(jobs, screen, out);
        if (age_s >= 1)
            text_format(out, "  as Slurm said %.0f s ago\n", age_s);
    }
    if (ended && *ended)
        text_format(out, "\nearlier jobs: %s\n", ended);
    free(ended);
}

/* Append a line on what the study was started with. */
static void append_provenance(const char *run, const struct screen *screen,
                              struct text *out)
{
    struct text line = TEXT_INIT;

    provenance_line(run, &line);
    if (line.size > 0) {
        text_append_char(out, '\n');
        display_line(text_get(&line), screen->width, screen->utf8, out);
    }
    out->failed |= line.failed;
    text_clear(&line);
}

/* The jobs of 'run'; what Slurm has to say against it is a note. */
static struct tree *read_jobs(const char *run, double *age_s)
{
    struct error err = ERROR_INIT;
    struct tree *jobs = queue_read(run, age_s, &err);

    if (!jobs)
        log_note("no word of the jobs: %s", err.what);
    return jobs ? jobs : tree_list();
}

static int print_status(const char *run, bool json, struct error *err)
{
    struct source *source = source_open(run, err);
    struct screen screen = screen_of(stdout);
    double age_s = 0;
    struct tree *study = NULL, *jobs = source ? read_jobs(run, &age_s) : NULL;
    struct text out = TEXT_INIT;
    int rc = source ? source_get(source, "/v1/study", &study, err) : -1;

    queue_join(jobs, study);
    if (rc < 0 && tree_count(jobs) > 0 && !json) {
        text_format(&out, "nobody works on it yet (%s)\n", err->what);
        append_jobs(run, jobs, age_s, &screen, &out);
        rc = 0;
    } else if (rc == 0 && json) {
        tree_set(study, "jobs", jobs);
        jobs = NULL;
        json_format_pretty(study, &out);
    } else if (rc == 0) {
        summary_print(study, &screen, &out);
        append_jobs(run, jobs, age_s, &screen, &out);
        append_provenance(run, &screen, &out);
        append_next(study, run, source_live(source), jobs, &out);
    }
    if (rc == 0 && out.failed)
        rc = error_memory(err);
    if (rc == 0)
        fputs(text_get(&out), stdout);
    text_clear(&out);
    tree_destroy(jobs);
    tree_destroy(study);
    source_close(source);
    return rc;
}

static int run_status(int argc, char **argv, struct error *err)
{
    const char *runs = "runs";
    int json = false;
    const struct option_row rows[] = {
        { "format", 'f', OPTION_CHOICE, &json, "text|json",
          "for people (default) or for programs" },
        FIND_RUNS_OPTION(&runs),
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options options = {
        .command = "sentei status",
        .usage = "[RUN] [options]",
        .description =
            "Says how far a study is, the trials by state, what each worker "
            "is at, the time left,\nand what to type next. RUN is a run "
            "folder or a study's name; without one it is the\nnewest run.",
        .examples = "  sentei status\n"
                    "  sentei status quickstart --format json\n",

        .rows = rows,
    };
    char **names;
    int count, rc = options_parse(&options, argc, argv, &names, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    char *run = find_one(names, count, runs, err);

    rc = run ? print_status(run, json, err) : -1;
    free(run);
    return rc;
}

const struct verb verb_status = {
    .name = "status",
    .summary = "how far a study is, and who works on it",
    .run = run_status,
};
