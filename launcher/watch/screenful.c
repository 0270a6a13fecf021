/* screenful: see screenful.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/watch/screenful.h"

#include <math.h>
#include <string.h>

#include "launcher/format/display.h"
#include "launcher/format/grid.h"
#include "launcher/format/sparkline.h"
#include "launcher/format/table.h"
#include "launcher/view/leaderboard.h"
#include "launcher/view/summary.h"
#include "launcher/view/trial.h"

enum { WORKERS_MAX = 16, CURVE_WIDTH = 24, CURVE_MAX = 4096, STEPS = 20 };
enum { ROWS_LEAST = 3 };

#define REVERSE "\033[7m"
#define PLAIN   "\033[0m"

/* ---- lines ---------------------------------------------------------------- */

static size_t count_lines(const char *s)
{
    size_t count = 0;

    for (; *s; s++)
        count += *s == '\n';
    return count;
}

/* Append at most 'most' whole lines from the one numbered 'from'. Returns how
 * many. */
static size_t append_lines(const char *s, size_t from, size_t most,
                           struct text *out)
{
    size_t count = 0;

    for (size_t i = 0; *s && count < most; i++) {
        size_t length = strcspn(s, "\n") + 1;

        if (i >= from) {
            text_append_bytes(out, s, length);
            count++;
        }
        s += length;
    }
    return count;
}

/* Append a cleaned line as wide as the screen in reverse, without the styles in
 * it. */
static void append_reverse(const char *line, size_t length,
                           const struct screen *screen, struct text *out)
{
    struct text plain = TEXT_INIT;

    for (size_t i = 0; i < length; i++)
        if (line[i] == '\033')
            i += strcspn(line + i, "m");
        else
            text_append_char(&plain, line[i]);
    text_append(out, REVERSE);
    display_pad(screen->width - display_cut(text_get(&plain), screen->width,
                                            screen->utf8, out),
                out);
    text_append(out, PLAIN "\n");
    out->failed |= plain.failed;
    text_clear(&plain);
}

/* ---- who is at which trial ------------------------------------------------ */

/* The objective's value at a point of a trial's curve. */
static double value_at(const struct tree *point, const char *metric)
{
    return tree_number(tree_get(tree_get(point, "metrics"), metric));
}

/* A trial's curve as a sparkline; its last value. */
static double append_curve(const struct tree *trial, const char *metric,
                           bool utf8, struct text *out)
{
    const struct tree *curve = tree_get(trial, "curve");
    size_t count = tree_count(curve);
    size_t from = count > CURVE_MAX ? count - CURVE_MAX : 0;
    double values[CURVE_MAX], last = NAN;

    for (size_t i = from; i < count; i++) {
        double value = value_at(tree_at(curve, i), metric);

        values[i - from] = value;
        last = isnan(value) ? last : value;
    }
    sparkline_print(values, count - from, CURVE_WIDTH, utf8, out);
    return last;
}

static void fill_workers(const struct observation *o, size_t count,
                         const struct screen *screen, struct text *curves,
                         struct table *t)
{
    static const char *const names[] = { "worker", "trial", "attempt", "step" };
    const struct tree *study = tree_get(o->board, "study");
    const struct tree *workers = tree_get(study, "workers");

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        table_column(t, names[i], names[i], false);
    table_column(t, "seen_s", "last seen", false);
    table_column(t, "value", "now", false);
    table_column(t, "curve", "curve", true);
    for (size_t i = 0; i < count; i++) {
        const struct tree *w = tree_at(workers, i);
        double value = append_curve(tree_at(o->running, i),
                                    tree_text(tree_get(study, "metric")),
                                    screen->utf8, &curves[i]);

        table_row(t, ROW_PLAIN);
        for (size_t k = 0; k < sizeof names / sizeof *names; k++) {
            const struct tree *cell = tree_get(w, names[k]);

            table_cell(t, cell_of(tree_kind(cell) == TREE_NULL ? NULL : cell));
        }
        table_cell(t, cell_duration(tree_number(tree_get(w, "seen_s"))));
        table_cell(t, isnan(value) ? cell_text(NULL) : cell_number(value));
        table_cell(t, cell_text(text_get(&curves[i])));
    }
}

static void append_workers(const struct observation *o, int height,
                           const struct screen *screen, struct text *out)
{
    size_t all = tree_count(tree_get(tree_get(o->board, "study"), "workers"));
    size_t room = screenful_workers(height);
    size_t count =
        tree_count(o->running) < room ? tree_count(o->running) : room;
    struct text curves[WORKERS_MAX] = { TEXT_INIT };
    struct table t;

    count = count < all ? count : all;
    if (count == 0)
        return;
    table_init(&t);
    fill_workers(o, count, screen, curves, &t);
    text_append_char(out, '\n');
    if (table_ok(&t))
        grid_print(&t, screen, out);
    if (all > count)
        text_format(out, "  and %zu more\n", all - count);
    out->failed |= !table_ok(&t);
    table_clear(&t);
    for (size_t i = 0; i < count; i++)
        text_clear(&curves[i]);
}

