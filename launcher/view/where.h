/* where: choose rows by an expression.
 *
 *     expression = all { "or" all }
 *     all        = test { "and" test }
 *     test       = "not" test | "(" expression ")" | column operator value
 *     operator   = "=" "==" "!=" "<" "<=" ">" ">=" "~" (contains)
 *     value      = a number, a word, or a 'quoted' or "quoted" text
 *
 * "model.fusion.depth>=3 and state=complete". A column holding a number is
 * compared as a number with a value that is one, otherwise as text. A trial
 * that has no such value matches != only.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_VIEW_WHERE_H
#define LAUNCHER_VIEW_WHERE_H

#include <stdbool.h>

#include "base/error.h"
#include "launcher/view/column.h"

struct where;

/* Read 'text'; column names are looked up in 'known', which must outlive the
 * result. Returns the expression, which the caller destroys, or NULL with
 * 'err' (kind USAGE, where "--where:COLUMN", nearest column named). */
struct where *where_parse(const char *text, const struct columns *known,
                          struct error *err);
void where_destroy(struct where *w);

/* Whether 'e' matches. */
bool where_match(const struct where *w, const struct entry *e);

#endif
