/* watch: 'sentei watch [RUN]', a study on the whole screen, with keys.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "base/options.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/source.h"
#include "launcher/watch/choices.h"
#include "launcher/watch/observation.h"
#include "launcher/watch/screenful.h"
#include "launcher/watch/terminal.h"

/* Of the time, looking takes at most one part in so many: a large study is
 * looked at less often. */
enum { SHARE = 10 };

struct watch {
    struct source *source;
    struct terminal *terminal;
    struct screen screen;
    struct choices choices;
    struct observation seen;
    double every_s, due; /* when to look again */
};

/* Look at the study. What fails later than at first is a line on the screen:
 * its controller may be starting again. */
static int look(struct watch *w, struct error *err)
{
    double begun = clock_monotonic();
    struct error now = ERROR_INIT;
    int height, width;

    terminal_size(w->terminal, &height, &width);
    if (observation_read(&w->seen, w->source, &w->choices, (size_t)height,
                         screenful_workers(height), &now) < 0) {
        if (!w->seen.board) {
            *err = now;
            return -1;
        }
        snprintf(w->seen.trouble, sizeof w->seen.trouble, "%.255s", now.what);
    }
    w->due = clock_monotonic() +
             fmax(w->every_s, SHARE * (clock_monotonic() - begun));
    return 0;
}

/* Show what is known; '*page' rows of it fit. */
static int draw(struct watch *w, size_t *page, struct error *err)
{
    struct text view = TEXT_INIT;
    int height, rc;

    terminal_size(w->terminal, &height, &w->screen.width);
    *page = screenful_print(&w->seen, &w->choices, &w->screen, height, &view);
    rc = view.failed ? error_memory(err) : 0;
    if (rc == 0)
        terminal_draw(w->terminal, text_get(&view));
    text_clear(&view);
    return rc;
}

static int follow(struct watch *w, struct error *err)
{
    size_t page;

    if (look(w, err) < 0)
        return -1;
    while (!w->choices.ended) {
        if (draw(w, &page, err) < 0)
            return -1;
        bool still = w->choices.still;
        int key = terminal_key(w->terminal,
                               still ? w->every_s : w->due - clock_monotonic());
        bool now = choices_key(&w->choices, key, w->seen.rows, page);

        if ((now || (!w->choices.still && clock_monotonic() >= w->due)) &&
            look(w, err) < 0)
            return -1;
    }
    return 0;
}

static int watch(const char *run, double every_s, struct error *err)
{
    struct watch w = { .screen = screen_of(stdout), .every_s = every_s };
    int rc = -1;

    w.source = source_open(run, err);
    if (w.source && terminal_open(&w.terminal, &w.screen, err) == 0)
        rc = follow(&w, err);
    terminal_close(w.terminal);
    observation_clear(&w.seen);
    source_close(w.source);
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
            "Shows a study on the whole screen: how far it is, the running "
            "trials with their curves,\nand the leaderboard, to be moved "
            "over, sorted, filtered and opened with keys ('?' lists\nthem). "
            "RUN is a run folder or a study's name; without one it is the "
            "newest run.\n'q' stops watching, not the study.",
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
    char *run = find_one(names, count, runs, err);

    rc = run ? watch(run, every_s, err) : -1;
    free(run);
    return rc;
}

const struct verb verb_watch = {
    .name = "watch",
    .summary = "a study on the whole screen, live, with keys",
    .run = run_watch,
};
