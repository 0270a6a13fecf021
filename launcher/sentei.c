/* sentei: finds the shape of a deep-learning model; one command, many verbs.
 *
 * Results go to stdout, messages to stderr. Exit status 0 success, 1 failure,
 * 2 wrong usage or a wrong file.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "base/log.h"
#include "base/version.h"
#include "client/http.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/server.h"
#include "launcher/plot/canvas.h"
#include "launcher/store/sql.h"
#include "launcher/watch/terminal.h"

static int print_help(FILE *out)
{
    fputs("usage: sentei VERB [arguments]\n"
          "\n"
          "Searches the layer widths, depths and sampling schedules of a\n"
          "deep-learning model: one study file in, a leaderboard out.\n",
          out);
    verb_help(out);
    fputs("\n'sentei VERB --help' tells more about a verb, 'sentei --version'\n"
          "what this is built of. Exit status: 0 success, 1 failure, 2 wrong\n"
          "usage or a wrong file.\n",
          out);
    return 0;
}

static int print_version(void)
{
    static const struct library libraries[] = {
        { "libcurl", http_version },     { "libmicrohttpd", server_version },
        { "sqlite", sql_version },       { "cairo", canvas_version },
        { "ncurses", terminal_version },
    };

    return version_print("sentei", libraries,
                         sizeof libraries / sizeof *libraries);
}

/* 'sentei help VERB' is 'sentei VERB --help'. */
static int explain(char *name, struct error *err)
{
    char help[] = "--help";
    char *argv[] = { name, help, NULL };
    const struct verb *verb = verb_find(name, err);

    return verb ? verb->run(2, argv, err) : -1;
}

/* The exit status, or -1 with 'err'. */
static int dispatch(int argc, char **argv, struct error *err)
{
    const char *word = argc > 1 ? argv[1] : "";

    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0)
        return print_help(stdout);
    if (strcmp(word, "--version") == 0)
        return print_version();
    if (strcmp(word, "help") == 0)
        return argc > 2 ? explain(argv[2], err) : print_help(stdout);
    if (argc < 2) {
        error_usage(err, "no verb given");
        return error_hint(err, "'sentei --help' lists the verbs");
    }
    const struct verb *verb = verb_find(word, err);

    return verb ? verb->run(argc - 1, argv + 1, err) : -1;
}

int main(int argc, char **argv)
{
    struct error err = ERROR_INIT;

    log_program("sentei");
    /* What can be written into a run folder is executed, or trusted: nobody
     * else may, whatever the user's umask is. Trials inherit it. */
    umask(umask(0) | S_IWGRP | S_IWOTH);
    int status = dispatch(argc, argv, &err);

    if ((fflush(stdout) != 0 || ferror(stdout)) && status == 0)
        status = error_errno(&err, "cannot write to stdout");
    return status < 0 ? error_print(&err, "sentei") : status;
}
