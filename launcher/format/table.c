/* table: rows of typed cells, and how one column's numbers are written.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/format/table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Significant figures of the largest number of a column, at most, and of the
 * least one, at least. */
enum { FIGURES_MOST = 5, FIGURES_LEAST = 3 };

struct cell cell_number(double number)
{
    return (struct cell){ CELL_NUMBER, number, NAN, NULL };
}

struct cell cell_text(const char *text)
{
    return (struct cell){ text ? CELL_TEXT : CELL_NONE, NAN, NAN, text };
}

struct cell cell_duration(double seconds)
{
    if (isnan(seconds))
        return cell_text(NULL);
    return (struct cell){ CELL_DURATION, seconds, NAN, NULL };
}

struct cell cell_fraction(double number, double whole)
{
    if (isnan(whole))
        return cell_text(NULL);
    return (struct cell){ CELL_FRACTION, number, whole, NULL };
}

struct cell cell_range(double first, double last)
{
    if (isnan(last))
        return cell_text(NULL);
    return (struct cell){ CELL_RANGE, first, last, NULL };
}

struct cell cell_spread(double number, double deviation)
{
    if (isnan(deviation) || isnan(number))
        return cell_number(number);
    return (struct cell){ CELL_SPREAD, number, deviation, NULL };
}

struct cell cell_of(const struct tree *scalar)
{
    switch (tree_kind(scalar)) {
    case TREE_INT:
    case TREE_FLOAT:
        return cell_number(tree_number(scalar));
    case TREE_BOOL:
        return cell_text(tree_truth(scalar) ? "true" : "false");
    case TREE_STRING:
        return cell_text(tree_text(scalar));
    case TREE_NULL:
        return cell_text(scalar ? "null" : NULL);
    default:
        return cell_text("(...)");
    }
}

struct cell cell_of_number(const struct tree *scalar)
{
    return tree_is_number(scalar) ? cell_number(tree_number(scalar))
                                  : cell_text(NULL);
}

void table_init(struct table *t)
{
    memset(t, 0, sizeof *t);
}

void table_clear(struct table *t)
{
    free(t->columns);
    free(t->cells);
    free(t->styles);
    table_init(t);
}

/* 'items' with room for one more after 'count' of 'size' bytes each; NULL, and
 * the table failed, when out of memory. */
static void *grow(struct table *t, void *items, size_t count, size_t *capacity,
                  size_t size)
{
    if (count < *capacity)
        return items;
    size_t wanted = *capacity * 2 + 16;
    void *more = realloc(items, wanted * size);
    if (more)
        *capacity = wanted;
    else
        t->failed = true;
    return more;
}

void table_column(struct table *t, const char *name, const char *heading,
                  bool elastic)
{
    struct table_column *columns = grow(t, t->columns, t->column_count,
                                        &t->column_capacity, sizeof *columns);

    if (!columns)
        return;
    t->columns = columns;
    columns[t->column_count++] =
        (struct table_column){ name, heading, elastic };
}

void table_row(struct table *t, enum row_style style)
{
    enum row_style *styles =
        grow(t, t->styles, t->row_count, &t->row_capacity, sizeof *styles);

    if (!styles)
        return;
    t->styles = styles;
    styles[t->row_count++] = style;
}

void table_cell(struct table *t, struct cell cell)
{
    struct cell *cells =
        grow(t, t->cells, t->cell_count, &t->cell_capacity, sizeof *cells);

    if (!cells)
        return;
    t->cells = cells;
    cells[t->cell_count++] = cell;
}

bool table_ok(const struct table *t)
{
    return !t->failed && t->cell_count == t->row_count * t->column_count;
}

const struct cell *table_at(const struct table *t, size_t row, size_t c)
{
    return &t->cells[row * t->column_count + c];
}

static bool is_whole(double v)
{
    return v == floor(v) && fabs(v) < 1e15;
}

/* Digits before the point, at least 1. */
static int whole_digits(double v)
{
    int digits = 1;

    v = fabs(v);
    while (v >= 10) {
        v /= 10;
        digits++;
    }
    return digits;
}

