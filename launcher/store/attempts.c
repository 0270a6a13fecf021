/* attempts: who worked on a trial, and how that ended. See store.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "launcher/store/inside.h"
#include "launcher/store/store.h"

int store_save_attempt(struct store *s, const struct store_attempt *a,
                       struct error *err)
{
    struct sql_value values[] = {
        sql_int(a->trial),    sql_int(a->number),   sql_text(a->worker),
        sql_text(a->lease),   sql_real(a->started), store_time_value(a->ended),
        sql_text(a->outcome), sql_text(a->reason),  sql_text(a->decision)
    };

    return store_run(
        s, "INSERT OR REPLACE INTO attempt VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        values, err);
}

static void read_row(struct sql_rows *rows, struct store_attempt *a)
{
    a->trial = sql_get_int(rows, 0);
    a->number = sql_get_int(rows, 1);
    store_copy_text(a->worker, sizeof a->worker, sql_get_text(rows, 2));
    store_copy_text(a->lease, sizeof a->lease, sql_get_text(rows, 3));
    a->started = sql_get_real(rows, 4);
    a->ended = sql_get_real(rows, 5);
    store_copy_text(a->outcome, sizeof a->outcome, sql_get_text(rows, 6));
    store_copy_text(a->reason, sizeof a->reason, sql_get_text(rows, 7));
    store_copy_text(a->decision, sizeof a->decision, sql_get_text(rows, 8));
}

int store_read_attempts(struct store *s, int64_t trial, store_attempt_fn *each,
                        void *context, struct error *err)
{
    struct sql_value values[] = { sql_int(trial) };
    struct sql_rows *rows =
        trial >= 0
            ? store_ask(s,
                        "SELECT * FROM attempt WHERE trial = ? ORDER BY number",
                        values, err)
            : sql_ask(s->sql,
                      "SELECT a.* FROM trial t JOIN attempt a ON "
                      "a.trial = t.number AND a.number = t.attempts",
                      NULL, 0, err);
    struct store_attempt a;
    int rc;

    if (!rows)
        return -1;
    while ((rc = sql_next(rows, err)) > 0) {
        read_row(rows, &a);
        if (each(context, &a, err) < 0) {
            rc = -1;
            break;
        }
    }
    sql_end(rows);
    return rc;
}
