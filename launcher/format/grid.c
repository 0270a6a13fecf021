/* grid: a table as aligned columns in a terminal.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/format/grid.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/format/display.h"

enum {
    MARGIN = 2,     /* the mark of the best row */
    GAP = 2,        /* between columns */
    LEAST_TEXT = 8, /* texts and headings are not cut below */
    LEAST_HEAD = 6  /* over numbers, which are never cut */
};

struct place {
    struct table_form form;
    const char *heading;
    int width; /* of the column */
    int cells; /* of its widest cell */
    int whole; /* at which nothing is cut */
    bool hidden;
};

struct grid {
    const struct table *table;
    const struct screen *screen;
    struct place *places;   /* one a column */
    struct text raw, clean; /* scratch */
    struct text *out;
};

/* The cell as it is shown, cleaned; valid until the next call. */
static const char *shown(struct grid *g, size_t row, size_t c)
{
    text_reset(&g->raw);
    text_reset(&g->clean);
    cell_show(table_at(g->table, row, c), g->places[c].form, &g->raw);
    display_clean(text_get(&g->raw), g->screen->utf8, &g->clean);
    return text_get(&g->clean);
}

static const char *cleaned(struct grid *g, const char *s)
{
    text_reset(&g->clean);
    display_clean(s, g->screen->utf8, &g->clean);
    return text_get(&g->clean);
}

static void set_width(struct grid *g, struct place *p)
{
    int width = display_width(cleaned(g, p->heading));

    p->whole = p->width = width > p->cells ? width : p->cells;
}

/* The widths at which nothing is lost. */
static void measure(struct grid *g)
{
    for (size_t c = 0; c < g->table->column_count; c++) {
        struct place *p = &g->places[c];

        p->form = table_form(g->table, c);
        p->heading = g->table->columns[c].heading;
        for (size_t row = 0; row < g->table->row_count; row++) {
            int width = display_width(shown(g, row, c));
            p->cells = width > p->cells ? width : p->cells;
        }
        set_width(g, p);
    }
}

static int total(const struct grid *g)
{
    int width = MARGIN - GAP;

    for (size_t c = 0; c < g->table->column_count; c++)
        if (!g->places[c].hidden)
            width += g->places[c].width + GAP;
    return width;
}

static bool too_wide(const struct grid *g)
{
    return g->screen->width > 0 && total(g) > g->screen->width;
}

/* Whether 'suffix' ends another heading than number 'c' after a dot. */
static bool is_shared(const struct table *t, size_t c, const char *suffix)
{
    size_t length = strlen(suffix);

    for (size_t i = 0; i < t->column_count; i++) {
        const char *heading = t->columns[i].heading;
        size_t size = strlen(heading);
        if (i == c || size < length ||
            strcmp(heading + size - length, suffix) != 0)
            continue;
        if (size == length || heading[size - length - 1] == '.')
            return true;
    }
    return false;
}

/* The shortest tail of heading 'c' that no other heading has. */
static const char *short_heading(const struct table *t, size_t c)
{
    const char *heading = t->columns[c].heading;

    for (const char *s = heading + strlen(heading); s > heading; s--)
        if (s[-1] == '.' && *s && !is_shared(t, c, s))
            return s;
    return heading;
}

static void shorten_headings(struct grid *g)
{
    for (size_t c = 0; c < g->table->column_count; c++) {
        struct place *p = &g->places[c];
        if (!g->table->columns[c].elastic)
            continue;
        p->heading = short_heading(g->table, c);
        set_width(g, p);
    }
}

/* How narrow column 'c' may become. */
static int least_width(const struct grid *g, size_t c)
{
    const struct place *p = &g->places[c];
    int least = p->form.numeric ? LEAST_HEAD : LEAST_TEXT;

    if (p->form.numeric && p->cells > least)
        return p->cells;
    return least;
}

/* Make the widest column that gives way one narrower; false when none does. */
static bool squeeze(struct grid *g)
{
    struct place *widest = NULL;

    for (size_t c = 0; c < g->table->column_count; c++) {
        struct place *p = &g->places[c];
        if (g->table->columns[c].elastic && !p->hidden &&
            p->width > least_width(g, c) &&
            (!widest || p->width > widest->width))
            widest = p;
    }
    if (widest)
        widest->width--;
    return widest != NULL;
}

