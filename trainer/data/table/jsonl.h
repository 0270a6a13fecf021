/* jsonl: records of a JSON Lines file, one after another.
 *
 * An object a line, its keys the columns; lines end with LF or CRLF, a UTF-8
 * byte order mark and empty lines are skipped. A field is text, as in CSV: a
 * string as it is, a number in its shortest form, true and false as words, null
 * and a key that is not there as nothing, a list as its values with spaces
 * between (lists in it alike). An object in a field is an error, and so is a
 * column that no line of the file has: a slip in its name would else be a table
 * of empty fields.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_TABLE_JSONL_H
#define TRAINER_DATA_TABLE_JSONL_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"
#include "base/tree.h"

struct jsonl {
    const char *name; /* of the file, for messages; borrowed */
    const char *data; /* borrowed */
    size_t size, at;
    size_t line;        /* the next one, from 1 */
    size_t record_line; /* where this record stands */

    const char *const *column; /* [count] wanted; borrowed */
    size_t count;
    bool *seen;         /* [count]: some line has it */
    size_t *start;      /* [count]: into 'record' */
    struct text record; /* all fields, a NUL after each */
    struct tree *first; /* the first record: its keys are the known ones */
};

/* Read the 'count' columns named of 'size' bytes at 'data'; all is borrowed
 * until jsonl_close(). Returns 0, or -1 with 'err' when memory is out. */
int jsonl_open(struct jsonl *j, const char *name, const char *data, size_t size,
               const char *const *column, size_t count, struct error *err);

/* Read the next record. Returns 1, 0 at the end, or -1 with 'err' (kind USAGE,
 * where "name:line"). */
int jsonl_next(struct jsonl *j, struct error *err);

/* Column 'i' < count of this record, valid until the next. */
const char *jsonl_field(const struct jsonl *j, size_t i);

/* Release all; a zeroed one is fine. */
void jsonl_close(struct jsonl *j);

#endif
