/* scheduler: see scheduler.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/slurm/scheduler.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/clock.h"

enum { OUTPUT_MAX_BYTES = 64 << 20, CHUNK = 1 << 14 };

static bool is_for_a_job(const char *variable)
{
    return (strncmp(variable, "SLURM_", 6) == 0 &&
            strncmp(variable, "SLURM_CONF=", 11) != 0) ||
           strncmp(variable, "SBATCH_", 7) == 0 ||
           strncmp(variable, "PMIX_", 5) == 0;
}

/* This process's environment as one outside of any job has it; the strings
 * are borrowed. NULL when out of memory. */
static char **clean_environment(void)
{
    size_t count = 0, kept = 0;
    char **clean;

    while (environ[count])
        count++;
    clean = calloc(count + 1, sizeof *clean);
    for (size_t i = 0; clean && i < count; i++)
        if (!is_for_a_job(environ[i]))
            clean[kept++] = environ[i];
    return clean;
}

/* In the child: become the command; its errno goes to 'failure'. */
static void become(const char *const *words, char *const *environment, int out,
                   int said, int failure)
{
    int nothing = open("/dev/null", O_RDONLY), why;
    sigset_t none;

    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    signal(SIGPIPE, SIG_DFL);
    setpgid(0, 0);
    if (nothing >= 0 && dup2(nothing, 0) == 0 && dup2(out, 1) == 1 &&
        dup2(said, 2) == 2)
        execvpe(words[0], (char *const *)words, environment);
    why = errno;
    if (write(failure, &why, sizeof why) < 0)
        _exit(126);
    _exit(127);
}

/* Take what a pipe has. Returns false at its end. */
static bool drain(int fd, struct text *into)
{
    char bytes[CHUNK];
    ssize_t size = read(fd, bytes, sizeof bytes);

    if (size > 0 && into->size < OUTPUT_MAX_BYTES)
        text_append_bytes(into, bytes, (size_t)size);
    return size > 0 || (size < 0 && (errno == EINTR || errno == EAGAIN));
}

/* Read both pipes to their ends. Returns false when that took too long. */
static bool listen_to(int out, int said, double timeout_s,
                      struct scheduler_reply *r)
{
    struct pollfd fds[] = { { out, POLLIN, 0 }, { said, POLLIN, 0 } };
    struct text *into[] = { &r->out, &r->said };
    double until = clock_monotonic() + timeout_s;

    while (fds[0].fd >= 0 || fds[1].fd >= 0) {
        double left = until - clock_monotonic();

        if (left <= 0 ||
            (poll(fds, 2, (int)ceil(left * 1e3)) < 0 && errno != EINTR))
            return false;
        for (int i = 0; i < 2; i++)
            if (fds[i].fd >= 0 && fds[i].revents && !drain(fds[i].fd, into[i]))
                fds[i].fd = -1;
    }
    return true;
}

static void close_pairs(int (*pairs)[2], int count)
{
    for (int i = 0; i < count; i++)
        for (int k = 0; k < 2; k++)
            if (pairs[i][k] >= 0)
                close(pairs[i][k]);
}

/* Close the ends that are the child's. */
static void close_far_ends(int (*pairs)[2], int count)
{
    for (int i = 0; i < count; i++) {
        close(pairs[i][1]);
        pairs[i][1] = -1;
    }
}

int scheduler_call(const char *const *words, double timeout_s,
                   struct scheduler_reply *reply, struct error *err)
{
    int pipes[3][2] = { { -1, -1 }, { -1, -1 }, { -1, -1 } }, why = 0, status;
    char **environment = clean_environment();
    pid_t pid = -1;
    int rc = -1;

    *reply = (struct scheduler_reply){ -1, TEXT_INIT, TEXT_INIT };
    for (int i = 0; i < 3; i++)
        if (!environment || pipe2(pipes[i], O_CLOEXEC) < 0) {
            error_errno(err, "cannot start '%s'", words[0]);
            goto out;
        }
    pid = fork();
    if (pid == 0)
        become(words, environment, pipes[0][1], pipes[1][1], pipes[2][1]);
    close_far_ends(pipes, 3);
    if (pid < 0 || read(pipes[2][0], &why, sizeof why) == sizeof why) {
        errno = pid < 0 ? errno : why;
        error_errno(err, "cannot start '%s'", words[0]);
        error_hint(err, "Slurm's commands must be in PATH here; "
                        "'sentei run' needs no Slurm");
        goto out;
    }
    if (!listen_to(pipes[0][0], pipes[1][0], timeout_s, reply))
        kill(-pid, SIGKILL);
    rc = reply->out.failed || reply->said.failed ? error_memory(err) : 0;
out:
    if (pid > 0 && waitpid(pid, &status, 0) == pid && WIFEXITED(status))
        reply->status = WEXITSTATUS(status);
    close_pairs(pipes, 3);
    free(environment);
    return rc;
}

void scheduler_clear(struct scheduler_reply *reply)
{
    text_clear(&reply->out);
    text_clear(&reply->said);
}

/* The part of 'said' that tells most: after the last "error: ", else the first
 * line; without the command's own name before it. */
static const char *telling_part(const char *said, const char *command)
{
    const char *line = said;
    size_t length = strlen(command);

    for (const char *at = said; (at = strstr(at, "error: ")); line = at)
        at += strlen("error: ");
    while (strncmp(line, command, length) == 0 &&
           strncmp(line + length, ": ", 2) == 0)
        line += length + 2;
    return line;
}

int scheduler_error(const char *const *words,
                    const struct scheduler_reply *reply, struct error *err)
{
    const char *line = telling_part(text_get(&reply->said), words[0]);

    if (reply->status < 0)
        return error_set(err, "%s does not answer", words[0]);
    if (!*line)
        return error_set(err, "%s failed with exit status %d", words[0],
                         reply->status);
    return error_set(err, "%s: %.*s", words[0], (int)strcspn(line, "\n"), line);
}

int64_t scheduler_setting(const char *key, double timeout_s, int64_t otherwise)
{
    const char *words[] = { "scontrol", "show", "config", NULL };
    struct scheduler_reply reply = { .status = -1 };
    int64_t number = otherwise;
    char *line = text_print("\n%s ", key), *at;

    if (line && scheduler_call(words, timeout_s, &reply, NULL) == 0 &&
        (at = strstr(text_get(&reply.out), line)) && (at = strchr(at, '=')))
        number = strtoll(at + 1, NULL, 10);
    scheduler_clear(&reply);
    free(line);
    return number;
}
