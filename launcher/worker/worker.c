/* worker: runs trials one after another inside one allocation.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/worker/worker.h"

#include <inttypes.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "base/tree.h"
#include "client/contact.h"
#include "client/sender.h"
#include "client/spool.h"
#include "launcher/study/command.h"
#include "launcher/study/study.h"
#include "launcher/worker/attempt.h"
#include "launcher/worker/program.h"

#define CALL_TIMEOUT_S      10.0
#define TELL_WHEN_LEAVING_S 10.0
#define QUICK_FAILURE_S     1.0
enum { FAILURES_NOTED = 4 }; /* calls without an answer before it is said */

struct worker {
    const struct worker_options *o;
    char *run; /* absolute */
    char name[128];
    struct study *study;
    struct contact *contact;
    int signal_fd;
    bool leaving;            /* a signal came */
    unsigned quick_failures; /* in a row */
    double began;            /* when this worker did; of its attempts so far: */
    double busy_s;
    unsigned attempts;
};

/* One trial in hand; all but 'lease' is owned. */
struct job {
    struct lease lease;
    double lease_s;
    char *folder, *log;
    char *spools[2];    /* of the trial's own client, of this worker */
    struct tree *reply; /* what the ask returned; params are in it */
};

static int catch_signals(struct worker *w, struct error *err)
{
    struct sigaction present;
    sigset_t caught;

    sigemptyset(&caught);
    sigaddset(&caught, SIGTERM);
    sigaction(SIGINT, NULL, &present);
    if (present.sa_handler != SIG_IGN)
        sigaddset(&caught, SIGINT);
    sigprocmask(SIG_BLOCK, &caught, NULL);
    signal(SIGPIPE, SIG_IGN);
    w->signal_fd = signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK);
    return w->signal_fd < 0 ? error_errno(err, "cannot make a signalfd") : 0;
}

struct study *worker_study(const char *run, struct error *err)
{
    struct study *study;
    char *path;

    if (access(run, F_OK) < 0) {
        error_errno(err, "no run folder '%s'", run);
        error_hint(err, "'sentei run STUDY.yaml' makes one");
        return NULL;
    }
    path = file_join(run, "study.yaml");
    study = path ? study_read(path, err) : NULL;
    if (!path)
        error_memory(err);
    free(path);
    return study;
}

static int worker_init(struct worker *w, const struct worker_options *o,
                       struct error *err)
{
    char host[64] = "localhost";

    *w = (struct worker){ .o = o, .signal_fd = -1 };
    w->study = worker_study(o->run, err);
    if (!w->study)
        return -1;
    w->run = realpath(o->run, NULL);
    if (!w->run)
        return error_errno(err, "cannot find '%s'", o->run);
    gethostname(host, sizeof host - 1);
    snprintf(w->name, sizeof w->name, "%s:%ld:%ld%s%s", host, (long)getpid(),
             o->slot, o->job ? "@" : "", o->job ? o->job : "");
    w->began = clock_wall();
    w->contact = contact_create(w->run, NULL, NULL, err);
    if (!w->contact || program_prepare(w->study, w->run, err) < 0)
        return -1;
    return catch_signals(w, err);
}

static void worker_clear(struct worker *w)
{
    if (w->signal_fd >= 0)
        close(w->signal_fd);
    contact_destroy(w->contact);
    study_destroy(w->study);
    free(w->run);
}

/* Sleep; a signal ends it and makes 'leaving' true. */
static void rest(struct worker *w, double seconds)
{
    struct pollfd fd = { w->signal_fd, POLLIN, 0 };
    struct signalfd_siginfo info;

    if (poll(&fd, 1, (int)ceil(seconds * 1e3)) > 0 &&
        read(w->signal_fd, &info, sizeof info) == sizeof info)
        w->leaving = true;
}

/* After a call that nobody answered: wait a little for the next. Returns false
 * when patience is over; a signal leaves 'leaving_s' of it. */
