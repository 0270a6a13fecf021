/* trial: one trial for people: parameters, curve, attempts, events, log.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/view/trial.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/report.h"
#include "launcher/format/csv.h"
#include "launcher/format/display.h"
#include "launcher/format/grid.h"
#include "launcher/format/sparkline.h"
#include "launcher/format/table.h"

enum { SPARKLINE_MAX = 60, INDENT = 2 };

/* The metrics a curve has, the objective first. Names are borrowed. */
struct names {
    const char *items[REPORT_MAX_METRICS];
    size_t count;
};

static void add_name(struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return;
    if (names->count < REPORT_MAX_METRICS)
        names->items[names->count++] = name;
}

static struct names names_of(const struct tree *curve, const struct tree *study)
{
    const char *objective = tree_text(tree_get(study, "metric"));
    struct names names = { .count = 0 };

    for (size_t i = 0; i < tree_count(curve); i++)
        if (tree_get(tree_get(tree_at(curve, i), "metrics"), objective))
            add_name(&names, objective);
    for (size_t i = 0; i < tree_count(curve); i++) {
        const struct tree *metrics = tree_get(tree_at(curve, i), "metrics");
        for (size_t m = 0; m < tree_count(metrics); m++)
            add_name(&names, tree_key(metrics, m));
    }
    return names;
}

/* ---- head and parameters ------------------------------------------------------ */

static void print_heading(const char *heading, const struct screen *screen,
                          struct text *out)
{
    text_format(out, screen->fancy ? "\n\033[1m%s\033[0m\n" : "\n%s\n",
                heading);
}

static void print_head(const struct tree *trial, const struct tree *study,
                       const struct screen *screen, struct text *out)
{
    struct text line = TEXT_INIT;
    size_t attempts = tree_count(tree_get(trial, "attempts"));
    double value = tree_number(tree_get(trial, "value"));
    struct cell steps = cell_fraction(tree_number(tree_get(trial, "best_step")),
                                      tree_number(tree_get(trial, "step")));

    text_format(&line, "trial %" PRId64 " of %s: %s",
                tree_integer(tree_get(trial, "trial")),
                tree_text(tree_get(study, "study")),
                tree_text(tree_get(trial, "state")));
    if (*tree_text(tree_get(trial, "reason")))
        text_format(&line, " (%s)", tree_text(tree_get(trial, "reason")));
    display_line(text_get(&line), screen->width, screen->utf8, out);

    text_reset(&line);
    if (!isnan(value))
        text_format(&line, "%s %.5g; ", tree_text(tree_get(study, "metric")),
                    value);
    if (steps.kind != CELL_NONE && !isnan(value)) {
        text_append(&line, "best step ");
        cell_write(&steps, &line);
        text_append(&line, "; ");
    }
    text_append_duration(&line, tree_number(tree_get(trial, "seconds")));
    if (attempts > 1)
        text_format(&line, "; %zu attempts", attempts);
    if (tree_is_number(tree_get(trial, "parent")))
        text_format(&line, "; a copy of trial %" PRId64,
                    tree_integer(tree_get(trial, "parent")));
    display_line(text_get(&line), screen->width, screen->utf8, out);

    text_reset(&line);
    if (*tree_text(tree_get(trial, "note"))) {
        text_format(&line, "note: %s", tree_text(tree_get(trial, "note")));
        display_line(text_get(&line), screen->width, screen->utf8, out);
    }
    if (*tree_text(tree_get(trial, "source")))
        text_format(out, "from %s\n", tree_text(tree_get(trial, "source")));
    out->failed |= line.failed;
    text_clear(&line);
}

