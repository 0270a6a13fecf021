/* display: text as a terminal shows it, made safe first.
 *
 * Names, choices and log lines come from files and programs; whatever is in
 * them, it may not move the cursor, clear the screen, reverse the reading
 * direction or break a row in two.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_FORMAT_DISPLAY_H
#define LAUNCHER_FORMAT_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* Append 's' with control characters, bidirectional overrides, invisible
 * characters and bytes that are no UTF-8 written out ("\n", "\x1b",
 * "\u202e"). Without 'utf8' every character beyond ASCII becomes '?'. */
void display_clean(const char *s, bool utf8, struct text *out);

/* Columns that cleaned text takes: 2 for East Asian wide characters and
 * emoji, 0 for combining ones. */
int display_width(const char *clean);

/* Append cleaned text cut to 'width' columns, the cut shown by an ellipsis
 * ("…", or ".." without 'utf8'). Returns the columns taken. */
int display_cut(const char *clean, int width, bool utf8, struct text *out);

/* Append 'raw' cleaned, cut to 'width' columns (0: not cut), and a newline. */
void display_line(const char *raw, int width, bool utf8, struct text *out);

/* Append a cleaned line in lines of at most 'width' columns (0: as it is) and a
 * newline: broken after spaces and commas, further lines begin at 'indent'.
 * What cannot be broken is left too long. */
void display_wrap(const char *clean, int width, int indent, struct text *out);

/* Append 'count' spaces; none when negative. */
void display_pad(int count, struct text *out);

#endif
