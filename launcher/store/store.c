/* store: see store.h. Opening, transactions, and what is known of the study as
 * a whole; rows of trials, attempts and reports have files of their own.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/store/store.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "client/contact.h"
#include "launcher/store/inside.h"
#include "launcher/store/locks.h"
#include "launcher/store/schema.h"

/* ---- opening ---------------------------------------------------------- */

/* Whether this is a process of this machine that is gone: what it said of
 * itself is old, and its number may be somebody else's soon. */
static bool is_gone(const char *host, intmax_t pid)
{
    char here[256] = "";

    gethostname(here, sizeof here - 1);
    return pid <= 0 || pid > INT32_MAX ||
           (strcmp(host, here) == 0 && kill((pid_t)pid, 0) < 0 &&
            errno == ESRCH);
}

/* Say who holds the store, as far as the run's controller.json tells. */
static int name_holder(const struct store_options *o, struct error *err)
{
    struct tree *owner = o->run ? contact_published(o->run) : NULL;

    error_set(err, "'%s' is in use by another process", o->path);
    error_hint(err, "let it end, or look for it with: fuser '%s'", o->path);
    if (owner) {
        const char *host = tree_text(tree_get(owner, "host"));
        intmax_t pid = tree_integer(tree_get(owner, "pid"));

        if (!is_gone(host, pid)) {
            error_set(err, "'%s' is in use by process %jd on %s", o->path, pid,
                      host);
            error_hint(err, "it can be ended there with: kill %jd", pid);
        }
    }
    tree_destroy(owner);
    return -1;
}

/* Whether the last one did not close it: it was killed, or is still there. */
static bool was_left_open(const char *path)
{
    char *log = text_print("%s-wal", path);
    struct stat status;
    bool yes = log && stat(log, &status) == 0 && status.st_size > 0;

    free(log);
    return yes;
}

/* The log of a controller that was killed must be played back before anything
 * can be read, which takes the right to write. */
static int check_log(const char *path, struct error *err)
{
    if (!was_left_open(path))
        return 0;
    error_set(err, "'%s' was not closed and you may not write to it", path);
    return error_hint(err, "look at it once as its owner, for example with: "
                           "sentei leaderboard");
}

/* The folder that 'path' is in, a new string; NULL when out of memory. */
static char *folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? text_print("%.*s/", (int)(slash - path), path)
                 : text_copy(".");
}

static bool can_write(const char *path)
{
    char *folder = folder_of(path);
    bool yes = folder && access(path, W_OK) == 0 && access(folder, W_OK) == 0;

    free(folder);
    return yes;
}

/* Whether it could not be opened because its file system has no locks, which to
 * SQLite looks as if another process held it. */
static bool lacks_locks(const char *path, struct error *err)
{
    struct error why = ERROR_INIT;
    char *folder = folder_of(path);
    bool yes = folder && locks_try(folder, &why) == 0;

    if (yes && err)
        *err = why;
    free(folder);
    return yes;
}

/* Shut out whoever had it before. One that did not close it may still be about
 * to write: it keeps the old file to itself. A disk too full for a copy is no
 * reason not to open: it is fenced off all the same. */
static int shut_out(struct store *s, const struct store_options *o,
                    bool left_open, struct error *err)
{
    if (strcmp(o->path, ":memory:") == 0)
        return 0;
    if (fence_raise(&s->fence, o->path, err) < 0)
        return -1;
    if (left_open && sql_renew(&s->sql, NULL) == SQL_LOCKED)
        return name_holder(o, err);
    return 0;
}

static int open_alone(struct store *s, const struct store_options *o,
                      struct error *err)
{
    bool left_open = was_left_open(o->path);

    int opened = sql_open(&s->sql, o->path, SQL_WRITE, o->patience_s, err);