size_t screenful_workers(int height)
{
    int room = (height - 12) / 3;

    return room < 1 ? 1 : room > WORKERS_MAX ? WORKERS_MAX : (size_t)room;
}

/* ---- the leaderboard ------------------------------------------------------ */

static int print_rows(const struct observation *o, const struct choices *c,
                      const struct screen *screen, size_t page,
                      struct text *out)
{
    const struct leaderboard_options options = {
        .where = *c->where ? c->where : NULL,
        .sort = *c->sort ? c->sort : NULL,
        .skip = (int64_t)c->first,
        .top = (int64_t)(c->first + page),
        .bare = true,
        .screen = *screen,
    };

    return leaderboard_print(o->board, &options, out, NULL);
}

/* The heading and 'page' rows, the selected one in reverse. */
static void append_rows(const struct observation *o, const struct choices *c,
                        const struct screen *screen, size_t page,
                        struct text *out)
{
    struct text rows = TEXT_INIT;
    const char *s;

    if (*o->trouble || print_rows(o, c, screen, page, &rows) < 0)
        goto out;
    s = text_get(&rows);
    for (size_t i = 0; *s && i <= page; i++) {
        size_t length = strcspn(s, "\n");

        if (i > 0 && c->first + i - 1 == c->row && o->rows > 0)
            append_reverse(s, length, screen, out);
        else
            text_append_bytes(out, s, length + 1);
        s += length + (s[length] == '\n');
    }
out:
    out->failed |= rows.failed;
    text_clear(&rows);
}

/* ---- the whole ------------------------------------------------------------ */

/* "3-14 of 24 by -seconds where depth>2" and what the keys do; what is typed;
 * or what is wrong. */
static void append_last(const struct observation *o, const struct choices *c,
                        const struct screen *screen, size_t page,
                        struct text *out)
{
    struct text line = TEXT_INIT, clean = TEXT_INIT;
    size_t end = c->first + page < o->rows ? c->first + page : o->rows;

    if (c->prompt == PROMPT_SORT)
        text_format(&line, "sort by: %s_", c->typed);
    else if (c->prompt == PROMPT_WHERE)
        text_format(&line, "only trials where: %s_", c->typed);
    else if (*o->trouble)
        text_append(&line, o->trouble);
    else if (c->open || c->help)
        text_append(&line, "enter back  j/k move");
    else {
        text_format(&line, "%zu-%zu of %zu", o->rows ? c->first + 1 : 0, end,
                    o->rows);
        text_format(&line, *c->sort ? " by %s" : "%s", c->sort);
        text_format(&line, *c->where ? " where %s" : "%s", c->where);
        text_format(&line, "%s  %s", c->still ? " (still)" : "", choices_hint);
    }
    display_clean(text_get(&line), screen->utf8, &clean);
    append_reverse(text_get(&clean), clean.size, screen, out);
    out->failed |= line.failed || clean.failed;
    text_clear(&line);
    text_clear(&clean);
}

/* The open trial or the help, from the line chosen. */
static size_t append_scrolled(const char *lines, struct choices *c, size_t page,
                              struct text *out)
{
    size_t count = count_lines(lines);
    size_t last = count > page ? count - page : 0;

    c->line = c->line < last ? c->line : last;
    return append_lines(lines, c->line, page, out);
}

static size_t append_open(const struct observation *o, struct choices *c,
                          const struct screen *screen, size_t page,
                          struct text *out)
{
    struct text trial = TEXT_INIT;
    size_t count;

    trial_print(o->trial, tree_get(o->board, "study"),
                tree_text(tree_get(o->log, "tail")), STEPS, screen, &trial);
    count = append_scrolled(text_get(&trial), c, page, out);
    out->failed |= trial.failed;
    text_clear(&trial);
    return count;
}

/* Head, workers and rows. Returns how many rows there was room for. */
static size_t append_study(const struct observation *o, const struct choices *c,
                           const struct screen *screen, size_t room,
                           struct text *out)
{
    struct text head = TEXT_INIT;
    size_t used, page;

    summary_head(tree_get(o->board, "study"), screen, &head);
    append_workers(o, (int)room + 1, screen, &head);
    text_append_char(&head, '\n');
    used = append_lines(text_get(&head), 0,
                        room > 1 + ROWS_LEAST ? room - 1 - ROWS_LEAST : 0, out);
    page = room > used + 1 ? room - used - 1 : 0;
    if (room > used)
        append_rows(o, c, screen, page, out);
    out->failed |= head.failed;
    text_clear(&head);
    return page;
}

size_t screenful_print(const struct observation *o, struct choices *c,
                       const struct screen *screen, int height,
                       struct text *out)
{
    size_t room = height > 1 ? (size_t)height - 1 : 0, page = room;
    size_t before = count_lines(text_get(out)), used;

    if (c->help)
        append_scrolled(choices_help, c, room, out);
    else if (c->open && o->trial)
        append_open(o, c, screen, room, out);
    else
        page = append_study(o, c, screen, room, out);
    for (used = count_lines(text_get(out)) - before; used < room; used++)
        text_append_char(out, '\n');
    append_last(o, c, screen, page, out);
    return page;
}
