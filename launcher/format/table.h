/* table: rows of typed cells, before anyone decides how they look.
 *
 * A table does not know what it shows: the leaderboard, a trial's curve and a
 * study's workers are all tables; grid.h, csv.h and markdown.h write them.
 * Order: table_init(), table_column()..., then cells row by row, table_ok(),
 * writing, table_clear(). Strings are borrowed until then. A failed allocation
 * is kept and told by table_ok().
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_FORMAT_TABLE_H
#define LAUNCHER_FORMAT_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"
#include "base/tree.h"

enum cell_kind {
    CELL_NONE,
    CELL_TEXT,
    CELL_NUMBER,
    CELL_DURATION, /* seconds */
    CELL_FRACTION, /* 'number' of 'whole': "6/8" */
    CELL_RANGE,    /* from 'number' to 'whole': "1..3", "1" */
    CELL_SPREAD    /* 'number', and 'whole' to either side: "0.75 ± 0.03" */
};

struct cell {
    enum cell_kind kind;
    double number, whole;
    const char *text; /* borrowed; for CELL_TEXT */
};

/* Cells by value. cell_of() takes a scalar as it is: an absent one (NULL) is
 * CELL_NONE; null, booleans and strings are text. A duration that is NAN
 * and a fraction or range whose whole is NAN are none, too; a spread without a
 * deviation is a number. */
struct cell cell_number(double number);
struct cell cell_duration(double seconds);
struct cell cell_text(const char *text);
struct cell cell_fraction(double number, double whole);
struct cell cell_range(double first, double last);
struct cell cell_spread(double number, double deviation);
struct cell cell_of(const struct tree *scalar);

/* A number, which JSON may hold as the word "nan" or "inf"; else none. */
struct cell cell_of_number(const struct tree *scalar);

enum row_style { ROW_PLAIN, ROW_BEST, ROW_DIM };

struct table_column {
    const char *name;    /* exact, for programs */
    const char *heading; /* for people */
    bool elastic;        /* may be shortened or left out on a narrow screen */
};

struct table {
    struct table_column *columns;
    size_t column_count, column_capacity;
    struct cell *cells; /* row by row */
    size_t cell_count, cell_capacity;
    enum row_style *styles; /* one a row */
    size_t row_count, row_capacity;
    bool failed;
};

/* An empty table; free what it owns. */
void table_init(struct table *t);
void table_clear(struct table *t);

/* Add a column; all of them come before the first row. */
void table_column(struct table *t, const char *name, const char *heading,
                  bool elastic);

/* Begin a row, then add its cells in the order of the columns. */
void table_row(struct table *t, enum row_style style);
void table_cell(struct table *t, struct cell cell);

/* Whether nothing was lost and every row is full. */
bool table_ok(const struct table *t);

/* The cell in 'row' and column 'c'; borrowed. */
const struct cell *table_at(const struct table *t, size_t row, size_t c);

/* How the numbers of a column are written for people: 'decimals' digits after
 * the point, or each with three significant digits when 'decimals' < 0. */
struct table_form {
    bool numeric; /* only numbers: aligned right */
    int decimals;
};

/* The form that suits column 'c': whole numbers as such, values of one size
 * with equal digits after the point and no needless zeros; numbers among words
 * each for itself. */
struct table_form table_form(const struct table *t, size_t c);

/* Append the cell for people (by 'form', not cleaned), or exactly, as programs
 * read it back (seconds as a number). CELL_NONE appends nothing. */
void cell_show(const struct cell *cell, struct table_form form,
               struct text *out);
void cell_write(const struct cell *cell, struct text *out);

#endif
