/* json: the door to jansson; JSON text to a tree and back.
 *
 * NaN and infinities, which JSON cannot say, are written as the strings
 * "nan", "inf", "-inf"; tree_number() reads them back.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "base/tree.h"

/* Read 'size' bytes holding one JSON value; duplicate keys and trailing bytes
 * are refused. 'name' is used in messages. Returns the tree, which the caller
 * destroys, or NULL with 'err' (kind USAGE, where "name:line:column"). */
struct tree *json_parse(const char *data, size_t size, const char *name,
                        struct error *err);

/* Append 't' as compact JSON on one line (no newline at the end), doubles in
 * the shortest form that reads back equal. NULL is written as null; a byte
 * that is no UTF-8 as U+FFFD, so that the text can be read whatever it says. */
void json_format(const struct tree *t, struct text *out);

/* The same over several lines, two spaces a level, newline at the end. */
void json_format_pretty(const struct tree *t, struct text *out);

/* The version of jansson that is linked. */
const char *json_version(void);

#endif
