/* null: the executor that starts nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/text.h"
#include "launcher/worker/executor.h"

static int null_start(char *const *argv, char *const *environment,
                      struct task *t, struct error *err)
{
    struct text lines = TEXT_INIT;
    int ends[2], rc = -1;

    (void)environment;
    for (char *const *word = argv + 1; *word; word++)
        text_format(&lines, "%s\n", *word);
    if (lines.failed || pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0) {
        error_errno(err, "cannot make a pipe");
        goto out;
    }
    if (write(ends[1], text_get(&lines), lines.size) != (ssize_t)lines.size)
        error_set(err, "more output than a pipe holds");
    else
        rc = 0;
    close(ends[1]);
    *t = (struct task){ .output = ends[0], .ended = eventfd(1, EFD_CLOEXEC) };
    if (rc < 0) {
        close(t->ended);
        close(t->output);
    }
out:
    text_clear(&lines);
    return rc;
}

static void null_signal(const struct task *t, int signal_number)
{
    (void)t;
    (void)signal_number;
}

static int null_reap(struct task *t)
{
    close(t->ended);
    t->ended = -1;
    return 0;
}

const struct executor executor_null = { "null", null_start, null_signal,
                                        null_reap, NULL };
