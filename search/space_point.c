/* space_point: single points of a space: legal, compared, named.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/reader.h"
#include "search/parameter.h"
#include "search/space.h"

void space_repair(const struct space *s, double *x)
{
    for (size_t k = 0; k < s->count; k++) {
        size_t i = s->order[k];

        x[i] = space_active(s, i, x) ? parameter_snap(&s->parameters[i], x[i])
                                     : NAN;
    }
}

bool space_contains(const struct space *s, const double *x)
{
    for (size_t k = 0; k < s->count; k++) {
        size_t i = s->order[k];
        bool fits = space_active(s, i, x)
                        ? parameter_contains(&s->parameters[i], x[i])
                        : isnan(x[i]);
        if (!fits)
            return false;
    }
    return true;
}

/* The bits of a value, one for all NANs, one for both zeros. */
static uint64_t value_bits(double v)
{
    uint64_t bits;

    if (isnan(v))
        return UINT64_MAX;
    if (v == 0)
        return 0;
    memcpy(&bits, &v, sizeof bits);
    return bits;
}

unsigned long long space_hash(const struct space *s, const double *x)
{
    uint64_t hash = s->count;

    for (size_t i = 0; i < s->count; i++)
        hash = random_mix(hash ^ value_bits(x[i]));
    return hash;
}

bool space_same(const struct space *s, const double *x, const double *y)
{
    for (size_t i = 0; i < s->count; i++)
        if (x[i] != y[i] && !(isnan(x[i]) && isnan(y[i])))
            return false;
    return true;
}

static struct tree *value_to_tree(const struct parameter *p, double v)
{
    switch (p->kind) {
    case PARAMETER_CATEGORICAL:
        return tree_copy(tree_at(p->choices, (size_t)v));
    case PARAMETER_INT:
        return tree_int((int64_t)v);
    case PARAMETER_FLOAT:
        break;
    }
    return tree_float(v);
}

struct tree *space_point_to_tree(const struct space *s, const double *x)
{
    struct tree *map = tree_map();

    for (size_t i = 0; map != NULL && i < s->count; i++)
        if (!isnan(x[i]))
            tree_set(map, s->parameters[i].name,
                     value_to_tree(&s->parameters[i], x[i]));
    if (tree_ok(map))
        return map;
    tree_destroy(map);
    return NULL;
}

/* --- reading ------------------------------------------------------------- */

static int unknown_name(const struct space *s, const struct tree *t,
                        const char *name, const char *file, struct error *err)
{
    const char **names = malloc((s->count + 1) * sizeof *names);

    reader_error_at(err, file, t, "'%s' is no parameter of this space", name);
    for (size_t i = 0; names != NULL && i < s->count; i++)
        names[i] = s->parameters[i].name;
    const char *near = names ? text_nearest(name, names, s->count) : NULL;
    if (near != NULL)
        error_hint(err, "did you mean '%s'?", near);
    free(names);
    return -1;
}

static int check_names(const struct space *s, const struct tree *t,
                       const char *file, struct error *err)
{
    if (tree_kind(t) != TREE_MAP)
        return reader_error_at(err, file, t,
                               "expected a map of parameters, found %s",
                               tree_kind_name(tree_kind(t)));
    for (size_t i = 0; i < tree_count(t); i++)
        if (space_index(s, tree_key(t, i)) < 0)
            return unknown_name(s, tree_at(t, i), tree_key(t, i), file, err);
    return 0;
}

static int read_choice(const struct parameter *p, const struct tree *t,
                       const char *file, double *v, struct error *err)
{
    size_t count = tree_count(p->choices);
    long choice = parameter_choice(p, t);

    if (choice >= 0) {
        *v = (double)choice;
        return 0;
    }
    reader_error_at(err, file, t, "'%s' has no such choice", p->name);
    const char **names = malloc(count * sizeof *names);
    for (size_t i = 0; names != NULL && i < count; i++)
        names[i] = tree_text(tree_at(p->choices, i));
    const char *near = names && tree_kind(t) == TREE_STRING
                           ? text_nearest(tree_text(t), names, count)
                           : NULL;
    if (near != NULL)
        error_hint(err, "did you mean '%s'?", near);
    free(names);
    return -1;
}

static int read_value(const struct parameter *p, const struct tree *t,
                      const char *file, double *v, struct error *err)
{
    if (p->kind == PARAMETER_CATEGORICAL)
        return read_choice(p, t, file, v, err);
    if (!tree_is_number(t))
        return reader_error_at(err, file, t, "'%s' takes a number, found %s",
                               p->name, tree_kind_name(tree_kind(t)));
    if (!parameter_contains(p, tree_number(t)))
        return reader_error_at(err, file, t,
                               "'%s' cannot be %g: it goes from %g to %g%s",
                               p->name, tree_number(t), p->low, p->high,
                               isfinite(parameter_count(p)) ? " in steps" : "");
    *v = parameter_snap(p, tree_number(t));
    return 0;
}

/* A parent of parameter 'i' whose value is still open, or NULL. */
static const struct parameter *open_parent(const struct space *s, size_t i,
                                           const bool *open)
{
    const struct parameter *p = &s->parameters[i];

    for (size_t j = 0; j < p->condition_count; j++)
        if (open[p->conditions[j].parent])
            return &s->parameters[p->conditions[j].parent];
    return NULL;
}

/* Read parameter 'i' after its parents. 'open' marks those left to a sampler,
 * and those whose activity hangs on such a one. */
static int read_parameter(const struct space *s, size_t i, const struct tree *t,
                          const char *file, bool partial, double *x, bool *open,
                          struct error *err)
{
    const struct parameter *p = &s->parameters[i];
    const struct tree *value = tree_get(t, p->name);
    const struct parameter *parent = open_parent(s, i, open);

    x[i] = NAN;
    if (value != NULL && parent != NULL)
        return reader_error_at(err, file, value,
                               "'%s' depends on '%s', which is not given",
                               p->name, parent->name);
    bool active = parent == NULL && space_active(s, i, x);
    if (value != NULL && !active)
        return reader_error_at(err, file, value,
                               "'%s' does not apply here: its condition on "
                               "'%s' is not met",
                               p->name, p->conditions[0].parent_name);
    if (value != NULL)
        return read_value(p, value, file, &x[i], err);
    open[i] = active || parent != NULL;
    if (open[i] && !partial)
        return reader_error_at(err, file, t, "'%s' has no value", p->name);
    return 0;
}

int space_point_from_tree(const struct space *s, const struct tree *t,
                          bool partial, const char *file, double *x,
                          struct error *err)
{
    bool *open = calloc(s->count + 1, sizeof *open);
    int status = -1;

    if (open == NULL) {
        error_memory(err);
        goto out;
    }
    if (check_names(s, t, file, err))
        goto out;
    for (size_t k = 0; k < s->count; k++)
        if (read_parameter(s, s->order[k], t, file, partial, x, open, err))
            goto out;
    status = 0;
out:
    free(open);
    return status;
}
