/* parameters: the section space: names, ranges, choices and conditions.
 *
 * What a range may be is the space's to say (search/space.h); what is checked
 * here beforehand has a better position in the file than the whole parameter.
 * SPDX-License-Identifier: Apache-2.0 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "launcher/study/sections.h"

enum { MOST_PARAMETERS = 1000, MOST_CHOICES = 4096, MOST_CONDITIONS = 16 };

static const int64_t exact = (int64_t)1 << 53; /* whole numbers up to here */

static const char *const kinds[] = { "float", "int", "categorical", "bool",
                                     NULL };
enum { KIND_BOOL = 3 }; /* categorical with the choices false, true */

static void parameter_clear(struct parameter *p)
{
    for (size_t i = 0; i < p->condition_count; i++) {
        free(p->conditions[i].parent_name);
        tree_destroy(p->conditions[i].values);
    }
    free(p->conditions);
    tree_destroy(p->choices);
    free(p->name);
}

static bool is_scalar(const struct tree *t)
{
    enum tree_kind kind = tree_kind(t);

    return kind == TREE_BOOL || kind == TREE_STRING || tree_is_number(t);
}

static bool read_number(struct reader *r, const char *key, bool whole,
                        double low, double *out)
{
    int64_t value;

    if (!whole)
        return reader_float(r, key, low, DBL_MAX, out);
    if (!reader_int(r, key, (int64_t)fmax(low, -(double)exact), exact, &value))
        return false;
    *out = (double)value;
    return true;
}

static void read_range(struct reader *r, struct parameter *p)
{
    bool whole = p->kind == PARAMETER_INT;

    read_number(r, "low", whole, -DBL_MAX, &p->low);
    reader_need(r, "low");
    read_number(r, "high", whole, -DBL_MAX, &p->high);
    reader_need(r, "high");
    bool step = read_number(r, "step", whole, 0, &p->step);
    reader_bool(r, "log", &p->log);
    if (r->failed)
        return;
    if (p->high < p->low)
        reader_fail(r, "high", "the range is empty: high %.15g < low %.15g",
                    p->high, p->low);
    else if (p->log && p->low <= 0)
        reader_fail(r, "low", "a logarithmic range needs low > 0, found %.15g",
                    p->low);
    else if (step && p->log)
        reader_fail(r, "step", "a logarithmic range has no step");
    else if (step && p->step == 0)
        reader_fail(r, "step", "expected a number above 0, found 0");
}

/* Two equal choices could not be told apart. */
static void check_choices(struct reader *r, const struct tree *list)
{
    size_t count = tree_count(list);

    if (count == 0 || count > MOST_CHOICES) {
        reader_fail(r, "choices", "expected 1 to %d of them, found %zu",
                    MOST_CHOICES, count);
        return;
    }
    for (size_t i = 0; !r->failed && i < count; i++) {
        const struct tree *t = tree_at(list, i);
        const char *fault = NULL;
        if (!is_scalar(t))
            fault = "expected a number, a word or true/false";
        else if (tree_is_number(t) && !isfinite(tree_number(t)))
            fault = "expected a finite number";
        for (size_t j = 0; !fault && j < i; j++)
            if (tree_equal(tree_at(list, j), t))
                fault = "this choice is there twice";
        if (fault) {
            reader_error_at(r->err, r->file, t, "%s.choices: %s", r->path,
                            fault);
            r->failed = true;
        }
    }
}

static void read_choices(struct reader *r, struct parameter *p)
{
    const struct tree *list = reader_kind(r, "choices", TREE_LIST);

    reader_need(r, "choices");
    reader_bool(r, "ordered", &p->ordered);
    if (r->failed)
        return;
    check_choices(r, list);
    if (!r->failed && !(p->choices = tree_copy(list)))
        r->failed = error_memory(r->err) != 0;
}

