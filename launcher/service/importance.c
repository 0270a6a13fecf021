/* importance: which parameters matter, asked by people and by the live page.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/importance.h"

#include <math.h>
#include <stdlib.h>

#include "launcher/results/results.h"
#include "launcher/service/calls.h"
#include "launcher/service/query.h"

/* ---- the trials ------------------------------------------------------------ */

/* Those that ended with a value, with this value alone: a view of the store
 * has no curves. */
static int add_trial(const struct service *s, const struct entry *e,
                     struct history *h, struct error *err)
{
    enum trial_state state = e->row.state;
    double losses[STUDY_MAX_OBJECTIVES] = { 0 };
    int64_t number;

    if ((state != TRIAL_COMPLETE && state != TRIAL_PRUNED) ||
        !(e->row.known & 1))
        return 0;
    number = history_add(h, s->history.trials[e->row.number].x);
    losses[0] = results_loss(s->study, 0, e->row.results[0]);
    if (number < 0 || history_report(h, number, 1, losses[0], NAN) < 0)
        return error_memory(err);
    history_finish(h, number, losses, NULL);
    history_set_state(h, number, state);
    return 0;
}

/* ---- the answer ------------------------------------------------------------- */

/* A parameter, or a pair of them: then 'other' is its second. */
struct line {
    const char *name, *other;
    double importance;
    size_t trials;
};

static int by_importance(const void *left, const void *right)
{
    const struct line *a = left, *b = right;

    return (a->importance < b->importance) - (a->importance > b->importance);
}

static struct tree *list_of(struct line *lines, size_t count)
{
    struct tree *list = tree_list();

    qsort(lines, count, sizeof *lines, by_importance);
    for (size_t i = 0; i < count; i++) {
        struct tree *item = tree_map();

        tree_set_string(item, "parameter", lines[i].name);
        if (lines[i].other)
            tree_set_string(item, "with", lines[i].other);
        tree_set_float(item, "importance", lines[i].importance);
        if (!lines[i].other)
            tree_set_int(item, "trials", (int64_t)lines[i].trials);
        tree_append(list, item);
    }
    return list;
}

static struct tree *singles(const struct importance *m, const struct space *s)
{
    struct line *lines = calloc(s->count + 1, sizeof *lines);
    struct tree *list = NULL;

    for (size_t i = 0; lines && i < s->count; i++)
        lines[i] = (struct line){ s->parameters[i].name, NULL, m->single[i],
                                  m->active[i] };
    if (lines)
        list = list_of(lines, s->count);
    free(lines);
    return list;
}

static struct tree *pairs(const struct importance *m, const struct space *s)
{
    struct line *lines = calloc(s->count * s->count + 1, sizeof *lines);
    struct tree *list = NULL;
    size_t count = 0;

    for (size_t i = 0; lines && i < s->count; i++)
        for (size_t j = i + 1; j < s->count; j++)
            lines[count++] =
                (struct line){ s->parameters[i].name, s->parameters[j].name,
                               m->pair[i * s->count + j], 0 };
    if (lines)
        list = list_of(lines, count);
    free(lines);
    return list;
}

int call_importance(struct service *s, const struct call *c, struct reply *r,
                    struct error *err)
{
    struct tree *body = tree_map();
    struct history h;
    struct importance m;
    int64_t with_pairs;
    double share;
    int rc = 0;

    if (query_float(c->query, "share", 0.1, &share, err) < 0 ||
        query_int(c->query, "pairs", 0, &with_pairs, err) < 0) {
        tree_destroy(body);
        return CALL_BAD;
    }
    history_init(&h, &s->study->space, s->study->objective_count, 0);
    for (size_t i = 0; rc == 0 && i < s->history.count; i++)
        rc = add_trial(s, &s->entries[i], &h, err);
    if (rc == 0)
        rc = importance_of(&m, &h, share, with_pairs > 0, err);
    if (rc == 0) {
        tree_set_string(body, "study", s->study->name);
        tree_set_int(body, "trials", (int64_t)m.trials);
        tree_set(body, "importance", singles(&m, &s->study->space));
        if (with_pairs > 0)
            tree_set(body, "pairs", pairs(&m, &s->study->space));
        importance_clear(&m);
    }
    history_clear(&h);
    if (rc == 0)
        return call_answer(r, body, err);
    tree_destroy(body);
    return CALL_CONFLICT;
}
