/* table: a file of rows with named columns, of which some are wanted.
 *
 * JSON Lines (jsonl.h) when its name ends with .jsonl or .ndjson, else CSV
 * (csv.h), whose first line names the columns.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_TABLE_TABLE_H
#define TRAINER_DATA_TABLE_TABLE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "trainer/data/table/csv.h"
#include "trainer/data/table/jsonl.h"

struct table_form {
    char separator; /* CSV */
    bool quotes;    /* CSV; false: they are ordinary characters */
};

struct table {
    const char *name; /* borrowed */
    void *map;        /* the file */
    size_t size;
    size_t count; /* columns wanted */
    bool lines;   /* JSON Lines */
    struct csv csv;
    struct jsonl jsonl;
    size_t *at; /* [count]: which field of a CSV record it is */
};

/* Open the file 'name' for the 'count' columns named; these and 'name' are
 * borrowed until table_close(). Returns 0, or -1 with 'err' (kind USAGE for
 * what is wrong with the file or the columns) and nothing to close. */
int table_open(struct table *t, const char *name, const struct table_form *form,
               const char *const *column, size_t count, struct error *err);

/* Read the next row: its fields into 'field' [count], valid until the next.
 * Returns 1, 0 at the end, or -1 with 'err' (kind USAGE, where "name:line"). */
int table_next(struct table *t, const char **field, struct error *err);

/* The line where this row starts. */
size_t table_line(const struct table *t);

/* Release all; a zeroed one is fine. */
void table_close(struct table *t);

#endif
