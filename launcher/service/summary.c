/* summary: a study as a whole, as a reply (SUMMARY in docs/api.md).
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "launcher/results/tally.h"
#include "launcher/service/budget.h"
#include "launcher/service/calls.h"

static void set_limit(struct tree *map, const char *key, double limit)
{
    tree_set(map, key, isfinite(limit) ? tree_float(limit) : tree_null());
}

/* ---- the study -------------------------------------------------------- */

static struct tree *objectives(const struct study *study)
{
    struct tree *list = tree_list();

    for (size_t i = 0; i < study->objective_count; i++) {
        const struct objective *o = &study->objectives[i];
        struct tree *item = tree_map();

        tree_set_string(item, "metric", o->metric);
        tree_set_string(item, "direction",
                        o->maximize ? "maximize" : "minimize");
        tree_append(list, item);
    }
    return list;
}

static struct tree *parameter_names(const struct space *space)
{
    struct tree *list = tree_list();

    for (size_t i = 0; i < space->count; i++)
        tree_append(list, tree_string(space->parameters[i].name));
    return list;
}

static struct tree *count_states(const struct tally *tally)
{
    struct tree *map = tree_map();

    for (int i = 0; i < TRIAL_STATES; i++)
        tree_set_int(map, trial_state_name((enum trial_state)i),
                     tally->in_state[i]);
    return map;
}

static struct tree *best_trial(const struct tally *tally)
{
    const struct improvement *best;
    struct tree *map;

    if (tally->improvement_count == 0)
        return tree_null();
    best = &tally->improvements[tally->improvement_count - 1];
    map = tree_map();
    tree_set_int(map, "trial", best->standing.number);
    tree_set_float(map, "value", best->value);
    return map;
}

/* The trials that were better than all before them: [[number, value], ...]. */
static struct tree *improvements(const struct tally *tally)
{
    struct tree *list = tree_list();

    for (size_t i = 0; i < tally->improvement_count; i++) {
        struct tree *pair = tree_list();

        tree_append(pair, tree_int(tally->improvements[i].standing.number));
        tree_append(pair, tree_float(tally->improvements[i].value));
        tree_append(list, pair);
    }
    return list;
}

/* None in a view: who held a trial when the last controller ended is old. */
static struct tree *busy_workers(const struct service *s, double now)
{
    size_t count = s->options.view ? 0 : s->history.count;
    struct tree *list = tree_list();

    for (size_t i = 0; i < count; i++) {
        const struct entry *e = &s->entries[i];
        struct tree *item;

        if (e->row.state != TRIAL_RUNNING)
            continue;
        item = tree_map();
        tree_set_string(item, "worker", e->attempt.worker);
        tree_set_int(item, "trial", e->row.number);
        tree_set_int(item, "attempt", e->attempt.number);
        tree_set(item, "step", view_step(e->row.step));
        tree_set_float(item, "seen_s", fmax(0, now - e->seen));
        tree_append(list, item);
    }
    return list;
}

/* running, stopped or finished, and why. */
static void set_condition(const struct service *s, double now,
                          struct tree *summary)
{
    struct text reason = TEXT_INIT;
    const char *state = "running";

    if (s->stop) {
        state = "stopped";
        text_append(&reason, s->stop);
    } else if (s->end) {
        state = "finished";
        text_append(&reason, s->end);
    } else if (s->options.view) {
        state = "stopped";
        text_append(&reason, "no controller is running");
    } else if (s->pause) {
        text_format(&reason, "paused: %s", s->pause);
    } else {
        budget_check(s, now, &reason);
    }
    tree_set_string(summary, "state", state);
    tree_set_text(summary, "reason", &reason);
}

static void set_search(const struct service *s, struct tree *summary)
{
    struct text words = TEXT_INIT;

    if (s->engine)
        engine_describe(s->engine, &words);
    else
        text_format(&words, "sampler %s, pruner %s", s->study->search.sampler,
                    s->study->search.pruner);
    tree_set_text(summary, "search", &words);
}

static void set_budget(const struct study *study, int64_t imported,
                       struct tree *t)
{
    const struct stop_rules *stop = &study->stop;

    tree_set(t, "budget_trials",
             stop->trials == INT64_MAX ? tree_null()
                                       : tree_int(stop->trials + imported));
    set_limit(t, "budget_hours", stop->hours);
    set_limit(t, "budget_gpu_hours", stop->gpu_hours);
}

static void set_tally(const struct study *study, const struct tally *tally,
                      struct tree *t)
{
    tree_set_int(t, "trials", tally->trials);
    set_budget(study, tally->imported, t);
    tree_set(t, "states", count_states(tally));
    tree_set_int(t, "imported", tally->imported);
    tree_set_int(t, "reports", tally->reports);
    tree_set(t, "best", best_trial(tally));
    tree_set(t, "improvements", improvements(tally));
    tree_set_float(t, "busy_s", tally->busy_s);
    tree_set_float(t, "gpu_hours", budget_gpu_hours(study, tally->busy_s));
}

struct tree *view_summary(struct service *s, const struct tally *tally,
                          double now)
{
    const struct objective *first = &s->study->objectives[0];
    struct tree *t = tree_map();

    tree_set_string(t, "study", s->study->name);
    tree_set_string(t, "metric", first->metric);
    tree_set_string(t, "direction", first->maximize ? "maximize" : "minimize");
    tree_set(t, "objectives", objectives(s->study));
    tree_set(t, "space", parameter_names(&s->study->space));
    set_condition(s, now, t);
    set_tally(s->study, tally, t);
    tree_set_float(t, "elapsed_s", state_elapsed(s, now));
    view_set_known(t, "started", s->first_started);
    view_set_known(t, "seconds_left", budget_seconds_left(s, now));
    tree_set(t, "workers", busy_workers(s, now));
    set_search(s, t);
    tree_set_string(t, "trouble", s->unstored.what);
    tree_set_string(t, "run", s->options.run);
    return t;
}

int call_study(struct service *s, const struct call *c, struct reply *r,
               struct error *err)
{
    struct tally tally = { .study = s->study };
    struct tree *body = NULL;

    if (state_each(s, c->now, tally_add, &tally, err) == 0)
        body = view_summary(s, &tally, c->now);
    tally_clear(&tally);
    return call_answer(r, body, err);
}
