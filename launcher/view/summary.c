/* summary: a study in a few lines: its goal, its best, its trials by state.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/view/summary.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "launcher/format/display.h"
#include "launcher/format/grid.h"
#include "launcher/format/sparkline.h"
#include "launcher/format/table.h"

/* "maximize val.pr_auc", or one such for each of several objectives. */
static void append_goal(const struct tree *study, struct text *out)
{
    const struct tree *objectives = tree_get(study, "objectives");

    if (tree_count(objectives) < 2) {
        text_format(out, "%s %s", tree_text(tree_get(study, "direction")),
                    tree_text(tree_get(study, "metric")));
        return;
    }
    for (size_t i = 0; i < tree_count(objectives); i++) {
        const struct tree *o = tree_at(objectives, i);
        text_format(out, "%s%s %s", i ? ", " : "",
                    tree_text(tree_get(o, "direction")),
                    tree_text(tree_get(o, "metric")));
    }
}

static void append_best(const struct tree *study, struct text *out)
{
    const struct tree *best = tree_get(study, "best");
    double value = tree_number(tree_get(best, "value"));

    if (!isnan(value))
        text_format(out, "; best %.5g (trial %" PRId64 ")", value,
                    tree_integer(tree_get(best, "trial")));
}

/* "24 trials: 2 running, 12 complete, 10 pruned" */
static void append_counts(const struct tree *study, struct text *out)
{
    const struct tree *states = tree_get(study, "states");
    int64_t trials = tree_integer(tree_get(study, "trials"));
    const char *between = ": ";

    text_format(out, "%" PRId64 " trial%s", trials, trials == 1 ? "" : "s");
    for (size_t i = 0; i < tree_count(states); i++) {
        int64_t n = tree_integer(tree_at(states, i));
        if (n == 0)
            continue;
        text_format(out, "%s%" PRId64 " %s", between, n, tree_key(states, i));
        between = ", ";
    }
}

static void append_time(const struct tree *study, struct text *out)
{
    static const struct {
        const char *state, *before, *after;
    } words[] = { { "running", "; ", " so far" },
                  { "stopped", "; stopped after ", "" },
                  { "finished", "; finished in ", "" } };
    const char *state = tree_text(tree_get(study, "state"));
    double elapsed = tree_number(tree_get(study, "elapsed_s"));

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(state, words[i].state) == 0 && !isnan(elapsed)) {
            text_append(out, words[i].before);
            text_append_duration(out, elapsed);
            text_append(out, words[i].after);
        }
}

/* Append a line, cut to the screen. */
static void put_line(const struct text *line, const struct screen *screen,
                     struct text *out)
{
    display_line(text_get(line), screen->width, screen->utf8, out);
    out->failed |= line->failed;
}

void summary_title(const struct tree *study, const struct screen *screen,
                   struct text *out)
{
    struct text line = TEXT_INIT;

    text_format(&line, "%s: ", tree_text(tree_get(study, "study")));
    append_goal(study, &line);
    append_best(study, &line);
    put_line(&line, screen, out);

    text_reset(&line);
    append_counts(study, &line);
    append_time(study, &line);
    put_line(&line, screen, out);
    text_clear(&line);
}

/* ---- how far it is -------------------------------------------------------- */

/* "[#####.....] 12 of 24 trials ended"; nothing without a budget of trials.
 * Returns whether some of it is left. */
static bool append_bar(const struct tree *study, struct text *out)
{
    enum { BAR = 30 };
    const struct tree *states = tree_get(study, "states");
    int64_t budget = tree_integer(tree_get(study, "budget_trials"));
    int64_t ended = tree_integer(tree_get(states, "complete")) +
                    tree_integer(tree_get(states, "pruned")) +
                    tree_integer(tree_get(states, "failed"));

    if (budget <= 0)
        return true;
    text_append_char(out, '[');
    for (int64_t i = 0; i < BAR; i++)
        text_append_char(out, i * budget < ended * BAR ? '#' : '.');
    text_format(out, "] %" PRId64 " of %" PRId64 " trials ended", ended,
                budget);
    return ended < budget;
}

/* "2.8 of 4 GPU-hours left"; nothing without a budget of them. */
static void append_left(double used, double budget, const char *unit,
                        struct text *out)
{
    if (!(budget > 0) || isnan(used))
        return;
    text_format(out, "%s%.3g of %.4g %s left", out->size > 0 ? ", " : "",
                fmax(0, budget - used), budget, unit);
}

