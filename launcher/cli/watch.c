/* watch: 'sentei watch [RUN]' keeps a terminal up to date until a study ends.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "base/options.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/source.h"
#include "launcher/format/display.h"
#include "launcher/view/leaderboard.h"
#include "launcher/view/summary.h"

enum { HEIGHT_DEFAULT = 24, HEIGHT_LEAST = 4 };

static int terminal_height(void)
{
    struct winsize size;

    if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_row == 0)
        return HEIGHT_DEFAULT;
    return size.ws_row < HEIGHT_LEAST ? HEIGHT_LEAST : size.ws_row;
}

static int fetch(const char *run, int64_t top, struct tree **board,
                 struct error *err)
{
    char path[64];

    snprintf(path, sizeof path, "/v1/leaderboard?top=%lld", (long long)top);
    return source_read(run, path, board, err);
}

/* Append the leaderboard's rows under their heading. */
static int append_rows(const struct tree *board, const struct screen *screen,
                       struct text *out, struct error *err)
{
    const struct leaderboard_options o = { .screen = *screen,
                                           .untitled = true };
    char *data = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&data, &size);

    if (!file)
        return error_memory(err);
    int rc = leaderboard_print(board, &o, file, err);

    if (fclose(file) != 0 && rc == 0)
        rc = error_memory(err);
    if (rc == 0)
        text_append_bytes(out, data, size);
    free(data);
    return rc;
}

/* Append what is to be seen now; '*ended' when nothing more will change. */
static int append_view(const char *run, struct text *out, bool *ended,
                       struct error *err)
{
    struct screen screen = screen_of(stdout);
    struct tree *board = NULL;

    if (fetch(run, terminal_height(), &board, err) < 0)
        return -1;
    const struct tree *study = tree_get(board, "study");

    *ended = strcmp(tree_text(tree_get(study, "state")), "finished") == 0;
    summary_print(study, &screen, out);
    text_append_char(out, '\n');
    int rc = append_rows(board, &screen, out, err);

    tree_destroy(board);
    return rc;
}

/* Put the first lines of 'view' over what the terminal shows. */
static void draw(const char *view)
{
    int left = terminal_height() - 1;

    fputs("\033[H", stdout);
    for (const char *s = view; *s && left > 0; left--) {
        size_t length = strcspn(s, "\n");
        printf("%.*s\033[K\n", (int)length, s);
        s += length + (s[length] == '\n');
    }
    fputs("\033[0m\033[J", stdout);
    fflush(stdout);
}

static void pause_for(double seconds)
{
    double whole = floor(seconds);
    struct timespec t = { (time_t)whole, (long)((seconds - whole) * 1e9) };

    nanosleep(&t, NULL);
}

/* A run that cannot be read at first is an error; later, a line: its
 * controller may be starting again. */
static int watch(const char *run, double every_s, struct error *err)
{
    struct screen screen = screen_of(stdout);
    struct text view = TEXT_INIT;
    bool ended = false;
    int rc = append_view(run, &view, &ended, err);

    if (rc == 0)
        fputs("\033[2J", stdout);
    while (rc == 0 && !ended) {
        draw(text_get(&view));
        pause_for(every_s);
        text_reset(&view);
        struct error now = ERROR_INIT;
        if (append_view(run, &view, &ended, &now) < 0)
            display_line(now.what, screen.width, screen.utf8, &view);
        if (view.failed)
            rc = error_memory(err);
    }
    if (rc == 0)
        draw(text_get(&view));
    text_clear(&view);
    return rc;
}

static int run_watch(int argc, char **argv, struct error *err)
{
    const char *runs = "runs";
    double every_s = 1;
    const struct option_row rows[] = {
        { "every", 'n', OPTION_SECONDS, &every_s, "SECONDS",
          "how often to look (default: 1s)" },
        FIND_RUNS_OPTION(&runs),
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options options = {
        .command = "sentei watch",
        .usage = "[RUN] [options]",
        .description =
            "Shows a study's status and its best trials, drawn anew until it "
            "ends. RUN is a run\nfolder or a study's name; without one it is "
            "the newest run. Ctrl-C stops watching,\nnot the study.",
        .examples = "  sentei watch\n"
                    "  sentei watch quickstart --every 10s\n",
        .rows = rows,
    };
    char **names;
    int count, rc = options_parse(&options, argc, argv, &names, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (every_s < 0.1)
        return error_usage(err, "--every: expected at least 0.1 seconds");
    if (!isatty(STDOUT_FILENO)) {
        error_usage(err, "stdout is no terminal");
        return error_hint(err, "'sentei status' prints it once");
    }
    char *run = find_one(names, count, runs, err);

    rc = run ? watch(run, every_s, err) : -1;
    free(run);
    return rc;
}

const struct verb verb_watch = {
    .name = "watch",
    .summary = "status and best trials, live",
    .run = run_watch,
};