static bool wait_for_controller(struct worker *w, double begun,
                                unsigned failures, double leaving_s,
                                const struct error *why)
{
    double spent = clock_monotonic() - begun;

    if (spent > w->o->patience_s || (w->leaving && spent >= leaving_s))
        return false;
    if (failures == FAILURES_NOTED)
        log_note("%s; trying for up to %.0f s", why->what, w->o->patience_s);
    rest(w, contact_pause(w->contact, failures));
    return true;
}

/* Call until somebody answers: the status; or 0 with 'err' when patience is
 * over. */
static int call(struct worker *w, const char *path, const struct tree *body,
                double leaving_s, struct tree **reply, struct error *err)
{
    double begun = clock_monotonic();
    int status;

    for (unsigned failures = 0;; failures++) {
        status =
            contact_call(w->contact, path, body, CALL_TIMEOUT_S, reply, err);
        if (!contact_may_retry(status))
            return status;
        if (!wait_for_controller(w, begun, failures, leaving_s, err))
            return 0;
        tree_destroy(*reply);
        *reply = NULL;
    }
}

static void job_clear(struct job *j)
{
    free(j->folder);
    free(j->log);
    free(j->spools[0]);
    free(j->spools[1]);
    tree_destroy(j->reply);
}

/* Read the controller's answer; steals 'reply'. */
static int job_init(struct job *j, struct tree *reply, struct error *err)
{
    const char *token = tree_text(tree_get(reply, "lease"));
    const char *folder = tree_text(tree_get(reply, "folder"));

    *j = (struct job){ .reply = reply, .lease_s = 30 };
    if (!*token || strlen(token) >= sizeof j->lease.token || !*folder ||
        tree_kind(tree_get(reply, "params")) != TREE_MAP)
        return error_set(err, "the controller's answer cannot be understood");
    j->lease.trial = tree_integer(tree_get(reply, "trial"));
    j->lease.attempt = tree_integer(tree_get(reply, "attempt"));
    snprintf(j->lease.token, sizeof j->lease.token, "%s", token);
    if (tree_is_number(tree_get(reply, "lease_s")))
        j->lease_s = tree_number(tree_get(reply, "lease_s"));
    j->folder = text_copy(folder);
    j->log = file_join(folder, "log");
    j->spools[0] = file_join(folder, "spool.jsonl");
    j->spools[1] = file_join(folder, "spool.worker.jsonl");
    if (!j->folder || !j->log || !j->spools[0] || !j->spools[1])
        return error_memory(err);
    return file_make_folder(folder, err);
}

/* Deliver what one spool holds of the attempts first..last, until somebody
 * answers. Returns the status. */
static int deliver_one(struct worker *w, const struct job *j, const char *spool,
                       int64_t first, int64_t last)
{
    double begun = clock_monotonic();
    struct error err = ERROR_INIT;
    int status;

    for (unsigned failures = 0;; failures++) {
        struct tree *reply;

        status = spool_deliver(spool, first, last, &j->lease, w->contact,
                               CALL_TIMEOUT_S, &reply, &err);
        tree_destroy(reply);
        if (!contact_may_retry(status) ||
            !wait_for_controller(w, begun, failures, TELL_WHEN_LEAVING_S, &err))
            break;
    }
    if (status != 200 && status != 409)
        log_warn("%s: not delivered: %s", spool, err.what);
    return status;
}

/* Deliver both spools. Returns the status: 409 when the lease is stale, one to
 * retry when nobody took them (they are still there), else another. */
static int deliver(struct worker *w, const struct job *j, int64_t first,
                   int64_t last)
{
    int status = deliver_one(w, j, j->spools[0], first, last);

    return status == 409 || contact_may_retry(status)
               ? status
               : deliver_one(w, j, j->spools[1], first, last);
}

/* The line in the log that begins an attempt. */
static char *make_title(const struct worker *w, const struct job *j,
                        char *const *words)
{
    struct text title = TEXT_INIT;
    char now[32] = "";
    time_t t = time(NULL);
    struct tm parts;

    if (localtime_r(&t, &parts))
        strftime(now, sizeof now, "%Y-%m-%dT%H:%M:%S%z", &parts);
    text_format(&title, "--- attempt %" PRId64 ", %s, %s:", j->lease.attempt,
                now, w->name);
    for (; *words; words++)
        text_format(&title, " %s", *words);
    text_append_char(&title, '\n');
    return text_take(&title);
}

