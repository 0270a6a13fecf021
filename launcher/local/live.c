/* live: what 'sentei run' shows while it runs.
 *
 *     quickstart  [##########..............] 10/24   1 min 10 s, 58 s left
 *     best val.pr_auc 0.6123 (trial 7)   8 complete, 2 pruned, 2 running
 *     trial 10 step 4   trial 11 step 2
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/local/live.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "launcher/format/display.h"

enum { BAR_WIDTH = 24, LINES = 3 };
#define PLAIN_EVERY_S 2.0

static void make_way(void *context)
{
    live_erase(context);
}

void live_init(struct live *l, bool quiet)
{
    *l = (struct live){
        .screen = screen_of(stderr), .quiet = quiet, .ended = -1, .best = NAN
    };
    log_clear(make_way, l);
}

void live_clear(struct live *l)
{
    live_erase(l);
    log_clear(NULL, NULL);
}

static int64_t in_state(const struct tree *study, const char *state)
{
    return tree_integer(tree_get(tree_get(study, "states"), state));
}

static int64_t count_ended(const struct tree *study)
{
    return in_state(study, "complete") + in_state(study, "pruned") +
           in_state(study, "failed");
}

static void format_bar(int64_t done, int64_t total, bool utf8, struct text *out)
{
    int64_t filled = total > 0 ? done * BAR_WIDTH / total : 0;

    text_append_char(out, '[');
    for (int64_t i = 0; i < BAR_WIDTH; i++)
        text_append(out, i < filled ? (utf8 ? "█" : "#") : (utf8 ? "·" : "."));
    text_append_char(out, ']');
}

/* "10/24" or "10" */
static void format_count(const struct tree *study, struct text *out)
{
    text_format(out, "%" PRId64, count_ended(study));
    if (tree_is_number(tree_get(study, "budget_trials")))
        text_format(out, "/%" PRId64,
                    tree_integer(tree_get(study, "budget_trials")));
}

static void format_times(const struct tree *study, struct text *out)
{
    const struct tree *left = tree_get(study, "seconds_left");

    text_append_duration(out, tree_number(tree_get(study, "elapsed_s")));
    if (tree_is_number(left) && tree_number(left) > 0) {
        text_append(out, ", ");
        text_append_duration(out, tree_number(left));
        text_append(out, " left");
    }
}

/* "best val.pr_auc 0.6123 (trial 7)" */
static void format_best(const struct tree *study, struct text *out)
{
    const struct tree *best = tree_get(study, "best");

    if (tree_kind(best) == TREE_MAP)
        text_format(out, "best %s %.6g (trial %" PRId64 ")",
                    tree_text(tree_get(study, "metric")),
                    tree_number(tree_get(best, "value")),
                    tree_integer(tree_get(best, "trial")));
    else
        text_append(out, "no value yet");
}

static void format_states(const struct tree *study, struct text *out)
{
    static const char *const states[] = { "complete", "pruned",  "failed",
                                          "paused",   "running", "waiting" };
    const char *comma = "";

    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (in_state(study, states[i]) > 0) {
            text_format(out, "%s%" PRId64 " %s", comma,
                        in_state(study, states[i]), states[i]);
            comma = ", ";
        }
}

/* "trial 10 step 4   trial 11" */
static void format_workers(const struct tree *study, struct text *out)
{
    const struct tree *workers = tree_get(study, "workers");
    const char *gap = "";

    for (size_t i = 0; i < tree_count(workers); i++) {
        const struct tree *w = tree_at(workers, i);

        if (tree_kind(tree_get(w, "trial")) != TREE_INT)
            continue;
        text_format(out, "%strial %" PRId64, gap,
                    tree_integer(tree_get(w, "trial")));
        if (tree_integer(tree_get(w, "step")) > 0)
            text_format(out, " step %" PRId64,
                        tree_integer(tree_get(w, "step")));
        gap = "   ";
    }
}

/* Move 'line' to the end of 'out', cleaned and cut to the screen. */
static void put_line(const struct screen *screen, struct text *line,
                     struct text *out)
{
    struct text clean = TEXT_INIT;

    display_clean(text_get(line), screen->utf8, &clean);
    display_cut(text_get(&clean), screen->width > 0 ? screen->width - 1 : 1000,
                screen->utf8, out);
    text_append_char(out, '\n');
    text_clear(&clean);
    text_reset(line);
}

void live_format(const struct tree *study, const struct screen *screen,
                 struct text *out)
{
    struct text line = TEXT_INIT;

    text_format(&line, "%s  ", tree_text(tree_get(study, "study")));
    format_bar(count_ended(study),
               tree_integer(tree_get(study, "budget_trials")), screen->utf8,
               &line);
    text_append_char(&line, ' ');
    format_count(study, &line);
    text_append(&line, "   ");
    format_times(study, &line);
    put_line(screen, &line, out);
    format_best(study, &line);
    text_append(&line, "   ");
    format_states(study, &line);
    put_line(screen, &line, out);
    format_workers(study, &line);
    put_line(screen, &line, out);
    text_clear(&line);
}

void live_format_plain(const struct tree *study, struct text *out)
{
    struct text line = TEXT_INIT;

    text_format(&line, "%s: ", tree_text(tree_get(study, "study")));
    format_count(study, &line);
    text_append(&line, " trials; ");
    format_best(study, &line);
    text_append(&line, "; ");
    format_states(study, &line);
    text_append(&line, "; ");
    format_times(study, &line);
    display_clean(text_get(&line), true, out);
    text_append_char(out, '\n');
    text_clear(&line);
}

static void draw(struct live *l, const struct tree *study)
{
    struct text out = TEXT_INIT;

    if (l->drawn > 0)
        text_format(&out, "\r\033[%dA\033[J", l->drawn);
    live_format(study, &l->screen, &out);
    fputs(text_get(&out), stderr);
    fflush(stderr);
    text_clear(&out);
    l->drawn = LINES;
}

/* A plain line, when a trial has ended or the best has changed. */
static void write_line(struct live *l, const struct tree *study)
{
    double best = tree_number(tree_get(tree_get(study, "best"), "value"));
    double now = clock_monotonic();
    struct text out = TEXT_INIT;

    if (count_ended(study) == 0 ||
        (count_ended(study) == l->ended && !(best < l->best) &&
         !(best > l->best)) ||
        now - l->shown < PLAIN_EVERY_S)
        return;
    live_format_plain(study, &out);
    fputs(text_get(&out), stderr);
    text_clear(&out);
    l->shown = now;
    l->ended = count_ended(study);
    l->best = best;
}

void live_update(struct live *l, const struct tree *study)
{
    if (l->quiet)
        return;
    if (l->screen.fancy)
        draw(l, study);
    else
        write_line(l, study);
}

void live_erase(struct live *l)
{
    if (l->drawn > 0) {
        fprintf(stderr, "\r\033[%dA\033[J", l->drawn);
        fflush(stderr);
    }
    l->drawn = 0;
}
