/* metrics: what watches over the controller asks: what a Prometheus server reads
 * (text exposition format 0.0.4), whether it lives.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "launcher/service/calls.h"

static void put(struct text *out, const char *name, const char *kind,
                const char *help, double value)
{
    text_format(out, "# HELP sentei_%s %s\n# TYPE sentei_%s %s\nsentei_%s ",
                name, help, name, kind, name);
    text_append_double(out, value);
    text_append_char(out, '\n');
}

static void put_states(struct text *out, const struct history *h)
{
    text_append(out, "# HELP sentei_trials Trials by state.\n"
                     "# TYPE sentei_trials gauge\n");
    for (int i = 0; i < TRIAL_STATES; i++)
        text_format(out, "sentei_trials{state=\"%s\"} %zu\n",
                    trial_state_name((enum trial_state)i), h->in_state[i]);
}

int call_metrics(struct service *s, const struct call *c, struct reply *r,
                 struct error *err)
{
    const struct counters *n = &s->counters;
    const struct entry *best = state_best(s);
    struct text out = TEXT_INIT;
    int64_t reports = 0;

    for (size_t i = 0; i < s->history.count; i++)
        reports += s->entries[i].row.reports;
    put_states(&out, &s->history);
    put(&out, "reports_total", "counter", "Reports stored.", (double)reports);
    put(&out, "requests_total", "counter", "Calls answered.",
        (double)n->requests);
    put(&out, "refused_total", "counter", "Calls answered with an error.",
        (double)n->refused);
    put(&out, "stale_total", "counter", "Calls with a stale lease.",
        (double)n->stale);
    put(&out, "lost_total", "counter", "Attempts whose worker fell silent.",
        (double)n->lost);
    put(&out, "commits_total", "counter", "Transactions put on disk.",
        (double)n->commits);
    put(&out, "commit_seconds_total", "counter", "Time spent in them.",
        n->commit_s);
    put(&out, "commit_failures_total", "counter", "Transactions undone.",
        (double)n->failed_commits);
    put(&out, "busy_seconds", "gauge", "Time trials have been worked on.",
        state_total_busy(s, c->now));
    put(&out, "elapsed_seconds", "gauge", "Time the study has been served.",
        state_elapsed(s, c->now));
    if (best)
        put(&out, "best_value", "gauge", "The best trial's value.",
            best->row.results[0]);
    if (!(r->text = text_take(&out))) {
        error_memory(err);
        return CALL_TROUBLE;
    }
    return CALL_OK;
}

int call_health(struct service *s, const struct call *c, struct reply *r,
                struct error *err)
{
    struct tree *t = tree_map();

    (void)s;
    (void)c;
    tree_set_bool(t, "ok", true);
    return call_answer(r, t, err);
}
