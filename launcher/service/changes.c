/* changes: what a page that follows a study asks for again and again: the
 * trials that changed since it asked last, with their curves and attempts.
 *
 * The history numbers its changes, and keeps the trials in the order of their
 * last one. A page is told where it is and says so next time; whoever comes
 * with the place of another controller gets everything, in pieces.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "launcher/service/calls.h"
#include "launcher/service/curve.h"
#include "launcher/service/query.h"

enum { TRIALS_AT_ONCE = 1000 };

/* ---- a trial ---------------------------------------------------------- */

static struct tree *point(int64_t step, double value, double seconds)
{
    struct tree *list = tree_list();

    tree_append(list, tree_int(step));
    tree_append(list, isfinite(value) ? tree_float(value) : tree_null());
    tree_append(list, isnan(seconds) ? tree_null() : tree_float(seconds));
    return list;
}

/* The first objective's curve as the search engine has it. */
static struct tree *curve_in_memory(const struct service *s,
                                    const struct trial *t)
{
    double sign = s->study->objectives[0].maximize ? -1 : 1;
    struct tree *list = tree_list();

    for (size_t i = 0; i < t->curve_count; i++)
        tree_append(list, point(t->curve[i].step, sign * t->curve[i].loss,
                                t->curve[i].seconds));
    return list;
}

/* The same from the store: a view holds no curves. */
static struct tree *curve_on_disk(struct service *s, const struct entry *e,
                                  struct error *err)
{
    const char *metric = s->study->objectives[0].metric;
    struct curve curve = { 0 };
    struct tree *list = NULL;

    if (curve_read(s->store, e->row.last_report, &curve, err) == 0)
        list = tree_list();
    for (size_t i = 0; list && i < curve.count; i++) {
        const struct curve_item *item = &curve.items[i];
        const struct tree *value = tree_get(item->metrics, metric);

        if (value)
            tree_append(list,
                        point(item->step, tree_number(value), item->seconds));
    }
    curve_clear(&curve);
    return list;
}

static int add_work(void *context, const struct store_attempt *a,
                    struct error *err)
{
    struct tree *list = context, *item = tree_list();

    (void)err;
    tree_append(item, tree_string(a->worker));
    tree_append(item, tree_float(a->started));
    tree_append(item, isnan(a->ended) ? tree_null() : tree_float(a->ended));
    tree_append(item, tree_string(a->outcome));
    tree_append(list, item);
    return 0;
}

static struct tree *changed_trial(struct service *s, size_t number, double now,
                                  struct error *err)
{
    struct entry *e = &s->entries[number];
    struct tree *row = view_row(s, e, now, err), *work = tree_list();
    int rc = store_read_attempts(s->store, e->row.number, add_work, work, err);

    tree_set(row, "work", work);
    tree_set(row, "curve",
             rc < 0 ? NULL
             : s->options.view
                 ? curve_on_disk(s, e, err)
                 : curve_in_memory(s, &s->history.trials[number]));
    return row;
}

/* ---- the space -------------------------------------------------------- */

/* What axes need to know of a parameter. */
static struct tree *parameter_axis(const struct parameter *p)
{
    static const char *const kinds[] = { [PARAMETER_FLOAT] = "float",
                                         [PARAMETER_INT] = "int",
                                         [PARAMETER_CATEGORICAL] =
                                             "categorical" };
    struct tree *t = tree_map();

    tree_set_string(t, "name", p->name);
    tree_set_string(t, "kind", kinds[p->kind]);
    if (p->kind == PARAMETER_CATEGORICAL) {
        tree_set(t, "choices", tree_copy(p->choices));
        return t;
    }
    tree_set_float(t, "low", p->low);
    tree_set_float(t, "high", p->high);
    tree_set_bool(t, "log", p->log);
    tree_set(t, "step", p->step > 0 ? tree_float(p->step) : tree_null());
    return t;
}

static struct tree *axes(const struct space *space)
{
    struct tree *list = tree_list();

    for (size_t i = 0; i < space->count; i++)
        tree_append(list, parameter_axis(&space->parameters[i]));
    return list;
}

/* ---- which ------------------------------------------------------------ */

/* Trials that changed after version 'since', least recently changed first, in
 * a list of '*count' that the caller frees; NULL when out of memory. */
static int64_t *list_changed(const struct history *h, uint64_t since,
                             size_t *count)
{
    int64_t *list;
    size_t n = 0;

    for (int64_t i = h->newest; i >= 0 && h->trials[i].changed > since;
         i = h->trials[i].older)
        n++;
    list = malloc((n + 1) * sizeof *list);
    if (!list)
        return NULL;
    *count = n;
    for (int64_t i = h->newest; n > 0; i = h->trials[i].older)
        list[--n] = i;
    return list;
}

int call_changes(struct service *s, const struct call *c, struct reply *r,
                 struct error *err)
{
    int64_t term, since, at, *list;
    struct tree *body, *trials;
    size_t count, i;

    if (query_int(c->query, "term", 0, &term, err) < 0 ||
        query_int(c->query, "since", 0, &since, err) < 0)
        return CALL_BAD;
    at = term == s->term ? since : 0;
    list = list_changed(&s->history, (uint64_t)at, &count);
    if (!list) {
        error_memory(err);
        return CALL_TROUBLE;
    }
    body = tree_map();
    trials = tree_list();
    for (i = 0; i < count && (s->options.view || i < TRIALS_AT_ONCE); i++) {
        tree_append(trials, changed_trial(s, (size_t)list[i], c->now, err));
        at = (int64_t)s->history.trials[list[i]].changed;
    }
    free(list);
    tree_set_int(body, "term", s->term);
    tree_set_int(body, "at", at);
    tree_set_bool(body, "more", i < count);
    tree_set(body, "space", axes(&s->study->space));
    tree_set(body, "study", view_summary(s, c->now));
    tree_set(body, "trials", trials);
    return call_answer(r, body, err);
}
