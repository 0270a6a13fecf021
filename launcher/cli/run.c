/* sentei run: a study on this machine, from its file to its leaderboard.
 *
 * Freezes the study into its run folder, starts a controller and N workers
 * (launcher/local/crew.h), shows what they do, and prints the leaderboard.
 * Ctrl-C, SIGTERM or SIGHUP once: trials checkpoint and pause; twice: all are
 * killed. Either way the same command goes on later.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/options.h"
#include "base/reader.h"
#include "base/text.h"
#include "client/contact.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/source.h"
#include "launcher/local/crew.h"
#include "launcher/local/live.h"
#include "launcher/provenance/provenance.h"
#include "launcher/study/study.h"
#include "launcher/view/leaderboard.h"
#include "launcher/worker/gpus.h"

/* Failures until a run stops: of its first trials, of trials in a row later. */
enum { HOPELESS_FIRST = 5, HOPELESS_ROW = 10 };
#define REFRESH_S          0.5
#define CALL_TIMEOUT_S     5.0
#define CONTROLLER_GRACE_S 20.0
#define WORKER_GRACE_S     15.0 /* to tell how its trial ended */

struct run_options {
    const char *file, *runs;
    int64_t workers, top;
    bool no_progress;
    double grace_s;
};

struct session {
    const struct run_options *o;
    char *run; /* the run folder */
    struct crew crew;
    struct contact *contact;
    struct live live;
    int signal_fd;
    int interrupts;
    struct tree *first, *last; /* the study at the beginning, and now */
    bool fruitful;             /* some trial has ended well */
    bool hopeless;             /* since then, trials only fail */
    bool troubled;             /* nothing can be stored */
};

/* What a trial needs of this machine is there for 'workers' at a time: GPUs, or
 * else none at all, and threads for its arithmetic, where the user said nothing
 * the cores shared by all ranks. */
static int share_machine(const struct study *s, int64_t workers,
                         struct error *err)
{
    const struct resources *r = &s->resources;
    int64_t ranks = r->nodes * r->tasks_per_node;
    int64_t each = sysconf(_SC_NPROCESSORS_ONLN) / (workers * ranks);
    char number[24];

    snprintf(number, sizeof number, "%" PRId64, each > 1 ? each : 1);
    setenv("OMP_NUM_THREADS", number, 0);
    if (r->gpus_per_task > 0 && gpus_visible() == 0)
        log_note("no GPU is seen here: trials run without "
                 "(resources.gpus_per_task)");
    return gpus_check(workers, ranks * r->gpus_per_task, err);
}

