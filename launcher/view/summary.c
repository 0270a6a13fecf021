/* summary: a study in a few lines: its goal, its best, its trials by state.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/view/summary.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "launcher/view/display.h"

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

/* Append 'raw' as a line of its own, cleaned and cut. */
static void put_line(const struct text *raw, const struct screen *screen,
                     struct text *out)
{
    struct text clean = TEXT_INIT;

    display_clean(text_get(raw), screen->utf8, &clean);
    if (screen->width > 0)
        display_cut(text_get(&clean), screen->width, screen->utf8, out);
    else
        text_append(out, text_get(&clean));
    text_append_char(out, '\n');
    out->failed |= raw->failed || clean.failed;
    text_clear(&clean);
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