    if (opened != SQL_OPENED && lacks_locks(o->path, err))
        return -1;
    if (opened == SQL_LOCKED)
        return name_holder(o, err);
    if (opened != SQL_OPENED || shut_out(s, o, left_open, err) < 0 ||
        (o->max_bytes > 0 && sql_limit(s->sql, o->max_bytes, err) < 0))
        return -1;
    return schema_migrate(s->sql, o->path, err);
}

static int open_view(struct store *s, const struct store_options *o,
                     struct error *err)
{
    if (!file_exists(o->path)) {
        error_usage(err, "there is no '%s'", o->path);
        return error_hint(err, "the study has not been started yet");
    }
    if (can_write(o->path))
        return open_alone(s, o, err);
    if (check_log(o->path, err) < 0 ||
        sql_open(&s->sql, o->path, SQL_IMMUTABLE, 0, err) != SQL_OPENED)
        return -1;
    return schema_check(s->sql, o->path, err);
}

struct store *store_open(const struct store_options *o, struct error *err)
{
    struct store *s = calloc(1, sizeof *s);

    if (!s) {
        error_memory(err);
        return NULL;
    }
    if ((o->view ? open_view : open_alone)(s, o, err) < 0) {
        store_close(s);
        return NULL;
    }
    return s;
}

void store_close(struct store *s)
{
    if (!s)
        return;
    store_rollback(s);
    if (s->sql && fence_check(&s->fence, NULL) < 0)
        sql_abandon(s->sql);
    sql_close(s->sql);
    fence_clear(&s->fence);
    free(s);
}

/* ---- transactions ----------------------------------------------------- */

int store_begin(struct store *s, struct error *err)
{
    return sql_do(s->sql, "BEGIN IMMEDIATE", NULL, 0, err);
}

int store_commit(struct store *s, struct error *err)
{
    if (fence_check(&s->fence, err) < 0 ||
        sql_do(s->sql, "COMMIT", NULL, 0, err) < 0)
        return -1;
    return fence_check(&s->fence, err);
}

bool store_fenced(const struct store *s)
{
    return s->fence.lost;
}

void store_rollback(struct store *s)
{
    if (s->sql && sql_in_transaction(s->sql))
        sql_do(s->sql, "ROLLBACK", NULL, 0, NULL);
}

/* ---- invariants ------------------------------------------------------- */

/* Each asks for trials that break it. */
static const struct {
    const char *what, *query;
} invariants[] = {
    { "1: a running trial has one attempt without an end, its last",
      "SELECT number FROM trial t WHERE state = 'running' AND (SELECT "
      "group_concat(number) FROM attempt a WHERE a.trial = t.number AND "
      "a.ended IS NULL) IS NOT CAST(t.attempts AS TEXT)" },
    { "2: a trial that does not run has no attempt without an end",
      "SELECT trial FROM attempt a JOIN trial t ON t.number = a.trial WHERE "
      "a.ended IS NULL AND t.state <> 'running'" },
    { "3: a trial has an end time exactly when it is complete, pruned or "
      "failed",
      "SELECT number FROM trial WHERE (ended IS NOT NULL) <> (state IN "
      "('complete', 'pruned', 'failed'))" },
    { "4: a trial's attempts are numbered without a gap",
      "SELECT number FROM trial t WHERE attempts <> (SELECT count(*) FROM "
      "attempt a WHERE a.trial = t.number) OR attempts <> (SELECT "
      "ifnull(max(number), 0) FROM attempt a WHERE a.trial = t.number)" },
    { "5: no more failures than attempts",
      "SELECT number FROM trial WHERE failures > attempts" },
    { "6: a best step exactly when there is a value, no later than the last, "
      "and a report of it",
      "SELECT number FROM trial t LEFT JOIN report r ON r.id = t.best_report "
      "WHERE (best_step IS NULL) <> (t.value IS NULL) OR best_step > t.step "
      "OR t.best_step IS NOT r.step OR r.trial <> t.number" },
    { "7: the last report is the trial's newest, and all are counted",
      "SELECT number FROM trial t LEFT JOIN (SELECT trial, count(*) AS n, "
      "max(id) AS last FROM report GROUP BY trial) r ON r.trial = t.number "
      "WHERE t.reports <> ifnull(r.n, 0) OR t.last_report IS NOT r.last" },
    { "8: trials are numbered without a gap",
      "SELECT max(number) FROM trial HAVING max(number) <> count(*) - 1" },
};

