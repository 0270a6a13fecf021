/* sql: the door to SQLite; one database file, statements prepared once.
 *
 * A statement is named by its text, a string literal: the first use prepares
 * it, later ones find it again by its address. Values are tagged, so that a
 * wrong kind does not compile. A NaN is stored as the text 'nan' (SQLite would
 * make it NULL), SQL_NONE as NULL.
 * Messages say what a person can do: full disk, locked, damaged, read-only.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_STORE_SQL_H
#define LAUNCHER_STORE_SQL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct sql;
struct sql_rows;

enum sql_kind { SQL_NONE, SQL_INT, SQL_REAL, SQL_TEXT };

struct sql_value {
    enum sql_kind kind;
    union {
        int64_t integer;
        double real;
        const char *text; /* borrowed for the call; NULL is NULL */
    };
};

/* Values of a statement, in the order of its question marks. */
#define sql_none()      ((struct sql_value){ SQL_NONE, { 0 } })
#define sql_int(value)  ((struct sql_value){ SQL_INT, { .integer = (value) } })
#define sql_real(value) ((struct sql_value){ SQL_REAL, { .real = (value) } })
#define sql_text(value) ((struct sql_value){ SQL_TEXT, { .text = (value) } })

/* Why opening failed, where the caller can do something about it. */
enum sql_open_result {
    SQL_OPENED = 0,
    SQL_FAILED = -1,
    SQL_LOCKED = -2 /* another process holds it */
};

/* How to open: alone and for writing; or a file nobody can write to, as it
 * stands. */
enum sql_mode { SQL_WRITE, SQL_IMMUTABLE };

/* Open 'path' (made when absent; ":memory:" for none) and hold it alone until
 * sql_close(): WAL, exclusive lock, each commit on disk before it returns.
 * Waits up to 'patience_s' for another holder. */
enum sql_open_result sql_open(struct sql **out, const char *path,
                              enum sql_mode mode, double patience_s,
                              struct error *err);
void sql_close(struct sql *s);

/* From now on leave the files as they are, also when closing. */
void sql_abandon(struct sql *s);

/* Give the database a file of its own: a copy of it under the same name, held
 * alone as before. What another process still writes through descriptors it
 * had of the old one is seen by nobody. Returns 0; -1 with 'err' and all as it
 * was; or SQL_LOCKED with '*s' closed (NULL), when another process was quicker. */
int sql_renew(struct sql **s, struct error *err);

/* The database may grow to 'bytes', then writes fail as on a full disk. */
int sql_limit(struct sql *s, int64_t bytes, struct error *err);

/* Run statements without values or results ("BEGIN"; a whole schema). */
int sql_run(struct sql *s, const char *text, struct error *err);

/* Run one statement to its end. */
int sql_do(struct sql *s, const char *text, const struct sql_value *values,
           size_t count, struct error *err);

/* The id of the row inserted last; whether a transaction is open. */
int64_t sql_last_id(const struct sql *s);
bool sql_in_transaction(const struct sql *s);

/* Ask. Returns the rows, to be ended with sql_end(), or NULL with 'err'. The
 * same text must not be asked again before that. */
struct sql_rows *sql_ask(struct sql *s, const char *text,
                         const struct sql_value *values, size_t count,
                         struct error *err);

/* The next row: 1, 0 when there is none, -1 with 'err'. */
int sql_next(struct sql_rows *rows, struct error *err);
void sql_end(struct sql_rows *rows);

/* Columns of the present row, from 0. Text is borrowed until sql_next(); NULL
 * for NULL. The real of a NULL is NAN. */
bool sql_is_null(struct sql_rows *rows, int column);
int64_t sql_get_int(struct sql_rows *rows, int column);
double sql_get_real(struct sql_rows *rows, int column);
const char *sql_get_text(struct sql_rows *rows, int column);

/* The version of SQLite that is linked. */
const char *sql_version(void);

#endif