/* Leave the last elastic column out; else the last but the first. */
static bool hide(struct grid *g)
{
    struct place *last = NULL;
    size_t count = g->table->column_count;

    for (size_t c = count; c > 1 && !last; c--)
        if (g->table->columns[c - 1].elastic && !g->places[c - 1].hidden)
            last = &g->places[c - 1];
    for (size_t c = count; c > 1 && !last; c--)
        if (!g->places[c - 1].hidden)
            last = &g->places[c - 1];
    if (last)
        last->hidden = true;
    return last != NULL;
}

/* Give the room that hiding left back to the columns that were cut. */
static void regrow(struct grid *g)
{
    for (size_t c = 0; c < g->table->column_count; c++) {
        struct place *p = &g->places[c];
        int spare = g->screen->width - total(g);

        if (!p->hidden && p->width < p->whole && spare > 0)
            p->width +=
                p->whole - p->width < spare ? p->whole - p->width : spare;
    }
}

static void fit(struct grid *g)
{
    if (too_wide(g))
        shorten_headings(g);
    while (too_wide(g) && squeeze(g))
        ;
    while (too_wide(g) && hide(g))
        ;
    regrow(g);
}

/* Append 'clean' into a column; '*due' spaces come first, and those that fill
 * the column are due then, so that no line ends in spaces. */
static void put(struct grid *g, const struct place *p, const char *clean,
                int *due)
{
    int width = display_width(clean);
    int fill = width < p->width ? p->width - width : 0;

    if (width == 0) {
        *due += p->width + GAP;
        return;
    }
    display_pad(*due + (p->form.numeric ? fill : 0), g->out);
    display_cut(clean, p->width, g->screen->utf8, g->out);
    *due = GAP + (p->form.numeric ? 0 : fill);
}

static void print_heading(struct grid *g)
{
    int due = MARGIN;

    text_append(g->out, g->screen->fancy ? "\033[1m" : "");
    for (size_t c = 0; c < g->table->column_count; c++)
        if (!g->places[c].hidden)
            put(g, &g->places[c], cleaned(g, g->places[c].heading), &due);
    text_append(g->out, g->screen->fancy ? "\033[0m\n" : "\n");
}

static void print_row(struct grid *g, size_t row)
{
    static const char *const codes[] = {
        [ROW_PLAIN] = "", [ROW_BEST] = "\033[1m", [ROW_DIM] = "\033[2m"
    };
    enum row_style style = g->table->styles[row];
    bool coloured = g->screen->fancy && style != ROW_PLAIN;
    int due = MARGIN;

    text_append(g->out, coloured ? codes[style] : "");
    if (style == ROW_BEST) {
        text_append_char(g->out, '*');
        due--;
    }
    for (size_t c = 0; c < g->table->column_count; c++)
        if (!g->places[c].hidden)
            put(g, &g->places[c], shown(g, row, c), &due);
    text_append(g->out, coloured ? "\033[0m\n" : "\n");
}

/* Name what was left out. */
static void print_hidden(struct grid *g)
{
    struct text names = TEXT_INIT, line = TEXT_INIT;
    size_t count = 0;

    for (size_t c = 0; c < g->table->column_count; c++)
        if (g->places[c].hidden) {
            text_append(&names, count++ ? ", " : "");
            text_append(&names, g->places[c].heading);
        }
    text_format(&line, "(%zu more on a wider screen: %s)", count,
                text_get(&names));
    if (count > 0) {
        display_cut(cleaned(g, text_get(&line)), g->screen->width,
                    g->screen->utf8, g->out);
        text_append_char(g->out, '\n');
    }
    g->out->failed |= names.failed || line.failed;
    text_clear(&names);
    text_clear(&line);
}

void grid_print(const struct table *t, const struct screen *screen,
                struct text *out)
{
    struct grid g = { .table = t, .screen = screen, .out = out };

    assert(table_ok(t));
    g.places = calloc(t->column_count + 1, sizeof *g.places);
    if (!g.places) {
        out->failed = true;
        return;
    }
    measure(&g);
    fit(&g);
    print_heading(&g);
    for (size_t row = 0; row < t->row_count; row++)
        print_row(&g, row);
    print_hidden(&g);
    out->failed |= g.raw.failed || g.clean.failed;
    free(g.places);
    text_clear(&g.raw);
    text_clear(&g.clean);
}
