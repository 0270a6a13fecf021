/* grid: a table as aligned columns in a terminal.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_FORMAT_GRID_H
#define LAUNCHER_FORMAT_GRID_H

#include "base/text.h"
#include "launcher/format/screen.h"
#include "launcher/format/table.h"

/* Append 't' under its headings, no line wider than the screen. On a narrow
 * one elastic headings first lose their dotted prefix as far as they stay
 * distinct, then elastic columns are cut, then left out from the right and
 * named below. The best rows are marked by '*' (bold on a fancy screen), dim
 * ones are dim. Control characters are written out. */
void grid_print(const struct table *t, const struct screen *screen,
                struct text *out);

#endif