/* Digits after the point that 'v', rounded to 'decimals' of them, needs. */
static int needed(double v, int decimals)
{
    char s[64];
    int length = snprintf(s, sizeof s, "%.*f", decimals, v);

    while (decimals > 0 && s[--length] == '0')
        decimals--;
    return decimals;
}

/* Whether 'cell' is a number, with a spread or without, that has a size. */
static bool has_size(const struct cell *cell)
{
    return (cell->kind == CELL_NUMBER || cell->kind == CELL_SPREAD) &&
           isfinite(cell->number);
}

/* The size of the numbers in a column. */
struct extent {
    double least, most; /* of the absolute values that are not 0 */
    bool whole;
};

static struct extent extent_of(const struct table *t, size_t c)
{
    struct extent e = { INFINITY, 0, true };

    for (size_t i = c; i < t->cell_count; i += t->column_count) {
        const struct cell *cell = &t->cells[i];
        if (!has_size(cell))
            continue;
        e.whole = e.whole && is_whole(cell->number);
        e.most = fmax(e.most, fabs(cell->number));
        if (cell->number != 0)
            e.least = fmin(e.least, fabs(cell->number));
    }
    return e;
}

struct table_form table_form(const struct table *t, size_t c)
{
    struct table_form form = { true, 0 };
    struct extent e = extent_of(t, c);
    bool any = false;

    for (size_t i = c; i < t->cell_count; i += t->column_count) {
        form.numeric = form.numeric && t->cells[i].kind != CELL_TEXT;
        any = any || t->cells[i].kind != CELL_NONE;
    }
    form.numeric = form.numeric && any;
    if (e.whole)
        return form;
    if (!form.numeric || e.least < 1e-3 || e.most >= 1e5) {
        form.decimals = -1;
        return form;
    }
    int most = FIGURES_MOST - whole_digits(e.most);
    int least = FIGURES_LEAST - 1 - (int)floor(log10(e.least));
    int limit = most > least ? most : least;

    for (size_t i = c; i < t->cell_count; i += t->column_count)
        if (has_size(&t->cells[i]) && form.decimals < limit) {
            int n = needed(t->cells[i].number, limit);
            form.decimals = n > form.decimals ? n : form.decimals;
        }
    return form;
}

/* Both by the form of the column, which the means decide on. */
static void show_spread(const struct cell *cell, struct table_form form,
                        struct text *out)
{
    const struct cell mean = cell_number(cell->number);
    const struct cell deviation = cell_number(cell->whole);

    cell_show(&mean, form, out);
    text_append(out, " ± ");
    cell_show(&deviation, form, out);
}

void cell_show(const struct cell *cell, struct table_form form,
               struct text *out)
{
    if (cell->kind == CELL_TEXT)
        text_append(out, cell->text);
    else if (cell->kind == CELL_DURATION && isfinite(cell->number))
        text_append_duration(out, cell->number);
    else if (cell->kind == CELL_NUMBER && form.decimals < 0 &&
             !is_whole(cell->number))
        text_format(out, "%.3g", cell->number);
    else if (cell->kind == CELL_NUMBER && isfinite(cell->number) &&
             form.decimals >= 0)
        text_format(out, "%.*f", form.decimals, cell->number);
    else if (cell->kind == CELL_SPREAD)
        show_spread(cell, form, out);
    else
        cell_write(cell, out);
}

static void write_spread(const struct cell *cell, struct text *out)
{
    text_append_double(out, cell->number);
    text_append(out, " ± ");
    text_append_double(out, cell->whole);
}

void cell_write(const struct cell *cell, struct text *out)
{
    if (cell->kind == CELL_TEXT)
        text_append(out, cell->text);
    else if (cell->kind == CELL_FRACTION && isnan(cell->number))
        text_format(out, "-/%.0f", cell->whole);
    else if (cell->kind == CELL_SPREAD)
        write_spread(cell, out);
    else if (cell->kind == CELL_RANGE && cell->number != cell->whole)
        text_format(out, "%.0f..%.0f", cell->number, cell->whole);
    else if (cell->kind == CELL_FRACTION)
        text_format(out, "%.0f/%.0f", cell->number, cell->whole);
    else if (cell->kind != CELL_NONE && is_whole(cell->number))
        text_format(out, "%.0f", cell->number);
    else if (cell->kind != CELL_NONE)
        text_append_double(out, cell->number);
}
