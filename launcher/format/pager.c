/* pager: see pager.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/format/pager.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { NOT_THERE = 127 }; /* sh: the command was not found */

static bool fits(const char *words)
{
    struct winsize size;
    unsigned lines = 1; /* the shell's next prompt */

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0)
        return true;
    for (; *words; words++)
        lines += *words == '\n';
    return lines <= size.ws_row;
}

/* The pager's command, or NULL when there is to be none. */
static const char *find_pager(void)
{
    const char *pager = getenv("PAGER");

    if (!pager)
        return "less -RS";
    return *pager && strcmp(pager, "cat") != 0 ? pager : NULL;
}

/* Show the words by a pager; a person may leave it early, and Ctrl-C there is
 * the pager's. Returns whether they were shown. */
static bool show_by(const char *pager, const struct text *words)
{
    void (*pipe_before)(int) = signal(SIGPIPE, SIG_IGN);
    FILE *to = popen(pager, "w");
    void (*int_before)(int) = signal(SIGINT, SIG_IGN);
    int status = -1;

    if (to) {
        fwrite(text_get(words), 1, words->size, to);
        status = pclose(to);
    }
    signal(SIGINT, int_before);
    signal(SIGPIPE, pipe_before);
    return to && !(WIFEXITED(status) && WEXITSTATUS(status) == NOT_THERE);
}

int pager_print(const struct text *words, bool paged, struct error *err)
{
    const char *pager = paged ? find_pager() : NULL;

    if (words->failed)
        return error_memory(err);
    if (pager && isatty(STDOUT_FILENO) && !fits(text_get(words)) &&
        show_by(pager, words))
        return 0;
    if (fwrite(text_get(words), 1, words->size, stdout) < words->size)
        return error_errno(err, "cannot write to stdout");
    return 0;
}