static void make_bool(struct reader *r, struct parameter *p)
{
    p->choices = tree_list();
    tree_append(p->choices, tree_bool(false));
    tree_append(p->choices, tree_bool(true));
    if (!tree_ok(p->choices))
        r->failed = error_memory(r->err) != 0;
}

/* {low: 1, high: 3}: the parent's number lies in between. */
static int read_between(const struct study *s, const struct tree *t,
                        const char *path, struct condition *c,
                        struct error *err)
{
    struct reader r;

    c->low = -INFINITY;
    c->high = INFINITY;
    reader_open(&r, t, s->file, path, err);
    bool low = reader_float(&r, "low", -DBL_MAX, DBL_MAX, &c->low);
    bool high = reader_float(&r, "high", -DBL_MAX, DBL_MAX, &c->high);
    if (reader_close(&r))
        return -1;
    if (!low && !high)
        return reader_error_at(err, s->file, t, "%s: expected low or high",
                               path);
    if (c->high < c->low)
        return reader_error_at(err, s->file, tree_get(t, "high"),
                               "%s: the range is empty: high %.15g < low %.15g",
                               path, c->high, c->low);
    return 0;
}

/* A value, or a list of values, one of which the parent has. */
static int read_values(const struct study *s, const struct tree *t,
                       const char *path, struct condition *c, struct error *err)
{
    bool list = tree_kind(t) == TREE_LIST;
    size_t count = list ? tree_count(t) : 1;

    if (count == 0 || count > MOST_CHOICES)
        return reader_error_at(err, s->file, t,
                               "%s: expected 1 to %d values, found %zu", path,
                               MOST_CHOICES, count);
    if (!(c->values = tree_list()))
        return error_memory(err);
    for (size_t i = 0; i < count; i++) {
        const struct tree *value = list ? tree_at(t, i) : t;
        if (!is_scalar(value))
            return reader_error_at(
                err, s->file, value,
                "%s: expected a value, a list of values or {low, high}, "
                "found %s",
                path, tree_kind_name(tree_kind(value)));
        tree_append(c->values, tree_copy(value));
    }
    return tree_ok(c->values) ? 0 : error_memory(err);
}

/* A condition's parent must be in the space; this is the place to say which
 * name comes nearest. */
static int check_parent(const struct study *s, const struct tree *when,
                        size_t i, const char *path, struct error *err)
{
    const struct tree *space = tree_get(s->source, "space");
    const char *names[MOST_PARAMETERS];
    const char *parent = tree_key(when, i), *near;

    if (tree_get(space, parent))
        return 0;
    for (size_t k = 0; k < tree_count(space); k++)
        names[k] = tree_key(space, k);
    error_usage(err, "%s: the space has no parameter '%.100s'", path, parent);
    study_error_at_key(s, when, i, err);
    near = text_nearest(parent, names, tree_count(space));
    if (near)
        error_hint(err, "did you mean '%s'?", near);
    return -1;
}

static int read_condition(const struct study *s, const struct tree *when,
                          size_t i, const char *path, struct parameter *p,
                          struct error *err)
{
    struct condition *c = &p->conditions[p->condition_count++];
    const struct tree *t = tree_at(when, i);

    if (check_parent(s, when, i, path, err))
        return -1;
    if (!(c->parent_name = text_copy(tree_key(when, i))))
        return error_memory(err);
    if (tree_kind(t) == TREE_MAP)
        return read_between(s, t, path, c, err);
    return read_values(s, t, path, c, err);
}

static int read_conditions(const struct study *s, const struct tree *when,
                           struct parameter *p, struct error *err)
{
    size_t count = tree_count(when);
    char path[160];

    if (!when)
        return 0;
    snprintf(path, sizeof path, "space.%.100s.when", p->name);
    if (count == 0 || count > MOST_CONDITIONS)
        return reader_error_at(err, s->file, when,
                               "%s: expected 1 to %d conditions, found %zu",
                               path, MOST_CONDITIONS, count);
    p->conditions = calloc(count, sizeof *p->conditions);
    if (!p->conditions)
        return error_memory(err);
    for (size_t i = 0; i < count; i++)
        if (read_condition(s, when, i, path, p, err))
            return -1;
    return 0;
}