/* How many trials have ended, and the time left; nothing at the end. */
static void append_progress(const struct tree *study, struct text *out)
{
    double seconds = tree_number(tree_get(study, "seconds_left"));

    if (strcmp(tree_text(tree_get(study, "state")), "finished") == 0)
        return;
    if (append_bar(study, out) && !isnan(seconds)) {
        text_append(out, out->size > 0 ? ", about " : "about ");
        text_append_duration(out, seconds);
        text_append(out, " left");
    }
}

/* What is left of the budgets of hours; nothing at the end. */
static void append_hours(const struct tree *study, struct text *out)
{
    if (strcmp(tree_text(tree_get(study, "state")), "finished") == 0)
        return;
    append_left(tree_number(tree_get(study, "elapsed_s")) / 3600,
                tree_number(tree_get(study, "budget_hours")), "hours", out);
    append_left(tree_number(tree_get(study, "gpu_hours")),
                tree_number(tree_get(study, "budget_gpu_hours")), "GPU-hours",
                out);
}

/* "best so far ___.-=*# 0.31 to 0.61": the best after each of the trials, by
 * number; nothing before the second improvement. */
static void append_best_so_far(const struct tree *study,
                               const struct screen *screen, struct text *out)
{
    enum { WIDTH = 60, WORDS = 36, LEAST = 8 };
    const struct tree *list = tree_get(study, "improvements");
    int64_t trials = tree_integer(tree_get(study, "trials"));
    int room = screen->width > 0 ? screen->width - WORDS : WIDTH;
    int width = room > WIDTH ? WIDTH : room < LEAST ? LEAST : room;
    double best[WIDTH];
    size_t next = 0, count = tree_count(list);

    if (count < 2)
        return;
    for (int i = 0; i < width; i++) {
        while (next < count &&
               tree_integer(tree_at(tree_at(list, next), 0)) * width <
                   (i + 1) * trials)
            next++;
        best[i] =
            next > 0 ? tree_number(tree_at(tree_at(list, next - 1), 1)) : NAN;
    }
    text_append(out, "best so far ");
    sparkline_print(best, (size_t)width, (size_t)width, screen->utf8, out);
    text_format(out, " %.5g to %.5g", tree_number(tree_at(tree_at(list, 0), 1)),
                tree_number(tree_at(tree_at(list, count - 1), 1)));
}

/* ---- the whole ------------------------------------------------------------ */

static void print_workers(const struct tree *workers,
                          const struct screen *screen, struct text *out)
{
    static const char *const names[] = { "worker", "trial", "attempt", "step" };
    struct table t;

    table_init(&t);
    for (size_t c = 0; c < sizeof names / sizeof names[0]; c++)
        table_column(&t, names[c], names[c], false);
    table_column(&t, "seen_s", "last seen", false);
    for (size_t i = 0; i < tree_count(workers); i++) {
        const struct tree *w = tree_at(workers, i);
        table_row(&t, ROW_PLAIN);
        for (size_t c = 0; c < sizeof names / sizeof names[0]; c++) {
            const struct tree *cell = tree_get(w, names[c]);
            table_cell(&t, cell_of(tree_kind(cell) == TREE_NULL ? NULL : cell));
        }
        table_cell(&t, cell_duration(tree_number(tree_get(w, "seen_s"))));
    }
    if (table_ok(&t))
        grid_print(&t, screen, out);
    out->failed |= !table_ok(&t);
    table_clear(&t);
}

void summary_head(const struct tree *study, const struct screen *screen,
                  struct text *out)
{
    const char *state = tree_text(tree_get(study, "state"));
    const char *reason = tree_text(tree_get(study, "reason"));
    const char *trouble = tree_text(tree_get(study, "trouble"));
    struct text lines[5] = { TEXT_INIT };

    append_progress(study, &lines[0]);
    append_hours(study, &lines[1]);
    if (*reason)
        text_format(&lines[2], "%s: %s", state, reason);
    if (*trouble)
        text_format(&lines[3], "nothing can be stored: %s", trouble);
    append_best_so_far(study, screen, &lines[4]);
    summary_title(study, screen, out);
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        if (lines[i].size > 0)
            put_line(&lines[i], screen, out);
        text_clear(&lines[i]);
    }
}

void summary_print(const struct tree *study, const struct screen *screen,
                   struct text *out)
{
    const struct tree *workers = tree_get(study, "workers");
    const char *search = tree_text(tree_get(study, "search"));

    summary_head(study, screen, out);
    if (*search)
        display_line(search, screen->width, screen->utf8, out);
    if (tree_count(workers) > 0) {
        text_append_char(out, '\n');
        print_workers(workers, screen, out);
    }
}
