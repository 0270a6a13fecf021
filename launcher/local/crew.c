/* crew: a controller and its workers as child processes of this one.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/local/crew.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "base/text.h"
#include "client/sentei.h"
#include "launcher/controller/controller.h"

enum {
    MAX_FAILURES = 5,
    WORDS_MAX = 24,
    READY_TIMEOUT_MS = 120000,
    COMPLAINT_MAX = 4096
};
#define FAILURES_FORGOTTEN_S 60.0

int crew_init(struct crew *c, const char *run, size_t count, double grace_s,
              struct error *err)
{
    *c = (struct crew){ .count = count };
    c->run = text_copy(run);
    c->grace = text_print("%gs", grace_s);
    c->workers = calloc(count + 1, sizeof *c->workers); /* 0 may be wanted */
    c->controller.restart_at = INFINITY;
    for (size_t i = 0; c->workers && i < count; i++)
        c->workers[i].restart_at = INFINITY;
    if (c->run && c->grace && c->workers)
        return 0;
    crew_clear(c);
    return error_memory(err);
}

void crew_clear(struct crew *c)
{
    crew_kill(c);
    free(c->workers);
    free(c->run);
    free(c->grace);
    *c = (struct crew){ .count = 0 };
}

/* RUN/<prefix>'name'; the caller frees. */
static char *log_path(const struct crew *c, const char *name)
{
    return text_print("%s/%s%s", c->run, c->log_prefix ? c->log_prefix : "",
                      name);
}

/* Put the words of 'more' (may be NULL) after those of 'words', which has
 * room for WORDS_MAX. */
static void add_words(const char **words, const char *const *more)
{
    size_t n = 0;

    while (words[n])
        n++;
    for (; more && *more && n + 1 < WORDS_MAX; more++)
        words[n++] = *more;
    words[n] = NULL;
}

/* Start 'sentei' with these words, its messages appended to the log called
 * 'log_name'. 'ready' (or -1) stays open in it. */
static int start(struct crew *c, struct member *m, const char *const *words,
                 const char *log_name, int ready, struct error *err)
{
    char *log = log_path(c, log_name);
    pid_t pid = log ? child_start(words, log, 0666, ready, err) : -1;

    if (!log)
        error_memory(err);
    free(log);
    if (pid < 0)
        return -1;
    m->pid = pid;
    m->started = clock_monotonic();
    m->restart_at = INFINITY;
    return 0;
}

/* Wait for the controller's word. Returns whether it came. */
static bool await_ready(int fd)
{
    struct pollfd ready = { fd, POLLIN, 0 };
    double until = clock_monotonic() + READY_TIMEOUT_MS / 1e3;
    char byte;
    int rc;

    while ((rc = poll(&ready, 1, READY_TIMEOUT_MS)) < 0 && errno == EINTR)
        if (clock_monotonic() > until)
            return false;
    return rc == 1 && read(fd, &byte, 1) == 1;
}

/* Make 'err' what the controller said into its log since 'offset':
 * "sentei: where: what" and perhaps "  hint: ..." as error_print() writes. */
static void quote_log(const struct crew *c, off_t offset, int status,
                      struct error *err)
{
    char said[COMPLAINT_MAX + 1] = "";
    char *path = log_path(c, "controller.log");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t size = fd >= 0 ? pread(fd, said, COMPLAINT_MAX, offset) : 0;
    char *hint, *line = said;

    said[size > 0 ? size : 0] = '\0';
    hint = strstr(said, "\n  hint: ");
    if (hint)
        *hint = '\0';
    if (strncmp(line, "sentei: ", 8) == 0)
        line += 8;
    line[strcspn(line, "\n")] = '\0';
    if (*line)
        error_set(err, "%s", line);
    else
        error_set(err, "the controller does not start");
    if (hint)
        error_hint(err, "%.*s", (int)strcspn(hint + 9, "\n"), hint + 9);
    else
        error_hint(err, "see %s", path ? path : "controller.log");
    if (WIFEXITED(status) && WEXITSTATUS(status) == ERROR_USAGE)
        err->kind = ERROR_USAGE;
    if (fd >= 0)
        close(fd);
    free(path);
}

static off_t log_size(const struct crew *c)
{
    char *path = log_path(c, "controller.log");
    int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : 0;

    if (fd >= 0)
        close(fd);
    free(path);
    return size;
}

int crew_start_controller(struct crew *c, struct error *err)
{
    struct member *m = &c->controller;
    off_t before = log_size(c);
    int ready[2], status = 0;
    char number[16];
    const char *words[WORDS_MAX] = { "sentei", "controller", c->run,
                                     "--crew", "--ready-fd", number };
    bool up;

    add_words(words, c->controller_words);

    if (pipe2(ready, O_CLOEXEC) < 0)
        return error_errno(err, "cannot make a pipe");
    snprintf(number, sizeof number, "%d", ready[1]);
    if (start(c, m, words, "controller.log", ready[1], err) < 0) {
        close(ready[0]);
        close(ready[1]);
        return -1;
    }
    close(ready[1]);
    up = await_ready(ready[0]);
    close(ready[0]);
    if (up)
        return 0;
    kill(m->pid, SIGTERM);
    waitpid(m->pid, &status, 0);
    m->pid = 0;
    quote_log(c, before, status, err);
    return -1;
}

