/* progress: what the holder of a lease says: reports, heartbeats, the end.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "launcher/results/curve.h"
#include "launcher/results/results.h"
#include "launcher/service/calls.h"
#include "launcher/service/lease.h"

/* ---- the fence -------------------------------------------------------- */

struct claim {
    int64_t trial, attempt;
    const char *lease;
};

static void read_claim(struct reader *reader, const struct call *c,
                       struct claim *claim, struct error *err)
{
    *claim = (struct claim){ -1, 0, "" };
    reader_open(reader, c->body, "request", "", err);
    reader_allow_unknown(reader);
    reader_need(reader, "trial");
    reader_need(reader, "attempt");
    reader_need(reader, "lease");
    reader_int(reader, "trial", 0, INT64_MAX, &claim->trial);
    reader_int(reader, "attempt", 1, INT64_MAX, &claim->attempt);
    reader_string(reader, "lease", &claim->lease);
}

/* Let only the last attempt's own token through. */
static int check_claim(struct service *s, const struct claim *claim,
                       struct entry **out, struct error *err)
{
    struct entry *e = state_find(s, claim->trial);

    if (!e) {
        error_set(err, "there is no trial %jd", (intmax_t)claim->trial);
        return CALL_UNKNOWN;
    }
    if (claim->attempt != e->attempt.number ||
        strcmp(claim->lease, e->attempt.lease) != 0) {
        s->counters.stale++;
        error_set(err, "stale lease: trial %jd is at attempt %jd",
                  (intmax_t)claim->trial, (intmax_t)e->attempt.number);
        error_hint(err, "another worker has it: end, and write nothing");
        return CALL_CONFLICT;
    }
    *out = e;
    return CALL_OK;
}

/* The trial must run; an attempt thought lost may go on. */
static int check_running(struct service *s, struct entry *e, double now,
                         struct error *err)
{
    int revived;

    if (e->row.state == TRIAL_RUNNING) {
        e->seen = now;
        return CALL_OK;
    }
    revived = lease_revive(s, e, now, err);
    if (revived != 0)
        return revived > 0 ? CALL_OK : CALL_TROUBLE;
    error_set(err, "attempt %jd of trial %jd has ended: %s",
              (intmax_t)e->attempt.number, (intmax_t)e->row.number,
              e->attempt.outcome);
    return CALL_CONFLICT;
}

static int answer_decision(struct service *s, struct entry *e, bool with_term,
                           struct reply *r, struct error *err)
{
    struct tree *body = tree_map();
    enum decision decision = e->decision;

    if (decision == DECISION_CONTINUE && e->row.state == TRIAL_RUNNING &&
        (s->stop || s->pause || s->stopping))
        decision = DECISION_PAUSE;
    tree_set_string(body, "decision", decision_name(decision));
    if (with_term)
        tree_set_float(body, "lease_s", s->options.lease_s);
    return call_answer(r, body, err);
}

/* ---- reports ---------------------------------------------------------- */

/* As JSON; names need no escapes (base/report.h). */
static void format_metrics(const struct report *report, struct text *out)
{
    text_append_char(out, '{');
    for (size_t i = 0; i < report->count; i++) {
        const struct metric *m = &report->metrics[i];

        text_append(out, i ? ",\"" : "\"");
        text_append(out, m->name);
        text_append(out, isfinite(m->value) ? "\":" : "\":\"");
        text_append_double(out, m->value);
        if (!isfinite(m->value))
            text_append_char(out, '"');
    }
    text_append_char(out, '}');
}

/* The value rested on a report that has been replaced: add up all of them. */
static int rebuild_results(struct service *s, struct entry *e,
                           struct error *err)
{
    struct curve curve = { 0 };
    int rc = curve_read(s->store, e->row.last_report, true, &curve, err);

    results_reset(&e->row);
    free(e->metrics);
    e->metrics = NULL;
    for (size_t i = 0; rc == 0 && i < curve.count; i++) {
        const struct curve_item *item = &curve.items[i];
        struct report report = { .step = item->step };

        for (size_t k = 0; rc == 0 && k < tree_count(item->metrics); k++)
            rc = report_add(&report, tree_key(item->metrics, k),
                            tree_number(tree_at(item->metrics, k)), err);
        results_add(s->study, &e->row, &report);
        if (e->row.best_step == item->step)
            e->row.best_report = item->id;
    }
    curve_clear(&curve);
    return rc < 0 ? -1 : store_save_progress(s->store, &e->row, err);
}

/* Keep at hand for rows what row_metrics() would read. */
static void keep_metrics(struct entry *e, const struct store_report *r,
                         struct text *metrics)
{
    if (e->row.best_step >= 0 && e->row.best_report != r->id)
        return;
    free(e->metrics);
    e->metrics = text_take(metrics);
}