static int widest_key(const struct tree *map)
{
    int widest = 0;

    for (size_t i = 0; i < tree_count(map); i++) {
        int width = display_width(tree_key(map, i));
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void print_parameters(const struct tree *params,
                             const struct screen *screen, struct text *out)
{
    int widest = widest_key(params);
    struct text line = TEXT_INIT;

    if (tree_count(params) > 0)
        print_heading("parameters", screen, out);
    for (size_t i = 0; i < tree_count(params); i++) {
        struct cell cell = cell_of(tree_at(params, i));
        const char *key = tree_key(params, i);

        text_reset(&line);
        display_pad(INDENT, &line);
        text_append(&line, key);
        display_pad(widest - display_width(key) + 2, &line);
        cell_write(&cell, &line);
        display_line(text_get(&line), screen->width, screen->utf8, out);
    }
    out->failed |= line.failed;
    text_clear(&line);
}

/* ---- curve ------------------------------------------------------------------------ */

static void print_sparkline(const struct tree *curve, const char *name,
                            int label, const struct screen *screen,
                            struct text *out)
{
    size_t count = tree_count(curve);
    double *values = calloc(count + 1, sizeof *values);
    double low = INFINITY, high = -INFINITY;
    int room = screen->width > 0 ? screen->width - label - 30 : SPARKLINE_MAX;
    struct text clean = TEXT_INIT;

    if (!values) {
        out->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++) {
        values[i] =
            tree_number(tree_get(tree_get(tree_at(curve, i), "metrics"), name));
        low = isfinite(values[i]) ? fmin(low, values[i]) : low;
        high = isfinite(values[i]) ? fmax(high, values[i]) : high;
    }
    display_clean(name, screen->utf8, &clean);
    display_pad(INDENT, out);
    display_pad(label - display_cut(text_get(&clean), label, screen->utf8, out),
                out);
    display_pad(2, out);
    room = room < 1 ? 1 : room > SPARKLINE_MAX ? SPARKLINE_MAX : room;
    sparkline_print(values, count, (size_t)room, screen->utf8, out);
    if (low <= high)
        text_format(out, "  %.4g .. %.4g", low, high);
    text_append_char(out, '\n');
    out->failed |= clean.failed;
    text_clear(&clean);
    free(values);
}

static void print_sparklines(const struct tree *curve,
                             const struct names *names,
                             const struct screen *screen, struct text *out)
{
    int label = 0;

    for (size_t i = 0; i < names->count; i++) {
        int width = display_width(names->items[i]);
        label = width > label ? width : label;
    }
    if (screen->width > 0 && label > screen->width / 3)
        label = screen->width / 3;
    for (size_t i = 0; i < names->count; i++)
        print_sparkline(curve, names->items[i], label, screen, out);
}

/* A table of the curve's points: every 'stride'-th, the best and the last. */
static void fill_curve(const struct tree *trial, const struct names *names,
                       size_t stride, struct table *t)
{
    const struct tree *curve = tree_get(trial, "curve");
    double best = tree_number(tree_get(trial, "best_step"));

    table_column(t, "step", "step", false);
    table_column(t, "seconds", "time", false);
    table_column(t, "attempt", "attempt", false);
    for (size_t m = 0; m < names->count; m++)
        table_column(t, names->items[m], names->items[m], m > 0);
    for (size_t i = 0; i < tree_count(curve); i++) {
        const struct tree *point = tree_at(curve, i);
        const struct tree *metrics = tree_get(point, "metrics");
        bool is_best = tree_number(tree_get(point, "step")) == best;

        if (i % stride != 0 && !is_best && i + 1 < tree_count(curve))
            continue;
        table_row(t, is_best ? ROW_BEST : ROW_PLAIN);
        table_cell(t, cell_of_number(tree_get(point, "step")));
        table_cell(t, cell_duration(tree_number(tree_get(point, "seconds"))));
        table_cell(t, cell_of_number(tree_get(point, "attempt")));
        for (size_t m = 0; m < names->count; m++)
            table_cell(t, cell_of_number(tree_get(metrics, names->items[m])));
    }
}

static void print_grid(struct table *t, const struct screen *screen,
                       struct text *out)
{
    if (table_ok(t))
        grid_print(t, screen, out);
    else
        out->failed = true;
    table_clear(t);
}

static void print_curve(const struct tree *trial, const struct tree *study,
                        size_t steps, const struct screen *screen,
                        struct text *out)
{
    const struct tree *curve = tree_get(trial, "curve");
    struct names names = names_of(curve, study);
    size_t count = tree_count(curve), stride = 1;
    struct table t;

    if (count == 0)
        return;
    if (steps > 0 && count > steps)
        stride = (count + steps - 1) / steps;
    print_heading("curve", screen, out);
    print_sparklines(curve, &names, screen, out);
    text_append_char(out, '\n');
    table_init(&t);
    fill_curve(trial, &names, stride, &t);
    size_t shown = t.row_count;

    print_grid(&t, screen, out);
    if (shown < count)
        text_format(out, "(%zu of %zu steps; --steps 0 shows all)\n", shown,
                    count);
}

void trial_print_curve(const struct tree *trial, const struct tree *study,
                       struct text *out)
{
    struct names names = names_of(tree_get(trial, "curve"), study);
    struct table t;

    table_init(&t);
    fill_curve(trial, &names, 1, &t);
    if (table_ok(&t))
        csv_print(&t, out);
    else
        out->failed = true;
    table_clear(&t);
}

/* ---- attempts, events, log --------------------------------------------------------- */

/* A moment as the time since 'start'. */
static struct cell since(const struct tree *moment, double start)
{
    return cell_duration(tree_number(moment) - start);
}

static struct cell word(const struct tree *t)
{
    return tree_kind(t) == TREE_NULL ? cell_text(NULL) : cell_of(t);
}

static void print_attempts(const struct tree *attempts, double start,
                           const struct screen *screen, struct text *out)
{
    struct table t;

    if (tree_count(attempts) == 0)
        return;
    print_heading("attempts", screen, out);
    table_init(&t);
    table_column(&t, "attempt", "attempt", false);
    table_column(&t, "outcome", "outcome", false);
    table_column(&t, "started", "after", false);
    table_column(&t, "seconds", "time", false);
    table_column(&t, "worker", "worker", true);
    table_column(&t, "reason", "reason", true);
    for (size_t i = 0; i < tree_count(attempts); i++) {
        const struct tree *a = tree_at(attempts, i);
        const struct tree *started = tree_get(a, "started");

        table_row(&t, ROW_PLAIN);
        table_cell(&t, cell_of_number(tree_get(a, "attempt")));
        table_cell(&t, word(tree_get(a, "outcome")));
        table_cell(&t, since(started, start));
        table_cell(&t, since(tree_get(a, "ended"), tree_number(started)));
        table_cell(&t, word(tree_get(a, "worker")));
        table_cell(&t, word(tree_get(a, "reason")));
    }
    print_grid(&t, screen, out);
}

static void print_events(const struct tree *events, double start,
                         const struct screen *screen, struct text *out)
{
    struct table t;

    if (tree_count(events) == 0)
        return;
    print_heading("events", screen, out);
    table_init(&t);
    table_column(&t, "time", "after", false);
    table_column(&t, "kind", "event", false);
    table_column(&t, "detail", "", true);
    for (size_t i = 0; i < tree_count(events); i++) {
        const struct tree *e = tree_at(events, i);

        table_row(&t, ROW_PLAIN);
        table_cell(&t, since(tree_get(e, "time"), start));
        table_cell(&t, word(tree_get(e, "kind")));
        table_cell(&t, word(tree_get(e, "detail")));
    }
    print_grid(&t, screen, out);
}

static void print_log(const char *path, const char *log,
                      const struct screen *screen, struct text *out)
{
    struct text line = TEXT_INIT;

    if (!log || !*log)
        return;
    print_heading("log", screen, out);
    text_format(&line, "  (the end of %s)", path);
    display_line(text_get(&line), screen->width, screen->utf8, out);
    for (const char *s = log; *s;) {
        size_t length = strcspn(s, "\n");

        text_reset(&line);
        display_pad(INDENT, &line);
        text_append_bytes(&line, s, length);
        display_line(text_get(&line), screen->width, screen->utf8, out);
        s += length + (s[length] == '\n');
    }
    out->failed |= line.failed;
    text_clear(&line);
}

void trial_print(const struct tree *trial, const struct tree *study,
                 const char *log, size_t steps, const struct screen *screen,
                 struct text *out)
{
    double start = tree_number(tree_get(trial, "created"));

    print_head(trial, study, screen, out);
    print_parameters(tree_get(trial, "params"), screen, out);
    print_curve(trial, study, steps, screen, out);
    print_attempts(tree_get(trial, "attempts"), start, screen, out);
    print_events(tree_get(trial, "events"), start, screen, out);
    print_log(tree_text(tree_get(trial, "log")), log, screen, out);
}
