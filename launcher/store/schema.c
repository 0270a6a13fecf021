/* schema: see schema.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/store/schema.h"

#include <stdlib.h>

#include "base/text.h"

/* Step i leads from version i to i + 1. A step that has been released is never
 * changed; a new one is added.
 *
 * Reports are only appended, and each names the one before it of its trial: a
 * thousand trials that report at once fill a few pages, not a thousand, and a
 * curve is still read without touching any other trial's rows. */
static const char *const steps[] = {
    "CREATE TABLE meta ("
    "  key   TEXT PRIMARY KEY,"
    "  value TEXT NOT NULL) WITHOUT ROWID;"

    /* One row each time a controller held the store. */
    "CREATE TABLE term ("
    "  term    INTEGER PRIMARY KEY,"
    "  host    TEXT NOT NULL,"
    "  pid     INTEGER NOT NULL,"
    "  started REAL NOT NULL,"
    "  seen    REAL NOT NULL);" /* when it last wrote */

    "CREATE TABLE trial ("
    "  number      INTEGER PRIMARY KEY,"
    "  state       TEXT NOT NULL,"
    "  params      TEXT NOT NULL,"    /* JSON */
    "  enqueued    INTEGER NOT NULL," /* by a person */
    "  interrupted INTEGER NOT NULL DEFAULT 0,"
    "  created     REAL NOT NULL,"
    "  ended       REAL,"
    "  busy_s      REAL NOT NULL DEFAULT 0," /* of attempts that ended */
    "  attempts    INTEGER NOT NULL DEFAULT 0,"
    "  failures    INTEGER NOT NULL DEFAULT 0,"
    "  reason      TEXT NOT NULL DEFAULT '',"
    /* What the reports add up to. */
    "  value       REAL," /* of the first objective, at best_step */
    "  results     TEXT," /* JSON: all objectives, then the constraints */
    "  std         REAL,"
    "  step        INTEGER," /* the last one */
    "  best_step   INTEGER,"
    "  reports     INTEGER NOT NULL DEFAULT 0,"
    "  seconds     REAL NOT NULL DEFAULT 0,"
    "  last_report INTEGER);"

    "CREATE TABLE attempt ("
    "  trial   INTEGER NOT NULL REFERENCES trial,"
    "  number  INTEGER NOT NULL," /* from 1 */
    "  worker  TEXT NOT NULL,"
    "  lease   TEXT NOT NULL," /* the token that fences it */
    "  started REAL NOT NULL,"
    "  ended   REAL,"
    "  outcome TEXT,"
    "  reason  TEXT,"
    "  PRIMARY KEY (trial, number)) WITHOUT ROWID;"

    "CREATE TABLE report ("
    "  id       INTEGER PRIMARY KEY,"
    "  trial    INTEGER NOT NULL REFERENCES trial,"
    "  attempt  INTEGER NOT NULL,"
    "  step     INTEGER NOT NULL,"
    "  seconds  REAL,"          /* since the trial began, over all attempts */
    "  value    REAL,"          /* of the first objective */
    "  metrics  TEXT NOT NULL," /* JSON */
    "  previous INTEGER REFERENCES report);"

    "CREATE TABLE event ("
    "  id     INTEGER PRIMARY KEY,"
    "  time   REAL NOT NULL,"
    "  trial  INTEGER,"
    "  kind   TEXT NOT NULL,"
    "  detail TEXT NOT NULL);"
    "CREATE INDEX event_of_trial ON event (trial, id);",

    /* What the pruner decided: "prune", "pause" or "". */
    "ALTER TABLE attempt ADD COLUMN decision TEXT NOT NULL DEFAULT '';",

    /* The trial from whose checkpoint this one began; NULL: none. */
    "ALTER TABLE trial ADD COLUMN parent INTEGER REFERENCES trial;",

    /* A person's word on a trial; the run that an imported one is from. */
    ("ALTER TABLE trial ADD COLUMN note TEXT NOT NULL DEFAULT '';"
     "ALTER TABLE trial ADD COLUMN source TEXT NOT NULL DEFAULT '';"),

    /* The newest report of the best step, whose metrics a row shows. */
    ("ALTER TABLE trial ADD COLUMN best_report INTEGER;"
     "UPDATE trial SET best_report = best.id FROM"
     "  (SELECT max(r.id) AS id, r.trial FROM report r"
     "   JOIN trial t ON t.number = r.trial AND t.best_step = r.step"
     "   GROUP BY r.trial) AS best WHERE best.trial = trial.number;"),
};
enum { VERSION = sizeof steps / sizeof *steps };

int schema_version(void)
{
    return VERSION;
}

static int get_version(struct sql *s, int64_t *version, struct error *err)
{
    struct sql_rows *rows = sql_ask(s, "PRAGMA user_version", NULL, 0, err);
    int rc = rows ? sql_next(rows, err) : -1;

    *version = rc > 0 ? sql_get_int(rows, 0) : 0;
    sql_end(rows);
    return rc < 0 ? -1 : 0;
}

static int refuse(const char *path, int64_t version, struct error *err)
{
    error_set(err,
              "'%s' was written in format %jd, this sentei knows formats up to "
              "%d",
              path, (intmax_t)version, (int)VERSION);
    return error_hint(err, version > VERSION
                               ? "use a newer sentei"
                               : "open it once where you may write, so that it "
                                 "is brought up to date");
}

int schema_check(struct sql *s, const char *path, struct error *err)
{
    int64_t version;

    if (get_version(s, &version, err) < 0)
        return -1;
    return version == VERSION ? 0 : refuse(path, version, err);
}

static int set_version(struct sql *s, struct error *err)
{
    char *text = text_print("PRAGMA user_version = %d", (int)VERSION);
    int rc = text ? sql_run(s, text, err) : error_memory(err);

    free(text);
    return rc;
}

int schema_migrate(struct sql *s, const char *path, struct error *err)
{
    int64_t version;

    if (get_version(s, &version, err) < 0)
        return -1;
    if (version < 0 || version > VERSION)
        return refuse(path, version, err);
    if (version == VERSION)
        return 0;
    if (sql_run(s, "BEGIN IMMEDIATE", err) < 0)
        return -1;
    for (int64_t i = version; i < VERSION; i++)
        if (sql_run(s, steps[i], err) < 0)
            goto error;
    if (set_version(s, err) < 0 || sql_run(s, "COMMIT", err) < 0)
        goto error;
    return 0;
error:
    sql_run(s, "ROLLBACK", NULL);
    return -1;
}
