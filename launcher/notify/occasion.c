/* occasion: see occasion.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/notify/occasion.h"

#include <inttypes.h>
#include <string.h>

#include "base/text.h"

const char *const occasion_names[] = { "started",  "best",    "failed",
                                       "finished", "stalled", NULL };

void known_init(struct known *k, double now)
{
    *k = (struct known){ .best_trial = -1, .quiet_since = now };
}

/* ---- kept between two lives of a notifier ------------------------------ */

struct tree *known_to_tree(const struct known *k)
{
    struct tree *t = tree_map();

    tree_set_bool(t, "started", k->started);
    tree_set_bool(t, "ended", k->ended);
    tree_set_int(t, "best_trial", k->best_trial);
    tree_set_float(t, "best_value", k->best_value);
    tree_set_int(t, "failed", k->failed);
    return t;
}

void known_from_tree(struct known *k, const struct tree *t)
{
    if (!tree_get(t, "best_trial"))
        return;
    k->started = tree_truth(tree_get(t, "started"));
    k->ended = tree_truth(tree_get(t, "ended"));
    k->best_trial = tree_integer(tree_get(t, "best_trial"));
    k->best_value = tree_number(tree_get(t, "best_value"));
    k->failed = tree_integer(tree_get(t, "failed"));
}

/* ---- telling ----------------------------------------------------------- */

/* Append a message; 'text' is taken and cleared. */
static void tell(struct tree *messages, const char *event,
                 const struct tree *study, const struct tree *trial,
                 const struct tree *value, struct text *text)
{
    struct tree *m = tree_map();

    tree_set_string(m, "event", event);
    tree_set(m, "study", tree_copy(tree_get(study, "study")));
    tree_set(m, "run", tree_copy(tree_get(study, "run")));
    tree_set(m, "metric", tree_copy(tree_get(study, "metric")));
    tree_set(m, "trial", trial ? tree_copy(trial) : tree_null());
    tree_set(m, "value", value ? tree_copy(value) : tree_null());
    tree_set_text(m, "text", text);
    tree_append(messages, m);
}

static void begin(struct text *text, const struct tree *study)
{
    text_format(text, "%s: ", tree_text(tree_get(study, "study")));
}

/* "new best val.pr_auc 0.79 (trial 14)" */
static void append_best(struct text *text, const struct tree *study)
{
    const struct tree *best = tree_get(study, "best");

    text_format(text, "best %s %.6g (trial %" PRId64 ")",
                tree_text(tree_get(study, "metric")),
                tree_number(tree_get(best, "value")),
                tree_integer(tree_get(best, "trial")));
}

static void look_start(struct known *k, const struct tree *study,
                       struct tree *messages)
{
    struct text text = TEXT_INIT;

    if (k->started)
        return;
    k->started = true;
    begin(&text, study);
    text_append(&text, "has begun");
    tell(messages, "started", study, NULL, NULL, &text);
}

static void look_best(struct known *k, const struct tree *study,
                      struct tree *messages)
{
    const struct tree *best = tree_get(study, "best");
    const struct tree *trial = tree_get(best, "trial");
    const struct tree *value = tree_get(best, "value");
    struct text text = TEXT_INIT;

    if (!trial || (tree_integer(trial) == k->best_trial &&
                   tree_number(value) == k->best_value))
        return;
    k->best_trial = tree_integer(trial);
    k->best_value = tree_number(value);
    begin(&text, study);
    text_append(&text, "new ");
    append_best(&text, study);
    tell(messages, "best", study, trial, value, &text);
}

static void look_failed(struct known *k, const struct tree *study,
                        const struct tree *failed, struct tree *messages)
{
    struct text text = TEXT_INIT;

    for (size_t i = 0; i < tree_count(failed); i++) {
        const struct tree *row = tree_at(failed, i);

        begin(&text, study);
        text_format(&text, "trial %" PRId64 " has failed: %s",
                    tree_integer(tree_get(row, "trial")),
                    tree_text(tree_get(row, "reason")));
        tell(messages, "failed", study, tree_get(row, "trial"), NULL, &text);
    }
    k->failed += (int64_t)tree_count(failed);
}

static void look_stalled(struct known *k, const struct tree *study, double now,
                         struct tree *messages)
{
    int64_t reports = tree_integer(tree_get(study, "reports"));
    int64_t running = tree_integer(tree_find(study, "states.running"));
    struct text text = TEXT_INIT;

    if (reports != k->reports || running == 0) {
        k->reports = reports;
        k->quiet_since = now;
        k->stalled = false;
    }
    if (k->stalled || now - k->quiet_since < OCCASION_STALL_S)
        return;
    k->stalled = true;
    begin(&text, study);
    text_format(&text,
                "no report for %.0f minutes, though %" PRId64 " trials run",
                (now - k->quiet_since) / 60, running);
    tell(messages, "stalled", study, NULL, NULL, &text);
}

static void look_end(struct known *k, const struct tree *study,
                     struct tree *messages)
{
    bool ended = strcmp(tree_text(tree_get(study, "state")), "running") != 0;
    const struct tree *best = tree_get(study, "best");
    struct text text = TEXT_INIT;

    if (ended && !k->ended) {
        begin(&text, study);
        text_format(&text, "%s (%s); ", tree_text(tree_get(study, "state")),
                    tree_text(tree_get(study, "reason")));
        if (tree_kind(best) == TREE_MAP)
            append_best(&text, study);
        else
            text_append(&text, "no trial has a value");
        tell(messages, "finished", study, tree_get(best, "trial"),
             tree_get(best, "value"), &text);
    }
    k->ended = ended; /* one that goes on may end again */
}

void occasion_look(struct known *k, const struct tree *study,
                   const struct tree *failed, double now, struct tree *messages)
{
    look_start(k, study, messages);
    look_best(k, study, messages);
    look_failed(k, study, failed, messages);
    look_stalled(k, study, now, messages);
    look_end(k, study, messages);
}
