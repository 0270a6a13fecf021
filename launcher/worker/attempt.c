/* attempt: one attempt at one trial, from its start to how it ended.
 *
 * One loop over four descriptors: the program's output, its end, a decision,
 * a signal. Nothing in it waits for the network (the sender does).
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/worker/attempt.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/report.h"
#include "launcher/worker/lines.h"

enum {
    LOG_MAX_BYTES = 1 << 28,
    CHUNK = 1 << 16,
    EXIT_INVALID = 2 /* of our own programs, argparse, ...: wrong usage */
};

enum stop { STOP_NONE, STOP_PRUNE, STOP_PAUSE, STOP_INTERRUPT, STOP_STALE };

struct running {
    const struct attempt *a;
    struct task task;
    enum stop stop;
    double kill_at; /* INFINITY until it was asked to stop */
    int log;        /* -1 when it cannot be written */
    int64_t logged;
    bool warned;    /* about a broken line */
    bool broken;    /* the place is, says the executor */
    bool ending;    /* it has said how a first process ended, */
    int status;     /* with this exit status; -1: it was killed */
    uint32_t asker; /* the process whose signal interrupts it */
    struct lines lines;
    char last[176]; /* the last line that was no report, as plain text */
};

/* Write into the log; a log that fails is given up with one warning. */
static void log_bytes(struct running *r, const char *bytes, size_t size)
{
    static const char full[] = "\n--- more output than a log may have: the "
                               "rest is left out\n";

    if (r->log < 0)
        return;
    if (r->logged + (int64_t)size > LOG_MAX_BYTES) {
        bytes = full;
        size = sizeof full - 1;
    }
    if (write(r->log, bytes, size) != (ssize_t)size)
        log_warn("cannot write '%s': %s", r->a->log, strerror(errno));
    else if (bytes != full) {
        r->logged += (int64_t)size;
        return;
    }
    close(r->log);
    r->log = -1;
}

