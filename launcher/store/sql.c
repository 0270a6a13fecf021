/* sql: see sql.h. The only file that includes SQLite's header.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/store/sql.h"

#include <fcntl.h>
#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

enum {
    STATEMENTS_MAX = 64,
    CHECKPOINT_PAGES = 4000 /* 16 MB of log between checkpoints */
};

struct sql_rows { /* a prepared statement */
    struct sql *sql;
    const char *text; /* its name, by address */
    sqlite3_stmt *statement;
};

struct sql {
    sqlite3 *db;
    char *path;
    struct sql_rows statements[STATEMENTS_MAX];
    size_t count;
};

/* ---- messages --------------------------------------------------------- */

static const struct {
    int code;
    const char *what, *hint;
} words[] = {
    { SQLITE_FULL, "no space left for '%s'",
      "free some space (or raise the quota) and run again; nothing that was "
      "stored is lost" },
    { SQLITE_BUSY, "'%s' is in use by another process", "" },
    { SQLITE_LOCKED, "'%s' is in use by another process", "" },
    { SQLITE_READONLY, "cannot write to '%s'",
      "check the permissions of the file and of its folder" },
    { SQLITE_PERM, "cannot write to '%s'",
      "check the permissions of the file and of its folder" },
    { SQLITE_CANTOPEN, "cannot open '%s'",
      "check that its folder exists and that you may write there" },
    { SQLITE_NOTADB, "'%s' is damaged or not a study's database",
      "restore it from a copy; a damaged one may be read with "
      "sqlite3 FILE .recover" },
    { SQLITE_CORRUPT, "'%s' is damaged",
      "keep a copy, then try: sqlite3 FILE .recover | sqlite3 NEW" },
    { SQLITE_IOERR, "cannot read or write '%s'",
      "look at the disk; nothing that was acknowledged is lost" },
    { SQLITE_NOMEM, "out of memory at '%s'", "" },
};

static int complain(const struct sql *s, struct error *err)
{
    int code = sqlite3_errcode(s->db);

    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (words[i].code == (code & 0xff)) {
            char *what = text_print(words[i].what, s->path);
            error_set(err, "%s: %s", what ? what : s->path,
                      sqlite3_errmsg(s->db));
            free(what);
            return error_hint(err, "%s", words[i].hint);
        }
    return error_set(err, "'%s': %s", s->path, sqlite3_errmsg(s->db));
}

/* ---- opening ---------------------------------------------------------- */

/* Taking the lock is a write: exclusive mode keeps it from then on. */
static const char hold[] = "PRAGMA locking_mode = EXCLUSIVE;"
                           "PRAGMA journal_mode = WAL;"
                           "PRAGMA synchronous = FULL;"
                           "PRAGMA secure_delete = OFF;"
                           "PRAGMA cache_spill = OFF;" /* to write at commits */
                           "BEGIN IMMEDIATE; COMMIT";

static int configure(struct sql *s, enum sql_mode mode, double patience_s,
                     struct error *err)
{
    sqlite3_busy_timeout(s->db, (int)(patience_s * 1000));
    sqlite3_extended_result_codes(s->db, 1);
    if (mode == SQL_IMMUTABLE)
        return 0;
    sqlite3_wal_autocheckpoint(s->db, CHECKPOINT_PAGES);
    return sql_run(s, hold, err);
}

static char *make_uri(const char *path, enum sql_mode mode)
{
    if (mode != SQL_IMMUTABLE)
        return text_copy(path);
    struct text uri = TEXT_INIT;

    text_append(&uri, "file:");
    for (const char *c = path; *c; c++)
        if (strchr("?#%", *c))
            text_format(&uri, "%%%02x", (unsigned)(unsigned char)*c);
        else
            text_append_char(&uri, *c);
    text_append(&uri, "?immutable=1");
    return text_take(&uri);
}