/* Without a type the other keys are neither right nor wrong; only a misspelt
 * 'type' is. */
static int type_missing(struct reader *r)
{
    static const char *const others[] = { "low",     "high",    "step", "log",
                                          "choices", "ordered", "when" };

    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        reader_any(r, others[i]);
    return reader_close(r);
}

/* What the map under a parameter's name says; 'p' has its name. */
static int read_parameter(const struct study *s, const struct tree *t,
                          struct parameter *p, struct error *err)
{
    const struct tree *when;
    struct reader r;
    char path[128];
    int kind = 0;

    snprintf(path, sizeof path, "space.%.100s", p->name);
    reader_open(&r, t, s->file, path, err);
    reader_enum(&r, "type", kinds, &kind);
    reader_need(&r, "type");
    if (r.failed)
        return type_missing(&r);
    p->kind =
        kind == KIND_BOOL ? PARAMETER_CATEGORICAL : (enum parameter_kind)kind;
    if (kind == KIND_BOOL)
        make_bool(&r, p);
    else if (p->kind == PARAMETER_CATEGORICAL)
        read_choices(&r, p);
    else
        read_range(&r, p);
    when = reader_kind(&r, "when", TREE_MAP);
    if (reader_close(&r))
        return -1;
    if (p->choices)
        p->high = (double)tree_count(p->choices) - 1;
    return read_conditions(s, when, p, err);
}

static int add_parameter(struct study *s, const struct tree *t, size_t i,
                         struct error *err)
{
    struct parameter p = { .name = text_copy(tree_key(t, i)) };

    if (!p.name || read_parameter(s, tree_at(t, i), &p, err)) {
        if (!p.name)
            error_memory(err);
        parameter_clear(&p);
        return -1;
    }
    if (space_add(&s->space, &p, err)) {
        error_prefix(err, "space");
        return study_error_at_key(s, t, i, err);
    }
    return 0;
}

/* space_finish() says whose condition is wrong; point at its 'when'. */
static int finish(struct study *s, const struct tree *t, struct error *err)
{
    const struct tree *at;

    if (space_finish(&s->space, err) == 0)
        return 0;
    at = err ? tree_get(tree_get(t, err->where), "when") : NULL;
    error_where(err, "%s", "");
    error_prefix(err, "space");
    return study_error_at(s, at ? at : t, err);
}

/* "a.b" and "a.b.c" would be a value and a map at once in a trainer's
 * configuration. */
static int check_collisions(const struct study *s, const struct tree *t,
                            struct error *err)
{
    for (size_t i = 0; i < tree_count(t); i++)
        for (size_t k = 0; k < tree_count(t); k++) {
            const char *leaf = tree_key(t, i), *below = tree_key(t, k);
            size_t length = strlen(leaf);
            if (strncmp(leaf, below, length) != 0 || below[length] != '.')
                continue;
            error_usage(err,
                        "space: '%.100s' is a value and, by '%.100s', a "
                        "map as well",
                        leaf, below);
            return study_error_at_key(s, t, i > k ? i : k, err);
        }
    return 0;
}

int study_read_space(struct study *s, const struct tree *t, struct error *err)
{
    if (tree_kind(t) != TREE_MAP)
        return reader_error_at(err, s->file, t,
                               "space: expected a map, found %s",
                               tree_kind_name(tree_kind(t)));
    if (tree_count(t) == 0 || tree_count(t) > MOST_PARAMETERS)
        return reader_error_at(err, s->file, t,
                               "space: expected 1 to %d parameters, found %zu",
                               MOST_PARAMETERS, tree_count(t));
    for (size_t i = 0; i < tree_count(t); i++)
        if (add_parameter(s, t, i, err))
            return -1;
    return finish(s, t, err) || check_collisions(s, t, err) ? -1 : 0;
}