static void open_log(struct running *r)
{
    r->log = open(r->a->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (r->log < 0)
        log_warn("cannot open '%s': %s", r->a->log, strerror(errno));
    log_bytes(r, r->a->title, strlen(r->a->title));
}

/* Take in what the place says. It ends the others when one has ended badly, but
 * waits for those of a lost node for minutes: no longer than for a trial that is
 * asked to stop. Returns whether it is the reason of a failure:
 * not what our trainer has explained, nor what it says after the first end. */
static bool heed(struct running *r, const char *line)
{
    int status = -1;
    enum remark remark = r->a->executor->remark
                             ? r->a->executor->remark(line, &status)
                             : REMARK_NONE;
    bool ended = remark == REMARK_EXITED || remark == REMARK_KILLED;
    bool known = r->ending || remark == REMARK_EXITED ||
                 strncmp(r->last, "sentei-train: ", 14) == 0;

    r->broken = r->broken || remark == REMARK_BROKEN;
    if (ended && !r->ending) {
        r->status = status;
        r->kill_at = fmin(r->kill_at, clock_monotonic() + r->a->grace_s);
    }
    r->ending = r->ending || ended;
    return remark == REMARK_NONE || !known;
}

/* Keep a line for the reason of a failure: printable ASCII, one space for any
 * run of other bytes. A hint, as our programs print one, follows its error. */
static void keep_last(struct running *r, const char *line)
{
    static const char hint[] = "  hint: ";
    size_t used = 0;

    if (strncmp(line, hint, sizeof hint - 1) == 0 &&
        strlen(r->last) + 2 < sizeof r->last) {
        used = strlen(r->last);
        memcpy(r->last + used, "; ", 3);
        used += 2;
        line += sizeof hint - 1;
    }
    for (const char *c = line; *c && used < sizeof r->last - 1; c++) {
        bool plain = *c > ' ' && *c < 127;

        if (plain || (used > 0 && r->last[used - 1] != ' '))
            r->last[used++] = plain ? *c : ' ';
    }
    while (used > 0 && r->last[used - 1] == ' ')
        used--;
    if (used > 0)
        r->last[used] = '\0';
}

/* Say once, where a person looks, that a "sentei:" line cannot be read. */
static void note_broken(struct running *r, const char *why)
{
    char note[1200];
    int size;

    if (r->warned)
        return;
    r->warned = true;
    log_warn("%s: a line is no report: %s (said once)", r->a->log, why);
    size = snprintf(note, sizeof note, "--- this line is no report: %s\n", why);
    log_bytes(r, note, (size_t)size);
}

/* lines.h's callback. */
static void take_line(void *context, const char *line, bool whole)
{
    struct running *r = context;
    struct error err = ERROR_INIT;
    struct report report;
    int kind = whole ? report_parse_line(line, &report, &err) : 0;

    if (kind > 0) {
        sender_push(r->a->sender, report_to_tree(&report));
    } else if (kind < 0) {
        note_broken(r, err.what);
    } else if (heed(r, line)) {
        keep_last(r, line);
    }
}

/* Read what the pipe has; false at its end. */
static bool read_output(struct running *r)
{
    char bytes[CHUNK];
    ssize_t size = read(r->task.output, bytes, sizeof bytes);

    if (size > 0) {
        log_bytes(r, bytes, (size_t)size);
        lines_feed(&r->lines, bytes, (size_t)size);
    }
    return size > 0 || (size < 0 && errno == EINTR);
}

/* Ask the program to end, for this reason; a reason stays unless the lease is
 * lost. */
static void stop_task(struct running *r, enum stop why)
{
    if (why == STOP_STALE) {
        r->a->executor->signal(&r->task, SIGKILL);
        r->stop = why;
    } else if (r->stop == STOP_NONE) {
        r->a->executor->signal(&r->task, SIGTERM);
        r->stop = why;
        r->kill_at = clock_monotonic() + r->a->grace_s;
    }
}

static void take_decision(struct running *r)
{
    static const enum stop reasons[] = { STOP_NONE, STOP_PRUNE, STOP_PAUSE,
                                         STOP_STALE };
    enum stop why = reasons[sender_decision(r->a->sender)];
    uint64_t count;

    if (read(r->a->wake_fd, &count, sizeof count) == sizeof count && why)
        stop_task(r, why);
}

/* The first signal interrupts. In a job that ends, Slurm sends one and the pilot
 * another: so only the first one's sender can mean it twice. */
static void take_signal(struct running *r, struct ending *e)
{
    struct signalfd_siginfo info;

    if (read(r->a->signal_fd, &info, sizeof info) != sizeof info)
        return;
    if (e->interrupted && info.ssi_pid == r->asker)
        r->a->executor->signal(&r->task, SIGKILL);
    if (!e->interrupted)
        r->asker = info.ssi_pid;
    e->interrupted = true;
    stop_task(r, STOP_INTERRUPT);
}

/* Wait for the next event; false when the program has ended. */
static bool step(struct running *r, struct ending *e)
{
    struct pollfd fds[] = { { r->task.ended, POLLIN, 0 },
                            { r->task.output, POLLIN, 0 },
                            { r->a->wake_fd, POLLIN, 0 },
                            { r->a->signal_fd, POLLIN, 0 } };
    double left = fmax(0, r->kill_at - clock_monotonic());
    int timeout_ms = isinf(left) ? -1 : (int)fmin(ceil(left * 1e3), 3.6e6);

    if (poll(fds, 4, timeout_ms) < 0)
        return errno == EINTR;
    if (fds[3].revents)
        take_signal(r, e);
    if (fds[2].revents)
        take_decision(r);
    if (fds[1].revents && !read_output(r)) {
        close(r->task.output);
        r->task.output = -1;
    }
    if (r->broken) /* it would not end by itself, perhaps */
        stop_task(r, STOP_INTERRUPT);
    if (clock_monotonic() >= r->kill_at) {
        r->a->executor->signal(&r->task, SIGKILL);
        r->kill_at = INFINITY;
    }
    return !fds[0].revents;
}

/* After the end: what is still in the pipe. */
static void drain(struct running *r)
{
    while (r->task.output >= 0 && read_output(r))
        ;
    if (r->task.output >= 0)
        close(r->task.output);
    lines_end(&r->lines);
}

/* The exit status, or -1: it was killed. What is said of the first process that
 * ended badly counts more than what became of the others by that. */
static int exit_status(const struct running *r, int status)
{
    if (!WIFEXITED(status))
        return -1;
    return WEXITSTATUS(status) != 0 && r->ending && r->status > 0
               ? r->status
               : WEXITSTATUS(status);
}

static void explain_failure(const struct running *r, int status,
                            struct ending *e)
{
    int code = exit_status(r, status);
    char word[64];

    e->outcome = code == EXIT_INVALID ? OUTCOME_INVALID : OUTCOME_FAILED;
    if (WIFSIGNALED(status))
        snprintf(word, sizeof word, "killed by signal %d (%s)",
                 WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        snprintf(word, sizeof word, "exit status %d", code);
    snprintf(e->reason, sizeof e->reason, "%s%s%s", word, *r->last ? ": " : "",
             r->last);
}

/* What it means that it ended with this status. Exit 0 is complete, unless the
 * pruner had decided; 75 is a checkpoint (SENTEI_EXIT_PAUSED). A program that
 * was asked to stop may end as it likes. */
static void judge(const struct running *r, int status, struct ending *e)
{
    static const enum outcome asked[] = { OUTCOME_FAILED, OUTCOME_PRUNED,
                                          OUTCOME_PAUSED, OUTCOME_INTERRUPTED,
                                          OUTCOME_LOST };
    enum sentei_decision decision = sender_decision(r->a->sender);
    int code = exit_status(r, status);

    if (decision == SENTEI_STALE || r->stop == STOP_STALE)
        e->outcome = OUTCOME_LOST;
    else if (code == 0 || code == SENTEI_EXIT_PAUSED)
        e->outcome = decision == SENTEI_PRUNE   ? OUTCOME_PRUNED
                     : code == 0                ? OUTCOME_COMPLETE
                     : decision == SENTEI_PAUSE ? OUTCOME_PAUSED
                                                : OUTCOME_INTERRUPTED;
    else if (r->stop != STOP_NONE)
        e->outcome = asked[r->stop];
    else if (r->broken) /* said with its last breath */
        e->outcome = OUTCOME_INTERRUPTED;
    else
        explain_failure(r, status, e);
}

void attempt_run(const struct attempt *a, struct ending *e)
{
    struct running r = { .a = a, .kill_at = INFINITY };
    struct error err = ERROR_INIT;
    int status;

    *e = (struct ending){ .outcome = OUTCOME_FAILED };
    lines_init(&r.lines, take_line, &r);
    open_log(&r);
    if (a->executor->start(a->argv, a->environment, &r.task, &err) < 0) {
        snprintf(e->reason, sizeof e->reason, "%.200s", err.what);
        log_bytes(&r, err.what, strlen(err.what));
        log_bytes(&r, "\n", 1);
        goto out;
    }
    while (step(&r, e))
        ;
    status = a->executor->reap(&r.task);
    drain(&r);
    sender_settle(a->sender, 1); /* the last report may bring a decision */
    judge(&r, status, e);
out:
    if (r.log >= 0)
        close(r.log);
}