/* Whether the file we hold is not the one of that name any more. */
static bool has_moved(struct sql *s)
{
    int moved = 0;

    return sqlite3_file_control(s->db, "main", SQLITE_FCNTL_HAS_MOVED,
                                &moved) == SQLITE_OK &&
           moved;
}

enum sql_open_result sql_open(struct sql **out, const char *path,
                              enum sql_mode mode, double patience_s,
                              struct error *err)
{
    int flags = mode == SQL_IMMUTABLE
                    ? SQLITE_OPEN_READONLY | SQLITE_OPEN_URI
                    : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
    enum sql_open_result result = SQL_FAILED;
    struct sql *s = calloc(1, sizeof *s);
    char *uri = make_uri(path, mode);

    if (s)
        s->path = text_copy(path);
    if (!s || !uri || !s->path) {
        error_memory(err);
        goto error;
    }
    if (sqlite3_open_v2(uri, &s->db, flags | SQLITE_OPEN_NOMUTEX, NULL) !=
            SQLITE_OK ||
        configure(s, mode, patience_s, err) < 0) {
        if (s->db)
            complain(s, err);
        else
            error_memory(err);
        if (s->db && (sqlite3_errcode(s->db) & 0xff) == SQLITE_BUSY)
            result = SQL_LOCKED;
        goto error;
    }
    if (mode == SQL_WRITE && has_moved(s)) { /* sql_renew() of another one */
        error_set(err, "'%s' was replaced", path);
        sql_abandon(s);
        result = SQL_LOCKED;
        goto error;
    }
    free(uri);
    *out = s;
    return SQL_OPENED;
error:
    free(uri);
    sql_close(s);
    return result;
}

void sql_close(struct sql *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++)
        sqlite3_finalize(s->statements[i].statement);
    sqlite3_close(s->db);
    free(s->path);
    free(s);
}