static int catch_signals(struct session *s, struct error *err)
{
    static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD };
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
        sigaddset(&set, caught[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    s->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return s->signal_fd < 0 ? error_errno(err, "cannot make a signalfd") : 0;
}

/* Freeze the study in its run folder, which must be writable. */
static int freeze(const struct session *s, const struct study *study,
                  struct error *err)
{
    if (study_freeze(study, s->run, err) == 0) {
        if (access(s->run, W_OK) == 0)
            return 0;
        error_errno(err, "cannot write into '%s'", s->run);
    }
    if (err->kind == ERROR_FAILURE && !*err->hint)
        error_hint(err, "'--runs FOLDER' keeps runs elsewhere");
    return -1;
}

/* GET 'path': the reply, which the caller destroys, or NULL. */
static struct tree *get(struct session *s, const char *path)
{
    struct tree *reply = NULL;
    int status =
        contact_call(s->contact, path, NULL, CALL_TIMEOUT_S, &reply, NULL);

    if (status == 200)
        return reply;
    tree_destroy(reply);
    return NULL;
}

/* Refuse when a controller serves this study already. */
static int check_alone(struct session *s, struct error *err)
{
    struct tree *study = get(s, "/v1/study");

    if (!study)
        return 0;
    tree_destroy(study);
    error_set(err, "this study runs already: a controller answers at %s",
              contact_url(s->contact));
    return error_hint(err,
                      "'sentei status %s' shows it, 'sentei stop %s' "
                      "ends it",
                      s->run, s->run);
}

/* Read the study and freeze it in its run folder, unless it runs already: its
 * file is not to change under it. Returns the number of workers, or -1 with
 * 'err'. */
static int64_t prepare(struct session *s, struct error *err)
{
    struct study *study = study_read(s->o->file, err);
    int64_t workers;
    int rc = -1;

    if (!study)
        return -1;
    workers = s->o->workers ? s->o->workers : study->local_workers;
    s->run = file_join(s->o->runs, study->name);
    s->contact = s->run ? contact_create(s->run, NULL, NULL, err) : NULL;
    if (!s->contact)
        error_memory(err);
    else if (!study->command && !study->trainer_config)
        reader_error_at(err, s->o->file, study->source,
                        "no 'trainer:': there is nothing to run");
    else if (check_alone(s, err) == 0 &&
             share_machine(study, workers, err) == 0)
        rc = freeze(s, study, err);
    if (rc == 0)
        provenance_record(s->run, s->o->file);
    study_destroy(study);
    return rc < 0 ? -1 : workers;
}

static int session_init(struct session *s, const struct run_options *o,
                        struct error *err)
{
    int64_t workers;

    *s = (struct session){ .o = o, .signal_fd = -1 };
    workers = prepare(s, err);
    if (workers < 1 || catch_signals(s, err) < 0 ||
        crew_init(&s->crew, s->run, (size_t)workers, o->grace_s, err) < 0)
        return -1;
    live_init(&s->live, o->no_progress);
    return 0;
}

static void session_clear(struct session *s)
{
    live_clear(&s->live);
    crew_clear(&s->crew);
    contact_destroy(s->contact);
    tree_destroy(s->first);
    tree_destroy(s->last);
    if (s->signal_fd >= 0)
        close(s->signal_fd);
    free(s->run);
}

/* How many trials are in this state more than at the beginning. */
static int64_t gained(const struct session *s, const char *state)
{
    return tree_integer(tree_get(tree_get(s->last, "states"), state)) -
           tree_integer(tree_get(tree_get(s->first, "states"), state));
}

/* Whether some trial that runs now has reported, within so many attempts. */
static bool any_step(const struct tree *study, int64_t attempts)
{
    const struct tree *workers = tree_get(study, "workers");

    for (size_t i = 0; i < tree_count(workers); i++) {
        const struct tree *w = tree_at(workers, i);

        if (tree_integer(tree_get(w, "step")) > 0 &&
            tree_integer(tree_get(w, "attempt")) <= attempts)
            return true;
    }
    return false;
}

/* Whether it is better to stop than to burn the budget: a wrong program fails
 * from the first trial on, a full disk takes one trial after the other. */
static bool is_hopeless(struct session *s)
{
    if (gained(s, "complete") + gained(s, "pruned") > 0) {
        s->fruitful = true;
        tree_destroy(s->first); /* count from here on */
        s->first = tree_copy(s->last);
        return false;
    }
    if (s->fruitful)
        return gained(s, "failed") >= HOPELESS_ROW && !any_step(s->last, 1);
    return gained(s, "failed") >= HOPELESS_FIRST && gained(s, "paused") <= 0 &&
           !any_step(s->last, INT64_MAX);
}

static void interrupt(struct session *s)
{
    if (s->interrupts++ == 0) {
        log_note("stopping: running trials checkpoint first; again to kill "
                 "them");
        crew_stop_workers(&s->crew);
    } else {
        crew_kill(&s->crew);
    }
}

/* Say when nothing can be stored any more, a full disk above all, and when it
 * can again: the controller's own words may not fit on that disk either. */
static void note_trouble(struct session *s)
{
    const char *trouble = tree_text(tree_get(s->last, "trouble"));

    if (s->troubled == (*trouble != '\0'))
        return;
    s->troubled = *trouble != '\0';
    if (s->troubled)
        log_warn("nothing can be stored, so trials wait: %s; free some space "
                 "and they go on",
                 trouble);
    else
        log_note("results can be stored again");
}

/* Remember how the study began, and say what it knows from others. */
static void begin(struct session *s, const struct tree *study)
{
    int64_t imported = tree_integer(tree_get(study, "imported"));

    s->first = tree_copy(study);
    if (imported > 0)
        log_note("%" PRId64 " trials are from earlier runs (%s/controller.log "
                 "says which)",
                 imported, s->run);
}

/* Ask how the study is and show it; stop it when every trial fails. */
static void refresh(struct session *s)
{
    struct tree *study = get(s, "/v1/study");

    if (!study)
        return;
    if (!s->first)
        begin(s, study);
    tree_destroy(s->last);
    s->last = study;
    note_trouble(s);
    if (s->interrupts == 0)
        live_update(&s->live, study);
    if (!s->hopeless && is_hopeless(s)) {
        s->hopeless = true;
        crew_stop_workers(&s->crew);
    }
}

/* Sleep until a signal or 'seconds' have passed. */
static void wait_for_signal(struct session *s, double seconds)
{
    struct pollfd fd = { s->signal_fd, POLLIN, 0 };
    struct signalfd_siginfo info;

    poll(&fd, 1, (int)ceil(seconds * 1e3));
    while (read(s->signal_fd, &info, sizeof info) == sizeof info)
        if (info.ssi_signo != SIGCHLD)
            interrupt(s);
}

/* Watch the workers until the last has ended. */
static int watch(struct session *s, struct error *err)
{
    double shown = 0;

    while (crew_working(&s->crew) > 0) {
        wait_for_signal(s, fmin(REFRESH_S, crew_next(&s->crew)));
        if (crew_reap(&s->crew, err) < 0)
            return -1;
        if (clock_monotonic() - shown >= REFRESH_S && s->interrupts < 2) {
            refresh(s);
            shown = clock_monotonic();
        }
    }
    return 0;
}

/* Let the workers end, their trials checkpoint; those that take too long are
 * killed later. */
static void end_workers(struct session *s)
{
    double until = clock_monotonic() + s->o->grace_s + WORKER_GRACE_S;

    crew_stop_workers(&s->crew);
    while (crew_working(&s->crew) > 0 && clock_monotonic() < until) {
        wait_for_signal(s, 0.2);
        crew_reap(&s->crew, NULL);
    }
}

/* Let the controller end; by force when it takes too long. */
static void end_controller(struct session *s)
{
    double until = clock_monotonic() + CONTROLLER_GRACE_S;

    crew_stop_controller(&s->crew);
    while (s->crew.controller.pid > 0) {
        if (clock_monotonic() > until)
            crew_kill(&s->crew);
        wait_for_signal(s, 0.2);
        crew_reap(&s->crew, NULL);
    }
}

static int print_leaderboard(const struct session *s, const struct tree *board,
                             struct error *err)
{
    struct leaderboard_options o = { .format = VIEW_TABLE,
                                     .top = s->o->top,
                                     .screen = screen_of(stdout) };
    struct text words = TEXT_INIT;
    int rc = leaderboard_print(board, &o, &words, err);

    if (rc == 0)
        fputs(text_get(&words), stdout); /* main looks whether that failed */
    text_clear(&words);
    return rc;
}

/* Say why trials fail, after the last of them. 'failed' is a reply of
 * /v1/trials?state=failed, or NULL. */
static int explain_failures(const struct session *s, const struct tree *failed,
                            struct error *err)
{
    const struct tree *rows = tree_get(failed, "trials");
    const struct tree *row = tree_at(rows, tree_count(rows) - 1);
    int64_t trial = tree_integer(tree_get(row, "trial"));
    const char *reason = tree_text(tree_get(row, "reason"));

    error_set(
        err, "%s%s; trial %" PRId64 ": %s", s->hopeless ? "stopped: " : "",
        s->fruitful ? "trials fail one after the other" : "every trial failed",
        trial, *reason ? reason : "no reason is known");
    return error_hint(err, "see %s/trials/%05" PRId64 "/log", s->run, trial);
}

/* The end of the session: the leaderboard, and how it went. */
static int conclude(struct session *s, struct error *err)
{
    bool killed = s->interrupts > 1, usual = strcmp(s->o->runs, "runs") == 0;
    struct tree *board = killed ? NULL : get(s, "/v1/leaderboard");
    struct tree *failed = killed ? NULL : get(s, "/v1/trials?state=failed");
    bool none = tree_kind(tree_get(s->last, "best")) != TREE_MAP &&
                tree_count(tree_get(failed, "trials")) > 0;
    int rc = 0;

    live_erase(&s->live);
    end_controller(s);
    if (board && (s->fruitful || !s->hopeless))
        rc = print_leaderboard(s, board, err);
    if (rc == 0 && s->interrupts > 0) {
        error_set(err, "stopped before the end");
        rc = error_hint(err, "'sentei run %s%s%s' goes on", s->o->file,
                        usual ? "" : " --runs ", usual ? "" : s->o->runs);
    } else if (rc == 0 && (s->hopeless || none)) {
        rc = explain_failures(s, failed, err);
    }
    tree_destroy(failed);
    tree_destroy(board);
    return rc;
}

/* Say where the study can be watched. The key goes to a person's eyes alone,
 * not into a log that others may read. */
static void announce_page(const struct session *s)
{
    struct source *source = source_open(s->run, NULL);
    struct text page = TEXT_INIT;

    if (source)
        source_page(source, isatty(STDERR_FILENO), &page);
    if (page.size > 0)
        log_note("live at %s", text_get(&page));
    text_clear(&page);
    source_close(source);
}

static int run_study(const struct run_options *o, struct error *err)
{
    struct session s;
    int rc = session_init(&s, o, err);

    if (rc == 0)
        rc = crew_start_controller(&s.crew, err);
    if (rc == 0) {
        announce_page(&s);
        refresh(&s);
        rc = crew_start_workers(&s.crew, err);
    }
    if (rc == 0)
        rc = watch(&s, err);
    if (rc == 0) {
        refresh(&s);
        rc = conclude(&s, err);
    }
    if (rc < 0) {
        end_workers(&s);
        end_controller(&s);
    }
    session_clear(&s);
    return rc;
}

static int run(int argc, char **argv, struct error *err)
{
    struct run_options o = { .runs = "runs", .top = 40, .grace_s = 30 };
    const struct option_row rows[] = {
        { "workers", 'j', OPTION_INT, &o.workers, "N",
          "trials at the same time (default: the study's local.workers)" },
        { "runs", 0, OPTION_STRING, &o.runs, "FOLDER",
          "where run folders are (default runs)" },
        { "top", 0, OPTION_INT, &o.top, "N",
          "rows of the leaderboard, 0 for all (default 40)" },
        { "grace", 0, OPTION_SECONDS, &o.grace_s, "TIME",
          "for a stopped trial's checkpoint, then it is killed (default 30s)" },
        { "no-progress", 0, OPTION_FLAG, &o.no_progress, NULL,
          "do not show what happens meanwhile" },
        { 0 }
    };
    const struct options options = {
        .command = "sentei run",
        .usage = "STUDY.yaml [options]",
        .description =
            "Runs the study on this machine and prints its leaderboard. The "
            "same command again goes\non where it was. Ctrl-C once: running "
            "trials checkpoint, then all ends; twice: at once.\nExit status: "
            "0 the study is finished, 1 it is not or every trial failed, 2 "
            "wrong usage.",
        .examples = "sentei run studies/quickstart.yaml\n"
                    "sentei run studies/quickstart.yaml -j 4 --runs /scratch",
        .rows = rows
    };
    char **rest;
    int count, rc = options_parse(&options, argc, argv, &rest, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (count != 1) {
        error_usage(err, "expected one study file");
        return error_hint(err, "'sentei run --help' shows how");
    }
    if (o.workers < 0 || o.workers > CREW_MAX_WORKERS || o.top < 0)
        return error_usage(err, "expected 1 to %d workers, and rows from 0",
                           CREW_MAX_WORKERS);
    o.file = rest[0];
    return run_study(&o, err);
}

const struct verb verb_run = { "run", "run a study on this machine", run };
