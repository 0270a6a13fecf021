/* reports: the metrics of each trial at each step, appended. See store.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "base/text.h"
#include "launcher/store/inside.h"
#include "launcher/store/store.h"

/* All results as a JSON list; only where the value does not say it all. */
static void format_results(const struct store_trial *t, struct text *out)
{
    for (size_t i = 0; i < t->result_count; i++) {
        text_append_char(out, i == 0 ? '[' : ',');
        if (!(t->known >> i & 1))
            text_append(out, "null");
        else if (isfinite(t->results[i]))
            text_append_double(out, t->results[i]);
        else
            text_format(out, "\"%s\"",
                        isnan(t->results[i]) ? "nan"
                        : t->results[i] > 0  ? "inf"
                                             : "-inf");
    }
    text_append_char(out, ']');
}

int store_save_progress(struct store *s, const struct store_trial *t,
                        struct error *err)
{
    struct text results = TEXT_INIT;
    int rc;

    if (t->result_count > 1)
        format_results(t, &results);
    if (results.failed)
        return error_memory(err);
    struct sql_value values[] = {
        t->known & 1 ? sql_real(t->results[0]) : sql_none(),
        sql_text(results.data),
        store_time_value(t->std),
        store_step_value(t->step),
        store_step_value(t->best_step),
        sql_int(t->reports),
        sql_real(t->seconds),
        store_id_value(t->last_report),
        store_id_value(t->best_report),
        sql_int(t->number),
    };
    rc = store_run(s,
                   "UPDATE trial SET value = ?, results = ?, std = ?, "
                   "step = ?, best_step = ?, reports = ?, seconds = ?, "
                   "last_report = ?, best_report = ? WHERE number = ?",
                   values, err);
    text_clear(&results);
    return rc;
}

int store_add_report(struct store *s, struct store_trial *t,
                     struct store_report *r, struct error *err)
{
    struct sql_value values[] = {
        sql_int(r->trial),
        sql_int(r->attempt),
        sql_int(r->step),
        store_time_value(r->seconds),
        r->has_value ? sql_real(r->value) : sql_none(),
        sql_text(r->metrics),
        store_id_value(t->last_report),
    };

    if (store_run(s,
                  "INSERT INTO report (trial, attempt, step, seconds, value, "
                  "metrics, previous) VALUES (?, ?, ?, ?, ?, ?, ?)",
                  values, err) < 0)
        return -1;
    r->id = t->last_report = sql_last_id(s->sql);
    if (r->step == t->best_step)
        t->best_report = r->id;
    t->reports++;
    return store_save_progress(s, t, err);
}

static void read_row(struct sql_rows *rows, struct store_report *r)
{
    r->id = sql_get_int(rows, 0);
    r->trial = sql_get_int(rows, 1);
    r->attempt = sql_get_int(rows, 2);
    r->step = sql_get_int(rows, 3);
    r->seconds = sql_get_real(rows, 4);
    r->has_value = !sql_is_null(rows, 5);
    r->value = sql_get_real(rows, 5);
}

int store_read_reports(struct store *s, store_report_fn *each, void *context,
                       struct error *err)
{
    struct sql_rows *rows = sql_ask(s->sql,
                                    "SELECT id, trial, attempt, step, seconds, "
                                    "value FROM report ORDER BY id",
                                    NULL, 0, err);
    struct store_report r = { 0 };
    int rc;

    if (!rows)
        return -1;
    while ((rc = sql_next(rows, err)) > 0) {
        read_row(rows, &r);
        if (each(context, &r, err) < 0) {
            rc = -1;
            break;
        }
    }
    sql_end(rows);
    return rc;
}

int store_read_curve(struct store *s, int64_t last_report,
                     store_report_fn *each, void *context, struct error *err)
{
    int rc = 1;

    for (int64_t id = last_report; rc > 0 && id > 0;) {
        struct sql_value values[] = { sql_int(id) };
        struct sql_rows *rows =
            store_ask(s,
                      "SELECT id, trial, attempt, step, seconds, value, "
                      "metrics, previous FROM report WHERE id = ?",
                      values, err);
        struct store_report r;

        rc = rows ? sql_next(rows, err) : -1;
        if (rc == 0)
            rc = error_set(err, "report %jd is missing", (intmax_t)id);
        if (rc > 0) {
            read_row(rows, &r);
            r.metrics = sql_get_text(rows, 6);
            id = sql_get_int(rows, 7);
            if (id >= r.id) /* damaged: it would never end */
                rc =
                    error_set(err, "report %jd follows itself", (intmax_t)r.id);
            else if (each(context, &r, err) < 0)
                rc = -1;
        }
        sql_end(rows);
    }
    return rc < 0 ? -1 : 0;
}

int store_get_metrics(struct store *s, int64_t id, char **metrics,
                      struct error *err)
{
    struct sql_value values[] = { sql_int(id) };
    struct sql_rows *rows =
        store_ask(s, "SELECT metrics FROM report WHERE id = ?", values, err);
    int rc = rows ? sql_next(rows, err) : -1;

    *metrics = rc > 0 ? text_copy(sql_get_text(rows, 0)) : NULL;
    if (rc > 0 && !*metrics)
        rc = error_memory(err);
    sql_end(rows);
    return rc < 0 ? -1 : 0;
}