static int start_worker(struct crew *c, size_t slot, struct error *err)
{
    char number[24];
    const char *words[WORDS_MAX] = { "sentei", "worker",  c->run,  "--slot",
                                     number,   "--grace", c->grace };

    add_words(words, c->worker_words);
    snprintf(number, sizeof number, "%zu", slot);
    return start(c, &c->workers[slot], words, "worker.log", -1, err);
}

int crew_start_workers(struct crew *c, struct error *err)
{
    for (size_t i = 0; i < c->count; i++)
        if (start_worker(c, i, err) < 0)
            return -1;
    return 0;
}

/* When to start 'm' again: later and later the more often it failed. */
static void plan_restart(struct member *m)
{
    double now = clock_monotonic();

    if (now - m->started > FAILURES_FORGOTTEN_S)
        m->failures = 0;
    m->failures++;
    m->restart_at = now + 0.1 * (double)(1 << m->failures);
}

/* 'm' has ended; start it again when it should not have. */
static void note_end(struct crew *c, struct member *m, const char *what,
                     int status)
{
    bool left = WIFEXITED(status) && WEXITSTATUS(status) == SENTEI_EXIT_PAUSED;
    bool success = left || (WIFEXITED(status) && WEXITSTATUS(status) == 0);

    m->pid = 0;
    c->left = c->left || left;
    c->served = c->served || (success && m == &c->controller && !c->leaving);
    if (c->leaving || (success && (m != &c->controller || c->count == 0)))
        return;
    if (!success)
        log_note("%s ended unexpectedly (%s %d); starting it again", what,
                 WIFSIGNALED(status) ? "signal" : "exit status",
                 WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
    plan_restart(m);
}

/* Start the controller (slot -1) or a worker again when it is time. Returns
 * -1 with 'err' when that was tried too often. */
static int restart(struct crew *c, long slot, struct error *err)
{
    struct member *m = slot < 0 ? &c->controller : &c->workers[slot];
    int rc;

    if (c->leaving || m->pid > 0 || m->restart_at > clock_monotonic())
        return 0;
    rc = slot < 0 ? crew_start_controller(c, err)
                  : start_worker(c, (size_t)slot, err);
    if (rc == 0)
        return 0;
    plan_restart(m);
    return m->failures > MAX_FAILURES ? -1 : 0;
}

/* Whether 'm' has ended too often in a row. */
static int check_failures(const struct crew *c, const struct member *m,
                          const char *what, const char *log_name,
                          struct error *err)
{
    if (m->failures <= MAX_FAILURES)
        return 0;
    error_set(err, "%s ended unexpectedly %d times in a row", what,
              m->failures);
    return error_hint(err, "see %s/%s%s", c->run,
                      c->log_prefix ? c->log_prefix : "", log_name);
}

int crew_reap(struct crew *c, struct error *err)
{
    int status;
    pid_t pid;

    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        if (pid == c->controller.pid)
            note_end(c, &c->controller, "the controller", status);
        for (size_t i = 0; i < c->count; i++)
            if (pid == c->workers[i].pid)
                note_end(c, &c->workers[i], "a worker", status);
    }
    if (check_failures(c, &c->controller, "the controller", "controller.log",
                       err) < 0 ||
        restart(c, -1, err) < 0)
        return -1;
    for (size_t i = 0; i < c->count; i++)
        if (check_failures(c, &c->workers[i], "a worker", "worker.log", err) <
                0 ||
            restart(c, (long)i, err) < 0)
            return -1;
    return 0;
}

double crew_next(const struct crew *c)
{
    double at = c->controller.restart_at;

    for (size_t i = 0; i < c->count; i++)
        if (c->workers[i].pid == 0)
            at = fmin(at, c->workers[i].restart_at);
    return c->leaving ? INFINITY : fmax(0, at - clock_monotonic());
}

static bool works(const struct crew *c, const struct member *m)
{
    return m->pid > 0 || (!c->leaving && !isinf(m->restart_at));
}

size_t crew_working(const struct crew *c)
{
    size_t working = 0;

    if (c->count == 0)
        return works(c, &c->controller);
    for (size_t i = 0; i < c->count; i++)
        working += works(c, &c->workers[i]);
    return working;
}

static void signal_members(struct member *m, size_t count, int signal_number)
{
    for (size_t i = 0; i < count; i++)
        if (m[i].pid > 0)
            kill(m[i].pid, signal_number);
}

void crew_stop_workers(struct crew *c)
{
    c->leaving = true;
    signal_members(c->workers, c->count, SIGTERM);
}

void crew_stop_controller(struct crew *c)
{
    c->leaving = true;
    signal_members(&c->controller, 1, CONTROLLER_END);
}

void crew_kill(struct crew *c)
{
    c->leaving = true;
    if (c->workers)
        signal_members(c->workers, c->count, SIGKILL);
    signal_members(&c->controller, 1, SIGKILL);
}
