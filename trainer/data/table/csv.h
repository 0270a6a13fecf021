/* csv: records of a CSV or TSV file, one after another.
 *
 * RFC 4180: quoted fields may hold separators, line breaks and doubled quotes;
 * lines end with LF or CRLF; a UTF-8 byte order mark is skipped. The first
 * record names the columns and each other must have as many fields. Strict
 * where leniency would shift data: a quote that is never closed, text after a
 * closing quote and NUL bytes are errors at the line where the record starts.
 * A quote inside a field that does not begin with one is an ordinary
 * character; wholly empty lines are skipped.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_TABLE_CSV_H
#define TRAINER_DATA_TABLE_CSV_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/text.h"

enum { CSV_MAX_RECORD = 64 << 20 }; /* bytes */

struct csv {
    const char *name; /* of the file, for messages; borrowed */
    const char *data;
    size_t size, at;
    char separator;
    bool quotes; /* false: quotes are ordinary characters */
    size_t line; /* the next record's line, from 1 */

    size_t record_line; /* the line where this record starts */
    size_t columns;     /* fields of the first record; 0 before it */
    struct text record; /* all fields, a NUL after each */
    size_t *start;      /* [field_count]: into 'record' */
    size_t field_count, field_capacity;
};

/* Read 'size' bytes at 'data'. They and 'name' are borrowed until
 * csv_close(). */
void csv_open(struct csv *c, const char *name, const char *data, size_t size,
              char separator, bool quotes);

/* Read the next record. Returns 1, 0 at the end, or -1 with 'err' (kind
 * USAGE, where "name:line"). */
int csv_next(struct csv *c, struct error *err);

/* Field 'i' < field_count of this record, valid until the next. */
const char *csv_field(const struct csv *c, size_t i);

/* Back to the first record (the names). */
void csv_rewind(struct csv *c);

/* Release all; a zeroed csv is fine. */
void csv_close(struct csv *c);

#endif