int store_verify(struct store *s, struct error *err)
{
    for (size_t i = 0; i < sizeof invariants / sizeof *invariants; i++) {
        struct sql_rows *rows =
            sql_ask(s->sql, invariants[i].query, NULL, 0, err);
        int rc = rows ? sql_next(rows, err) : -1;

        if (rc > 0)
            error_set(err, "trial %jd breaks invariant %s",
                      (intmax_t)sql_get_int(rows, 0), invariants[i].what);
        sql_end(rows);
        if (rc != 0)
            return -1;
    }
    return 0;
}

/* ---- the study -------------------------------------------------------- */

int store_get_meta(struct store *s, const char *key, char **value,
                   struct error *err)
{
    struct sql_value values[] = { sql_text(key) };
    struct sql_rows *rows =
        store_ask(s, "SELECT value FROM meta WHERE key = ?", values, err);
    int rc = rows ? sql_next(rows, err) : -1;

    *value = rc > 0 ? text_copy(sql_get_text(rows, 0)) : NULL;
    if (rc > 0 && !*value)
        rc = error_memory(err);
    sql_end(rows);
    return rc < 0 ? -1 : 0;
}

int store_set_meta(struct store *s, const char *key, const char *value,
                   struct error *err)
{
    struct sql_value values[] = { sql_text(key), sql_text(value) };

    if (!value)
        return sql_do(s->sql, "DELETE FROM meta WHERE key = ?", values, 1, err);
    return store_run(s, "INSERT OR REPLACE INTO meta VALUES (?, ?)", values,
                     err);
}

int store_begin_term(struct store *s, const char *host, int64_t pid, double now,
                     int64_t *term, struct error *err)
{
    struct sql_value values[] = { sql_text(host), sql_int(pid), sql_real(now),
                                  sql_real(now) };

    if (store_run(s,
                  "INSERT INTO term (host, pid, started, seen) "
                  "VALUES (?, ?, ?, ?)",
                  values, err) < 0)
        return -1;
    *term = sql_last_id(s->sql);
    return 0;
}

int store_touch_term(struct store *s, int64_t term, double now,
                     struct error *err)
{
    struct sql_value values[] = { sql_real(now), sql_int(term) };

    return store_run(s, "UPDATE term SET seen = ? WHERE term = ?", values, err);
}

int store_elapsed(struct store *s, int64_t skip, double *seconds,
                  double *started, double *seen, struct error *err)
{
    struct sql_value values[] = { sql_int(skip) };
    struct sql_rows *rows =
        store_ask(s,
                  "SELECT total(seen - started), min(started), max(seen) FROM "
                  "term WHERE term <= (SELECT max(term) FROM term) - ?",
                  values, err);
    int rc = rows ? sql_next(rows, err) : -1;

    if (rc > 0) {
        *seconds = sql_get_real(rows, 0);
        *started = sql_get_real(rows, 1);
        *seen = sql_get_real(rows, 2);
    }
    sql_end(rows);
    return rc < 0 ? -1 : 0;
}

/* ---- small things the rows share -------------------------------------- */

struct sql_value store_step_value(int64_t step)
{
    return step < 0 ? sql_none() : sql_int(step);
}

struct sql_value store_id_value(int64_t id)
{
    return id <= 0 ? sql_none() : sql_int(id);
}

struct sql_value store_time_value(double time)
{
    return isnan(time) ? sql_none() : sql_real(time);
}

void store_copy_text(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "");
}
