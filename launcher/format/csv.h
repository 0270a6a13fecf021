/* csv: a table as comma- or tab-separated lines, numbers exact.
 *
 * A text that a spreadsheet would run as a formula (first character = + - @,
 * tab or carriage return, and not a number) gets a leading apostrophe.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_FORMAT_CSV_H
#define LAUNCHER_FORMAT_CSV_H

#include "base/text.h"
#include "launcher/format/table.h"

/* Append a header line with the columns' names and a line a row, ended by a
 * newline; fields quoted as RFC 4180 says where they need it. */
void csv_print(const struct table *t, struct text *out);

/* The same with tabs; tab, newline, carriage return and backslash inside a
 * field are written \t, \n, \r and \\, so that a line is always a row. */
void tsv_print(const struct table *t, struct text *out);

#endif
