/* summary: a study in a few lines: its goal, its best, its trials by state.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/view/summary.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "launcher/format/display.h"
#include "launcher/format/grid.h"
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

/* "[#####.....] 12 of 24 trials, about 40 s left"; nothing without a
 * budget or at the end */
static void append_progress(const struct tree *study, struct text *out)
{
    enum { BAR = 30 };
    const struct tree *states = tree_get(study, "states");
    int64_t budget = tree_integer(tree_get(study, "budget_trials"));
    int64_t ended = tree_integer(tree_get(states, "complete")) +
                    tree_integer(tree_get(states, "pruned")) +
                    tree_integer(tree_get(states, "failed"));
    double left = tree_number(tree_get(study, "seconds_left"));
    const char *state = tree_text(tree_get(study, "state"));

    if (budget <= 0 || strcmp(state, "finished") == 0)
        return;
    text_append_char(out, '[');
    for (int64_t i = 0; i < BAR; i++)
        text_append_char(out, i * budget < ended * BAR ? '#' : '.');
    text_format(out, "] %" PRId64 " of %" PRId64 " trials ended", ended,
                budget);
    if (isnan(left) || ended >= budget)
        return;
    text_append(out, ", about ");
    text_append_duration(out, left);
    text_append(out, " left");
}

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

void summary_print(const struct tree *study, const struct screen *screen,
                   struct text *out)
{
    const struct tree *workers = tree_get(study, "workers");
    const char *search = tree_text(tree_get(study, "search"));
    const char *reason = tree_text(tree_get(study, "reason"));
    const char *trouble = tree_text(tree_get(study, "trouble"));
    struct text line = TEXT_INIT;

    summary_title(study, screen, out);
    append_progress(study, &line);
    if (line.size > 0)
        put_line(&line, screen, out);
    if (*reason) {
        text_reset(&line);
        text_format(&line, "%s: %s", tree_text(tree_get(study, "state")),
                    reason);
        put_line(&line, screen, out);
    }
    if (*trouble) {
        text_reset(&line);
        text_format(&line, "nothing can be stored: %s", trouble);
        put_line(&line, screen, out);
    }
    if (*search)
        display_line(search, screen->width, screen->utf8, out);
    if (tree_count(workers) > 0) {
        text_append_char(out, '\n');
        print_workers(workers, screen, out);
    }
    text_clear(&line);
}
