/* patient: another pruner, asked only about trials that have stopped to get
 * better. Alone it ends them itself.
 *
 * It has when the best of its last 'patience' + 1 reports is worse than the
 * best before them, by more than 'min_delta'. The rule of Optuna's
 * PatientPruner; Akiba et al., Optuna, KDD 2019.
 * SPDX-License-Identifier: Apache-2.0 */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "search/pruner.h"

struct patient {
    int64_t patience;
    double min_delta;
    const struct pruner *wrapped; /* NULL: alone */
    void *state;                  /* of 'wrapped' */
};

static void patient_destroy(void *state)
{
    struct patient *p = state;

    if (p == NULL)
        return;
    if (p->wrapped != NULL)
        p->wrapped->destroy(p->state);
    free(p);
}

/* "wrapped: median", or "wrapped: {type: median, ...}". */
static int create_wrapped(struct patient *p, struct reader *options,
                          struct error *err)
{
    const struct tree *t = reader_any(options, "wrapped");
    const char *name = tree_text(t);
    struct reader inner;

    if (t == NULL)
        return 0;
    reader_open(&inner, tree_kind(t) == TREE_MAP ? t : NULL, options->file,
                "search.pruner.wrapped", err);
    if (tree_kind(t) == TREE_MAP)
        reader_string(&inner, "type", &name);
    const struct pruner *wrapped = pruner_find(name, err);
    if (wrapped == NULL) {
        error_where(err, "%s:%u:%u", options->file, tree_line(t),
                    tree_column(t));
        return error_prefix(err, "wrapped");
    }
    if (wrapped->create(&p->state, &inner, err) || reader_close(&inner)) {
        wrapped->destroy(p->state);
        return -1;
    }
    p->wrapped = wrapped;
    return 0;
}

static int patient_create(void **state, struct reader *options,
                          struct error *err)
{
    struct patient *p = calloc(1, sizeof *p);

    *state = p;
    if (p == NULL)
        return error_memory(err);
    reader_int(options, "patience", 0, INT32_MAX, &p->patience);
    reader_float(options, "min_delta", 0, DBL_MAX, &p->min_delta);
    reader_need(options, "patience");
    return create_wrapped(p, options, err);
}

/* Whether the best of the last 'patience' + 1 reports is worse than the best
 * before them, by more than 'min_delta'. */
static bool stagnates(const struct patient *p, const struct trial *t)
{
    double before = INFINITY, lately = INFINITY;
    size_t recent = (size_t)p->patience + 1;

    if (t->curve_count <= recent)
        return false;
    for (size_t i = 0; i < t->curve_count; i++)
        if (i + recent < t->curve_count)
            before = fmin(before, t->curve[i].loss);
        else
            lately = fmin(lately, t->curve[i].loss);
    return before + p->min_delta < lately;
}

static enum decision patient_judge(void *state, const struct history *h,
                                   int64_t number)
{
    struct patient *p = state;

    if (!stagnates(p, &h->trials[number]))
        return DECISION_CONTINUE;
    return p->wrapped ? p->wrapped->judge(p->state, h, number) : DECISION_PRUNE;
}

static int64_t patient_promote(void *state, const struct history *h)
{
    struct patient *p = state;

    return p->wrapped && p->wrapped->promote ? p->wrapped->promote(p->state, h)
                                             : -1;
}

static void patient_describe(const void *state, struct text *out)
{
    const struct patient *p = state;

    text_format(out,
                "only what has not come below its best for more than %lld "
                "reports",
                (long long)p->patience);
    if (p->min_delta > 0)
        text_format(out, " by %g", p->min_delta);
    if (p->wrapped == NULL)
        return;
    text_format(out, "; then %s: ", p->wrapped->name);
    p->wrapped->describe(p->state, out);
}

const struct pruner pruner_patient = {
    .name = "patient",
    .create = patient_create,
    .judge = patient_judge,
    .promote = patient_promote,
    .describe = patient_describe,
    .destroy = patient_destroy,
};