/* Run the program with a sender beside it. Returns -1 with 'err' when not even
 * that could begin. */
static int run_program(struct worker *w, struct job *j, char *const *words,
                       char *const *environment, struct ending *e,
                       struct error *err)
{
    struct sender_options o = { .run = w->run,
                                .url = contact_url(w->contact),
                                .lease = &j->lease,
                                .spool = j->spools[1],
                                .heartbeat_s = j->lease_s / 3,
                                .wake_fd = eventfd(0, EFD_CLOEXEC) };
    struct attempt a = { .executor = w->o->executor,
                         .argv = words,
                         .environment = environment,
                         .log = j->log,
                         .wake_fd = o.wake_fd,
                         .signal_fd = w->signal_fd,
                         .grace_s = w->o->grace_s };
    char *title = make_title(w, j, words);
    int rc = -1;

    if (o.wake_fd < 0 || !title) {
        error_errno(err, "cannot watch a trial");
        goto out;
    }
    a.title = title;
    a.sender = sender_create(&o, err);
    if (!a.sender)
        goto out;
    attempt_run(&a, e);
    sender_destroy(a.sender, 2);
    rc = 0;
out:
    if (o.wake_fd >= 0)
        close(o.wake_fd);
    free(title);
    return rc;
}

/* The attempt itself; a failure of ours is the attempt's failure too. */
static void run_attempt(struct worker *w, struct job *j, struct ending *e)
{
    const struct assignment a = { .run = w->run,
                                  .study = w->study->name,
                                  .url = contact_url(w->contact),
                                  .folder = j->folder,
                                  .init_from = tree_text(
                                      tree_get(j->reply, "init_from")),
                                  .params = tree_get(j->reply, "params"),
                                  .lease = &j->lease };
    struct error err = ERROR_INIT;
    char **words = program_words(w->study, &a, &err);
    char **environment = words ? program_environment(&a, &err) : NULL;

    if (!environment || run_program(w, j, words, environment, e, &err) < 0) {
        *e = (struct ending){ .outcome = OUTCOME_FAILED };
        snprintf(e->reason, sizeof e->reason, "%.200s", err.what);
    }
    command_free(environment);
    command_free(words);
}

/* A trial that reports by itself may have ended upon a decision this worker
 * has not heard of: ask for it. */
static void learn_decision(struct worker *w, struct job *j, struct ending *e)
{
    struct tree *body, *reply;
    const char *said;

    if (e->outcome != OUTCOME_COMPLETE && e->outcome != OUTCOME_INTERRUPTED)
        return;
    body = lease_to_tree(&j->lease);
    contact_call(w->contact, "/v1/heartbeat", body, CALL_TIMEOUT_S, &reply,
                 NULL);
    said = tree_text(tree_get(reply, "decision"));
    if (strcmp(said, "prune") == 0)
        e->outcome = OUTCOME_PRUNED;
    else if (strcmp(said, "pause") == 0 && !e->interrupted &&
             e->outcome == OUTCOME_INTERRUPTED)
        e->outcome = OUTCOME_PAUSED;
    tree_destroy(reply);
    tree_destroy(body);
}

/* Tell how it ended. Returns 0; -1 with 'err' when nobody listened. A refusal
 * (the lease is stale by now) is no error. */
static int tell(struct worker *w, struct job *j, const struct ending *e,
                struct error *err)
{
    struct tree *body = lease_to_tree(&j->lease), *reply;
    int status;

    tree_set_string(body, "outcome", outcome_names[e->outcome]);
    tree_set_string(body, "reason", e->reason);
    status = call(w, "/v1/tell", body, TELL_WHEN_LEAVING_S, &reply, err);
    if (status >= 400)
        log_warn("trial %" PRId64 ": %s", j->lease.trial, err->what);
    tree_destroy(reply);
    tree_destroy(body);
    return status ? 0 : -1;
}

