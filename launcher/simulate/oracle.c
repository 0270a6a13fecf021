/* oracle: see oracle.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/simulate/oracle.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"

enum { PATIENCE_MS = 10000, READ_BYTES = 65536, SHOWN_BYTES = 60 };
#define GRACE_S 1.0

struct oracle {
    char *program;
    pid_t pid;
    int in, out;      /* our ends of its stdin and stdout; -1 when closed */
    struct text line; /* what was read: an answer, in the end whole */
    struct text request;
    size_t answers;
};

/* ---- starting and ending ------------------------------------------------ */

static void close_end(int *fd)
{
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
}

/* Start it with these ends as stdin and stdout. Returns 0 or an errno. */
static int spawn(struct oracle *o, char *const *words, int in, int out)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t pipe_signal;
    int rc = posix_spawn_file_actions_init(&actions);

    if (rc != 0)
        return rc;
    posix_spawnattr_init(&attributes);
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    posix_spawnattr_setsigdefault(&attributes, &pipe_signal);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);
    rc = posix_spawn_file_actions_adddup2(&actions, in, 0);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&actions, out, 1);
    if (rc == 0)
        rc = posix_spawnp(&o->pid, words[0], &actions, &attributes, words,
                          environ);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return rc;
}

int oracle_start(struct oracle **out, char *const *words, struct error *err)
{
    struct oracle *o = calloc(1, sizeof *o);
    int to[2] = { -1, -1 }, from[2] = { -1, -1 }, rc = -1;

    *out = NULL;
    if (!o)
        return error_memory(err);
    *o = (struct oracle){ .in = -1, .out = -1 };
    if (!(o->program = text_copy(words[0]))) {
        error_memory(err);
        goto out;
    }
    if (pipe2(to, O_CLOEXEC) < 0 || pipe2(from, O_CLOEXEC) < 0) {
        error_errno(err, "cannot make a pipe");
        goto out;
    }
    errno = spawn(o, words, to[0], from[1]);
    if (errno != 0) {
        o->pid = 0;
        error_errno(err, "cannot start the oracle '%s'", words[0]);
        error_hint(err, "it is a program and its arguments; no shell reads "
                        "them");
        goto out;
    }
    o->in = to[1];
    o->out = from[0];
    to[1] = from[0] = -1;
    *out = o;
    o = NULL;
    rc = 0;
out:
    for (int i = 0; i < 2; i++) {
        close_end(&to[i]);
        close_end(&from[i]);
    }
    oracle_stop(o);
    return rc;
}

/* Wait for its end until 'until'. Returns whether it has ended. */
static bool reap(struct oracle *o, double until, int *status)
{
    pid_t pid;

    while ((pid = waitpid(o->pid, status, WNOHANG)) == 0 &&
           clock_monotonic() < until)
        poll(NULL, 0, 2);
    if (pid == 0)
        return false;
    o->pid = 0;
    return true;
}

void oracle_stop(struct oracle *o)
{
    int status;

    if (!o)
        return;
    close_end(&o->in);
    close_end(&o->out);
    if (o->pid > 0 && !reap(o, clock_monotonic() + GRACE_S, &status)) {
        kill(o->pid, SIGKILL);
        waitpid(o->pid, &status, 0);
    }
    text_clear(&o->line);
    text_clear(&o->request);
    free(o->program);
    free(o);
}

/* It no longer takes requests or gives answers: say how it ended. */
static int complain_of_end(struct oracle *o, struct error *err)
{
    int status = 0;

    if (!reap(o, clock_monotonic() + GRACE_S, &status))
        error_set(err, "the oracle '%s' closed its stdin or stdout",
                  o->program);
    else if (WIFSIGNALED(status))
        error_set(err, "the oracle '%s' was killed by signal %d (%s)",
                  o->program, WTERMSIG(status), strsignal(WTERMSIG(status)));
    else
        error_set(err, "the oracle '%s' ended with status %d", o->program,
                  WEXITSTATUS(status));
    return error_hint(err,
                      "after %zu answers; it must answer each line of its "
                      "stdin until that ends",
                      o->answers);
}

/* ---- asking ------------------------------------------------------------- */

static int send_request(struct oracle *o, const struct tree *request,
                        struct error *err)
{
    size_t sent = 0;

    text_reset(&o->request);
    json_format(request, &o->request);
    text_append_char(&o->request, '\n');
    if (o->request.failed)
        return error_memory(err);
    while (sent < o->request.size) {
        ssize_t n =
            write(o->in, o->request.data + sent, o->request.size - sent);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return complain_of_end(o, err);
        sent += (size_t)n;
    }
    return 0;
}

/* Until there is something to read; after a while say what we wait for. */
static void await(struct oracle *o)
{
    struct pollfd fd = { o->out, POLLIN, 0 };

    if (poll(&fd, 1, PATIENCE_MS) == 0)
        log_note("still waiting for the oracle's answer %zu; does it flush its "
                 "output after every line?",
                 o->answers + 1);
}

/* Read up to and with the newline, which becomes a NUL. */
static int read_line(struct oracle *o, struct error *err)
{
    char bytes[READ_BYTES];

    text_reset(&o->line);
    while (o->line.size == 0 || o->line.data[o->line.size - 1] != '\n') {
        await(o);
        ssize_t n = read(o->out, bytes, sizeof bytes);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return complain_of_end(o, err);
        text_append_bytes(&o->line, bytes, (size_t)n);
        if (o->line.failed)
            return error_memory(err);
        if (o->line.size > ORACLE_MAX_LINE_BYTES)
            return error_set(err,
                             "the oracle's answer %zu is longer than %d bytes",
                             o->answers + 1, ORACLE_MAX_LINE_BYTES);
    }
    o->answers++;
    o->line.data[--o->line.size] = '\0';
    return 0;
}

/* One request, one line: more than one is a program that talks too much. */
static struct tree *parse_answer(struct oracle *o, struct error *err)
{
    struct error why = ERROR_INIT;
    struct tree *answer =
        json_parse(o->line.data, o->line.size, "answer", &why);

    if (tree_kind(answer) == TREE_MAP)
        return answer;
    error_set(err, "the oracle's answer %zu is %s: %.*s%s", o->answers,
              memchr(o->line.data, '\n', o->line.size) ? "more than one line"
              : answer ? tree_kind_name(tree_kind(answer))
                       : "not JSON",
              SHOWN_BYTES, o->line.data,
              o->line.size > SHOWN_BYTES ? "..." : "");
    error_hint(err, "expected one line {\"columns\": [...], \"curve\": "
                    "[[...], ...]} or {\"error\": \"why\"}");
    tree_destroy(answer);
    return NULL;
}

struct tree *oracle_ask(struct oracle *o, const struct tree *request,
                        struct error *err)
{
    if (send_request(o, request, err) || read_line(o, err))
        return NULL;
    return parse_answer(o, err);
}
