/* budget: see budget.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/service/budget.h"

#include <math.h>
#include <stdlib.h>

#include "launcher/results/results.h"

double budget_gpu_hours(const struct study *study, double busy_s)
{
    const struct resources *r = &study->resources;

    return (double)(r->nodes * r->tasks_per_node * r->gpus_per_task) * busy_s /
           3600;
}

/* Trials that ended after the best one did. */
static int64_t trials_since_best(const struct service *s)
{
    const struct entry *best = state_best(s);
    int64_t count = 0;

    if (!best || isnan(best->row.ended))
        return 0;
    for (size_t i = 0; i < s->history.count; i++)
        if (s->entries[i].row.ended > best->row.ended)
            count++;
    return count;
}

static void say(struct text *reason, double used, double limit,
                const char *unit)
{
    if (reason)
        text_format(reason, "%.6g of %.6g %s", used, limit, unit);
}

enum budget budget_check(const struct service *s, double now,
                         struct text *reason)
{
    const struct stop_rules *stop = &s->study->stop;
    double hours = state_elapsed(s, now) / 3600;

    if (s->stop) {
        if (reason)
            text_append(reason, s->stop);
        return BUDGET_STOPPED;
    }
    if (hours >= stop->hours) {
        say(reason, hours, stop->hours, "hours");
        return BUDGET_STOPPED;
    }
    if (isfinite(stop->gpu_hours)) {
        double used = budget_gpu_hours(s->study, state_total_busy(s, now));

        if (used >= stop->gpu_hours) {
            say(reason, used, stop->gpu_hours, "GPU-hours");
            return BUDGET_STOPPED;
        }
    }
    if (stop->no_improvement != INT64_MAX &&
        trials_since_best(s) >= stop->no_improvement) {
        if (reason)
            text_format(reason, "no improvement in %jd trials",
                        (intmax_t)trials_since_best(s));
        return BUDGET_DRAIN;
    }
    if (s->regret && regret_is_low(s->regret, &s->history, stop->regret)) {
        if (reason)
            text_format(reason, "no trial is expected to be better by %.3g",
                        s->regret->bound);
        return BUDGET_DRAIN;
    }
    int64_t trials = (int64_t)s->history.count - s->imported;
    if (trials >= stop->trials) {
        say(reason, (double)trials, (double)stop->trials, "trials");
        return BUDGET_LAST;
    }
    return BUDGET_OPEN;
}

/* Whether something may still be handed out or come to an end. */
static bool has_work(const struct service *s, enum budget budget)
{
    if (s->history.in_state[TRIAL_RUNNING] > 0)
        return true;
    if (budget == BUDGET_STOPPED)
        return false;
    for (size_t i = 0; i < s->history.count; i++)
        if (s->entries[i].row.state == TRIAL_WAITING ||
            (s->entries[i].row.state == TRIAL_PAUSED &&
             s->entries[i].row.interrupted))
            return true;
    if (budget == BUDGET_DRAIN)
        return false;
    if (budget == BUDGET_LAST)
        return engine_promote(s->engine, &s->history) >= 0;
    return s->exhausted != s->history.version + 1;
}

int budget_refresh_end(struct service *s, double now, struct error *err)
{
    struct text reason = TEXT_INIT;
    enum budget budget;
    int rc = -1;

    if (s->end || (s->pause && !s->stop))
        return 0;
    budget = budget_check(s, now, &reason);
    if (has_work(s, budget)) {
        rc = 0;
        goto out;
    }
    if (budget == BUDGET_OPEN)
        text_append(&reason, "no untried point is left in the space");
    if (state_write(s, err) < 0 ||
        store_set_meta(s->store, "end", text_get(&reason), err) < 0)
        goto out;
    if (!(s->end = text_take(&reason)))
        error_memory(err);
    else
        rc = 0;
out:
    text_clear(&reason);
    return rc;
}

double budget_seconds_left(const struct service *s, double now)
{
    const struct stop_rules *stop = &s->study->stop;
    double by_clock = stop->hours * 3600 - state_elapsed(s, now);
    double busy = 0, workers = (double)s->history.in_state[TRIAL_RUNNING];
    int64_t ended = 0;

    if (s->end || s->options.view)
        return NAN;
    for (size_t i = 0; i < s->history.count; i++)
        if (!isnan(s->entries[i].row.ended) && !*s->entries[i].row.source) {
            busy += s->entries[i].row.busy_s;
            ended++;
        }
    if (ended == 0 || stop->trials == INT64_MAX)
        return isfinite(by_clock) ? fmax(0, by_clock) : (double)NAN;
    double left =
        (double)stop->trials * busy / (double)ended - state_total_busy(s, now);

    return fmax(0, fmin(by_clock, left / fmax(1, workers)));
}