/* After a trial that failed at once, wait: longer the more there were in a row,
 * so that a broken program does not burn a study in a second. */
static void slow_down(struct worker *w, const struct ending *e, double begun)
{
    if ((e->outcome != OUTCOME_FAILED && e->outcome != OUTCOME_INVALID) ||
        clock_monotonic() - begun > QUICK_FAILURE_S)
        w->quick_failures = 0;
    else
        rest(w, fmin(5, 0.2 * (double)++w->quick_failures));
}

/* Whether the time left is enough for one more trial, as the ones before were;
 * a trial that does not end goes on elsewhere from its checkpoint, so no more
 * than a tenth of the allocation is left unused. */
static bool has_time(const struct worker *w)
{
    double left = w->o->until - clock_wall();
    double mean = w->attempts > 0 ? w->busy_s / w->attempts : 0;

    return w->o->until == 0 ||
           left > fmin(mean, 0.1 * (w->o->until - w->began));
}

/* One trial from the answer (stolen) to the telling. */
static int run_trial(struct worker *w, struct tree *answer, struct error *err)
{
    double begun = clock_monotonic();
    struct ending e;
    struct job j;
    int rc = job_init(&j, answer, err), status;

    if (rc < 0)
        goto out;
    log_trace("worker", "trial %" PRId64 ", attempt %" PRId64, j.lease.trial,
              j.lease.attempt);
    status = deliver(w, &j, 0, j.lease.attempt - 1);
    if (contact_may_retry(status)) /* this attempt's spool would replace it */
        rc = error_set(err, "no controller takes what earlier attempts left");
    if (rc < 0 || status == 409)
        goto out;
    run_attempt(w, &j, &e);
    w->busy_s += clock_monotonic() - begun;
    w->attempts++;
    /* A step that stops by itself was told so by Slurm, which then preempts
     * the job. */
    w->leaving = w->leaving || e.interrupted ||
                 (w->o->job && e.outcome == OUTCOME_INTERRUPTED);
    log_trace("worker", "trial %" PRId64 " %s %s", j.lease.trial,
              outcome_names[e.outcome], e.reason);
    if (e.outcome == OUTCOME_LOST ||
        deliver(w, &j, j.lease.attempt, j.lease.attempt) == 409) {
        log_note("trial %" PRId64 ": another attempt has taken over",
                 j.lease.trial);
        goto out;
    }
    learn_decision(w, &j, &e);
    rc = tell(w, &j, &e, err);
    slow_down(w, &e, begun);
out:
    job_clear(&j);
    return rc;
}

/* Ask once and do what the answer says. Returns 1 when there is nothing more
 * to do, 0 to ask again, -1 with 'err'. */
static int ask(struct worker *w, struct error *err)
{
    struct tree *body = tree_map(), *reply = NULL;
    const char *kind;
    int status, rc = -1;

    tree_set_string(body, "worker", w->name);
    status = call(w, "/v1/ask", body, 0, &reply, err);
    tree_destroy(body);
    kind = tree_text(tree_get(reply, "kind"));
    if (status != 200) {
        rc = w->leaving ? 1 : -1;
    } else if (strcmp(kind, "trial") == 0) {
        return run_trial(w, reply, err);
    } else if (strcmp(kind, "wait") == 0) {
        rest(w, fmin(60, fmax(0.05, tree_number(tree_get(reply, "seconds")))));
        rc = 0;
    } else if (strcmp(kind, "done") == 0) {
        rc = 1;
    } else {
        error_set(err, "the controller's answer cannot be understood");
    }
    tree_destroy(reply);
    return rc;
}

int worker_run(const struct worker_options *o, struct error *err)
{
    struct worker w;
    int rc = worker_init(&w, o, err);

    while (rc == 0 && !w.leaving && has_time(&w))
        rc = ask(&w, err);
    if (o->left)
        *o->left = rc == 0 || w.leaving;
    worker_clear(&w);
    return rc < 0 ? -1 : 0;
}