int take_report(struct service *s, struct entry *e, const struct report *report,
                double seconds, bool judged, struct error *err)
{
    struct text metrics = TEXT_INIT;
    struct store_report r = {
        0, e->row.number, e->attempt.number, report->step, seconds, false,
        0, NULL
    };
    bool sound;
    int rc;

    /* What a trial says while it stops depends on how fast it stops: not kept,
     * so that the same seed gives the same history. */
    if (e->decision == DECISION_PRUNE)
        return 0;
    rc = state_note_step(e, report->step);
    if (rc != 0)
        return rc > 0 ? 0 : error_memory(err);
    format_metrics(report, &metrics);
    if (metrics.failed)
        return error_memory(err);
    r.metrics = text_get(&metrics);
    r.has_value = report_get(report, s->study->objectives[0].metric, &r.value);
    sound = results_add(s->study, &e->row, report);
    e->row.seconds = r.seconds;
    rc = state_write(s, err);
    if (rc == 0)
        rc = store_add_report(s->store, &e->row, &r, err);
    if (rc == 0 && !sound)
        rc = rebuild_results(s, e, err);
    if (rc == 0 && r.has_value &&
        history_report(&s->history, r.trial, r.step,
                       results_loss(s->study, 0, r.value), r.seconds) < 0)
        rc = error_memory(err);
    if (rc == 0 && judged && r.has_value && e->decision == DECISION_CONTINUE)
        rc = state_decide(s, e, engine_judge(s->engine, &s->history, r.trial),
                          err);
    keep_metrics(e, &r, &metrics);
    text_clear(&metrics);
    return rc;
}

/* The i-th report of a body, which has one itself or a list of them. */
static const struct tree *report_at(const struct tree *body, size_t i)
{
    const struct tree *list = tree_get(body, "reports");

    return list ? tree_at(list, i) : body;
}

/* Whether all are known already, as when a reply was lost. */
static bool all_known(const struct entry *e, const struct tree *body,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (!state_has_step(e,
                            tree_integer(tree_get(report_at(body, i), "step"))))
            return false;
    return true;
}

int call_report(struct service *s, const struct call *c, struct reply *r,
                struct error *err)
{
    const struct tree *list = tree_get(c->body, "reports");
    size_t count = list ? tree_count(list) : 1;
    struct report report;
    struct reader reader;
    struct claim claim;
    struct entry *e;
    int status;

    read_claim(&reader, c, &claim, err);
    reader_kind(&reader, "reports", TREE_LIST);
    if (reader_close(&reader) < 0)
        return CALL_BAD;
    for (size_t i = 0; i < count; i++)
        if (report_from_tree(report_at(c->body, i), &report, err) < 0)
            return CALL_BAD;
    if ((status = check_claim(s, &claim, &e, err)) != CALL_OK)
        return status;
    if (all_known(e, c->body, count)) {
        e->seen = c->now;
        return answer_decision(s, e, false, r, err);
    }
    if ((status = check_running(s, e, c->now, err)) != CALL_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        if ((count > 1 && /* a single one has just been read */
             report_from_tree(report_at(c->body, i), &report, err) < 0) ||
            take_report(s, e, &report, state_busy(e, c->now), true, err) < 0)
            return CALL_TROUBLE;
    return answer_decision(s, e, false, r, err);
}

int call_heartbeat(struct service *s, const struct call *c, struct reply *r,
                   struct error *err)
{
    struct reader reader;
    struct claim claim;
    struct entry *e;
    int status;

    read_claim(&reader, c, &claim, err);
    if (reader_close(&reader) < 0)
        return CALL_BAD;
    if ((status = check_claim(s, &claim, &e, err)) != CALL_OK ||
        (status = check_running(s, e, c->now, err)) != CALL_OK)
        return status;
    return answer_decision(s, e, true, r, err);
}

/* ---- the end ---------------------------------------------------------- */

static int answer_state(const struct entry *e, struct reply *r,
                        struct error *err)
{
    struct tree *body = tree_map();

    tree_set_string(body, "state", trial_state_name(e->row.state));
    return call_answer(r, body, err);
}

/* Whether this end was told before, as when a reply was lost. */
static bool was_told(const struct entry *e, enum outcome outcome)
{
    if (outcome == OUTCOME_COMPLETE && e->row.state == TRIAL_FAILED)
        return !(e->row.known & 1); /* it became a failure then */
    return strcmp(e->attempt.outcome, outcome_names[outcome]) == 0;
}

int call_tell(struct service *s, const struct call *c, struct reply *r,
              struct error *err)
{
    const char *reason = "";
    int outcome = OUTCOME_FAILED, status;
    struct reader reader;
    struct claim claim;
    struct entry *e;

    read_claim(&reader, c, &claim, err);
    reader_need(&reader, "outcome");
    reader_enum(&reader, "outcome", outcome_names, &outcome);
    if (outcome == OUTCOME_LOST)
        reader_fail(&reader, "outcome", "'lost' is for the controller to say");
    reader_string(&reader, "reason", &reason);
    if (reader_close(&reader) < 0)
        return CALL_BAD;
    if ((status = check_claim(s, &claim, &e, err)) != CALL_OK)
        return status;
    if (was_told(e, (enum outcome)outcome))
        return answer_state(e, r, err);
    if ((status = check_running(s, e, c->now, err)) != CALL_OK)
        return status;
    if (lease_end(s, e, (enum outcome)outcome, reason, c->now, err) < 0)
        return CALL_TROUBLE;
    return answer_state(e, r, err);
}