void sql_abandon(struct sql *s)
{
    sqlite3_db_config(s->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
}

/* ---- a file of its own ------------------------------------------------ */

/* All of the database into the new file 'copy', on disk. The log is empty
 * then, and its file is taken away. */
static int copy_out(struct sql *s, const char *copy, const char *log,
                    struct error *err)
{
    struct sql_value values[] = { sql_text(copy) };
    struct stat status;
    int fd, rc;

    unlink(copy);
    if (sql_run(s, "PRAGMA wal_checkpoint(TRUNCATE)", err) < 0 ||
        sql_do(s, "VACUUM INTO ?", values, 1, err) < 0)
        return -1;
    fd = open(copy, O_RDWR | O_CLOEXEC);
    rc = fd >= 0 ? fsync(fd) : -1;
    if (fd >= 0)
        close(fd);
    if (rc < 0)
        return error_errno(err, "cannot copy '%s'", s->path);
    if (stat(log, &status) == 0 && (status.st_size > 0 || unlink(log) < 0))
        return error_set(err, "the log of '%s' is still written to", s->path);
    return 0;
}

int sql_renew(struct sql **s, struct error *err)
{
    struct sql *old = *s, *new = NULL;
    char *copy = text_print("%s-new", old->path);
    char *log = text_print("%s-wal", old->path);
    int rc = -1;

    if (!copy || !log) {
        error_memory(err);
        goto out;
    }
    if (copy_out(old, copy, log, err) < 0 || rename(copy, old->path) < 0) {
        unlink(copy);
        goto out;
    }
    file_sync_folder(old->path); /* what fails here fails at the next commit */
    sql_abandon(old);
    rc = sql_open(&new, old->path, SQL_WRITE, 0, err);
    sql_close(old);
    *s = new;
    if (rc == SQL_FAILED)
        rc = SQL_LOCKED;
out:
    free(log);
    free(copy);
    return rc;
}

int sql_limit(struct sql *s, int64_t bytes, struct error *err)
{
    enum { PAGE_BYTES = 4096 };
    char *text = text_print("PRAGMA max_page_count = %jd",
                            (intmax_t)(bytes / PAGE_BYTES));
    int rc = text ? sql_run(s, text, err) : error_memory(err);

    free(text);
    return rc;
}

/* ---- statements ------------------------------------------------------- */

int sql_run(struct sql *s, const char *text, struct error *err)
{
    return sqlite3_exec(s->db, text, NULL, NULL, NULL) == SQLITE_OK
               ? 0
               : complain(s, err);
}

static struct sql_rows *find(struct sql *s, const char *text, struct error *err)
{
    for (size_t i = 0; i < s->count; i++)
        if (s->statements[i].text == text)
            return &s->statements[i];
    if (s->count == STATEMENTS_MAX) {
        error_set(err, "more than %d kinds of statement", (int)STATEMENTS_MAX);
        return NULL;
    }
    struct sql_rows *rows = &s->statements[s->count];

    if (sqlite3_prepare_v3(s->db, text, -1, SQLITE_PREPARE_PERSISTENT,
                           &rows->statement, NULL) != SQLITE_OK) {
        complain(s, err);
        return NULL;
    }
    rows->sql = s;
    rows->text = text;
    s->count++;
    return rows;
}

static int bind(sqlite3_stmt *statement, int i, const struct sql_value *v)
{
    if (v->kind == SQL_INT)
        return sqlite3_bind_int64(statement, i, v->integer);
    if (v->kind == SQL_REAL && isnan(v->real))
        return sqlite3_bind_text(statement, i, "nan", 3, SQLITE_STATIC);
    if (v->kind == SQL_REAL)
        return sqlite3_bind_double(statement, i, v->real);
    if (v->kind == SQL_TEXT && v->text)
        return sqlite3_bind_text(statement, i, v->text, -1, SQLITE_STATIC);
    return sqlite3_bind_null(statement, i);
}

struct sql_rows *sql_ask(struct sql *s, const char *text,
                         const struct sql_value *values, size_t count,
                         struct error *err)
{
    struct sql_rows *rows = find(s, text, err);

    if (!rows)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (bind(rows->statement, (int)i + 1, &values[i]) != SQLITE_OK) {
            complain(s, err);
            sql_end(rows);
            return NULL;
        }
    return rows;
}

int sql_next(struct sql_rows *rows, struct error *err)
{
    switch (sqlite3_step(rows->statement)) {
    case SQLITE_ROW:
        return 1;
    case SQLITE_DONE:
        return 0;
    default:
        return complain(rows->sql, err);
    }
}

void sql_end(struct sql_rows *rows)
{
    if (!rows)
        return;
    sqlite3_reset(rows->statement);
    sqlite3_clear_bindings(rows->statement);
}

int sql_do(struct sql *s, const char *text, const struct sql_value *values,
           size_t count, struct error *err)
{
    struct sql_rows *rows = sql_ask(s, text, values, count, err);
    int rc;

    if (!rows)
        return -1;
    while ((rc = sql_next(rows, err)) > 0)
        ;
    sql_end(rows);
    return rc;
}

int64_t sql_last_id(const struct sql *s)
{
    return sqlite3_last_insert_rowid(s->db);
}

bool sql_in_transaction(const struct sql *s)
{
    return !sqlite3_get_autocommit(s->db);
}

/* ---- columns ---------------------------------------------------------- */

bool sql_is_null(struct sql_rows *rows, int column)
{
    return sqlite3_column_type(rows->statement, column) == SQLITE_NULL;
}

int64_t sql_get_int(struct sql_rows *rows, int column)
{
    return sqlite3_column_int64(rows->statement, column);
}

double sql_get_real(struct sql_rows *rows, int column)
{
    int type = sqlite3_column_type(rows->statement, column);

    return type == SQLITE_FLOAT || type == SQLITE_INTEGER
               ? sqlite3_column_double(rows->statement, column)
               : (double)NAN;
}

const char *sql_get_text(struct sql_rows *rows, int column)
{
    return (const char *)sqlite3_column_text(rows->statement, column);
}

const char *sql_version(void)
{
    return sqlite3_libversion();
}
