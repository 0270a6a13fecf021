/* import: a trial of another run, with what it reported, becomes one of this
 * study: the samplers and pruners learn from it as from its own.
 *
 * Parameters are matched by name: those this space has not are left out; a
 * trial that lacks one, or has a value outside of the range, is not taken, nor
 * is one without the first objective. It is attempt 1 of a worker named after
 * its source, and does not count in stop.trials.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "launcher/service/calls.h"
#include "launcher/service/lease.h"

struct import {
    const char *source, *outcome;
    const struct tree *params, *curve;
};

/* The parameters that this space has. NULL without memory. */
static struct tree *known_params(const struct service *s,
                                 const struct tree *params)
{
    struct tree *known = tree_map();

    for (size_t i = 0; i < tree_count(params); i++)
        if (space_index(&s->study->space, tree_key(params, i)) >= 0)
            tree_set(known, tree_key(params, i), tree_copy(tree_at(params, i)));
    return known;
}

/* The point, in '*x' which the caller frees; NULL with 'why' when it does not
 * fit. */
static int find_point(struct service *s, const struct tree *params, double **x,
                      struct error *why)
{
    struct tree *known = known_params(s, params);

    *x = calloc(s->study->space.count + 1, sizeof **x);
    int rc = *x && tree_ok(known)
                 ? space_point_from_tree(&s->study->space, known, false,
                                         "params", *x, why)
                 : error_memory(why);
    tree_destroy(known);
    return rc;
}

/* Whether some report has the first objective, and all can be read. */
static int check_curve(const struct service *s, const struct tree *curve,
                       struct error *why)
{
    const char *metric = s->study->objectives[0].metric;
    bool valued = false;
    double value;

    for (size_t i = 0; i < tree_count(curve); i++) {
        struct report report;

        if (report_from_tree(tree_at(curve, i), &report, why) < 0)
            return -1;
        valued = valued || report_get(&report, metric, &value);
    }
    return valued ? 0 : error_usage(why, "it has no %s", metric);
}

static int add_reports(struct service *s, struct entry *e,
                       const struct tree *curve, struct error *err)
{
    for (size_t i = 0; i < tree_count(curve); i++) {
        const struct tree *point = tree_at(curve, i);
        struct report report;

        if (report_from_tree(point, &report, err) < 0 ||
            take_report(s, e, &report, tree_number(tree_get(point, "seconds")),
                        false, err) < 0)
            return -1;
    }
    return 0;
}

static int take(struct service *s, const struct import *import, const double *x,
                double now, struct entry **out, struct error *err)
{
    bool pruned = strcmp(import->outcome, "pruned") == 0;
    char worker[STORE_WORKER_BYTES];
    struct entry *e;

    snprintf(worker, sizeof worker, "import:%.100s", import->source);
    *out = e = state_add_imported(s, x, import->source, now, err);
    return !e || lease_begin(s, e, worker, now, err) < 0 ||
                   add_reports(s, e, import->curve, err) < 0 ||
                   lease_end(s, e, pruned ? OUTCOME_PRUNED : OUTCOME_COMPLETE,
                             "", now, err) < 0
               ? -1
               : 0;
}

static int read_import(const struct call *c, struct import *import,
                       struct error *err)
{
    struct reader reader;

    *import = (struct import){ "", "complete", NULL, NULL };
    reader_open(&reader, c->body, "request", "", err);
    reader_allow_unknown(&reader);
    reader_string(&reader, "source", &import->source);
    reader_string(&reader, "state", &import->outcome);
    import->params = reader_kind(&reader, "params", TREE_MAP);
    import->curve = reader_kind(&reader, "curve", TREE_LIST);
    reader_need(&reader, "params");
    reader_need(&reader, "curve");
    reader_need(&reader, "source");
    return reader_close(&reader);
}

/* The trial that was imported from 'source', or NULL. */
static struct entry *find_imported(struct service *s, const char *source)
{
    for (size_t i = 0; s->imported > 0 && i < s->history.count; i++)
        if (strcmp(s->entries[i].row.source, source) == 0)
            return &s->entries[i];
    return NULL;
}

static int answer_import(struct reply *r, const struct entry *e,
                         const char *reason, struct error *err)
{
    struct tree *body = tree_map();

    tree_set(body, "trial", e ? tree_int(e->row.number) : tree_null());
    tree_set_string(body, "reason", reason);
    return call_answer(r, body, err);
}

int call_import(struct service *s, const struct call *c, struct reply *r,
                struct error *err)
{
    struct error why = ERROR_INIT;
    struct import import;
    struct entry *e = NULL;
    double *x = NULL;
    int status = CALL_BAD;

    if (read_import(c, &import, err) < 0)
        return CALL_BAD;
    if ((e = find_imported(s, import.source))) /* it was here before */
        return answer_import(r, e, "", err);
    bool fits = find_point(s, import.params, &x, &why) == 0 &&
                check_curve(s, import.curve, &why) == 0;
    status = CALL_TROUBLE;
    if (fits && take(s, &import, x, c->now, &e, err) < 0)
        goto out;
    status = answer_import(r, e, why.what, err);
out:
    free(x);
    return status;
}
