/* changes: what a page that follows a study asks for again and again: the
 * trials that changed since it asked last, with their curves and attempts.
 *
 * The history numbers its changes, and keeps the trials in the order of their
 * last one. A page is told where it is and says so next time; whoever comes
 * with the place of another controller gets everything, in pieces; the last one
 * has the summary and the first places, which take a look at every trial.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "launcher/results/board.h"
#include "launcher/results/curve.h"
#include "launcher/service/calls.h"
#include "launcher/service/query.h"

/* A view is opened anew for each call. */
enum { TRIALS_AT_ONCE = 1000, VIEWED_AT_ONCE = 2000, PLACES = 100 };

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
    struct curve curve = { 0 };
    struct tree *list = NULL;

    if (curve_read(s->store, e->row.last_report, false, &curve, err) == 0)
        list = tree_list();
    for (size_t i = 0; list && i < curve.count; i++) {
        const struct curve_item *item = &curve.items[i];

        if (item->has_value)
            tree_append(list, point(item->step, item->value, item->seconds));
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

static struct tree *changed_trial(struct service *s, struct entry *e,
                                  double now, struct error *err)
{
    struct tree *row = view_row(s, e, now, err), *work = tree_list();
    int rc = store_read_attempts(s->store, e->row.number, add_work, work, err);

    tree_set(row, "work", work);
    tree_set(row, "curve",
             rc < 0 ? NULL
             : s->options.view
                 ? curve_on_disk(s, e, err)
                 : curve_in_memory(s, &s->history.trials[e->row.number]));
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

/* Append the trials that changed after '*at', as many as go at once, and move
 * it on. Returns 1 when there are more, 0, or -1 with 'err'. */
static int add_changed(struct service *s, int64_t *at, double now,
                       struct tree *trials, struct error *err)
{
    size_t count, i;
    int64_t *list = list_changed(&s->history, (uint64_t)*at, &count);

    if (!list)
        return error_memory(err);
    for (i = 0; i < count && i < TRIALS_AT_ONCE; i++) {
        tree_append(trials, changed_trial(s, &s->entries[list[i]], now, err));
        *at = (int64_t)s->history.trials[list[i]].changed;
    }
    free(list);
    return i < count;
}

/* The same of a view, whose trials stay as they are: '*at' of them were told. */
static int add_stored(struct service *s, int64_t *at, double now,
                      struct tree *trials, struct error *err)
{
    for (int i = 0; i < VIEWED_AT_ONCE; i++) {
        struct entry room, *e;
        int rc = state_see(s, *at, &room, &e, err);

        if (rc > 0)
            tree_append(trials, changed_trial(s, e, now, err));
        entry_clear(&room);
        if (rc <= 0)
            return rc;
        ++*at;
    }
    return 1;
}

/* How many places are told. To number the fronts of several objectives takes too
 * long to be done again and again. */
static size_t places_wanted(const struct study *study)
{
    return study->objective_count == 1 ? PLACES : 0;
}

/* The trials with a place, best first: [number], or [number, first, last] with
 * the ranks that it may really have. */
static struct tree *places(struct board *b)
{
    struct tree *list = tree_list();

    for (size_t i = 0; i < b->order.count; i++) {
        struct tree *place = tree_list();
        int64_t first, last;

        tree_append(place, tree_int(b->order.places[i].standing.number));
        if (board_ranks(b, i, &first, &last)) {
            tree_append(place, tree_int(first));
            tree_append(place, tree_int(last));
        }
        tree_append(list, place);
    }
    return list;
}

int call_changes(struct service *s, const struct call *c, struct reply *r,
                 struct error *err)
{
    struct tree *body = NULL, *trials;
    int64_t term, since, at;
    struct board b;
    int more;

    if (query_int(c->query, "term", 0, &term, err) < 0 ||
        query_int(c->query, "since", 0, &since, err) < 0)
        return CALL_BAD;
    at = term == s->term ? since : 0;
    trials = tree_list();
    board_begin(&b, s->study, places_wanted(s->study));
    more = (s->loaded ? add_changed : add_stored)(s, &at, c->now, trials, err);
    if (more < 0 || (!more && (state_each(s, c->now, board_add, &b, err) < 0 ||
                               board_finish(&b, err) < 0)))
        goto out;
    body = tree_map();
    tree_set_int(body, "term", s->term);
    tree_set_int(body, "at", at);
    tree_set_bool(body, "more", more);
    tree_set(body, "space", axes(&s->study->space));
    tree_set(body, "study",
             more ? tree_null() : view_summary(s, &b.tally, c->now));
    tree_set(body, "places", more || !b.order.most ? tree_null() : places(&b));
    tree_set(body, "trials", trials);
    trials = NULL;
out:
    board_clear(&b);
    tree_destroy(trials);
    return call_answer(r, body, err);
}
