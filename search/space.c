/* space: what makes a parameter legal, and how conditions find their parents.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/space.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/parameter.h"

enum { NAME_MAX_BYTES = 200 };
static const double WHOLE_MAX = 9007199254740992.0; /* 2^53 */

void space_init(struct space *s)
{
    *s = (struct space){ NULL, 0, NULL };
}

static void parameter_clear(struct parameter *p)
{
    for (size_t i = 0; i < p->condition_count; i++) {
        free(p->conditions[i].parent_name);
        tree_destroy(p->conditions[i].values);
        free(p->conditions[i].accepted);
    }
    free(p->conditions);
    free(p->name);
    tree_destroy(p->choices);
}

void space_clear(struct space *s)
{
    for (size_t i = 0; i < s->count; i++)
        parameter_clear(&s->parameters[i]);
    free(s->parameters);
    free(s->order);
    space_init(s);
}

long space_index(const struct space *s, const char *name)
{
    for (size_t i = 0; i < s->count; i++)
        if (strcmp(s->parameters[i].name, name) == 0)
            return (long)i;
    return -1;
}

/* --- adding -------------------------------------------------------------- */

static int check_name(const struct space *s, const char *name,
                      struct error *err)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
    static const char others[] = "0123456789.-/@";

    if (name == NULL)
        return error_memory(err);
    size_t size = strlen(name);
    if (size == 0 || size > NAME_MAX_BYTES)
        return error_usage(err, "a parameter's name has 1 to %d characters",
                           NAME_MAX_BYTES);
    for (size_t i = 0; i < size; i++)
        if (!strchr(letters, name[i]) && (i == 0 || !strchr(others, name[i])))
            return error_usage(err,
                               "parameter '%s': a name begins with a letter "
                               "and holds letters, digits and _ . - / @",
                               name);
    if (space_index(s, name) >= 0)
        return error_usage(err, "parameter '%s' is given twice", name);
    return 0;
}

static int check_whole(const char *name, const char *word, double v,
                       struct error *err)
{
    if (v == floor(v) && fabs(v) <= WHOLE_MAX)
        return 0;
    return error_usage(err, "parameter '%s': %s must be a whole number, is %g",
                       name, word, v);
}

/* Values in steps are found by their index, which is exact below 2^53. */
static int check_countable(const struct parameter *p, struct error *err)
{
    double step = p->kind == PARAMETER_INT && p->step == 0 ? 1 : p->step;

    if (step == 0 || (p->high - p->low) / step < 0x1p53)
        return 0;
    return error_usage(
        err,
        "parameter '%s': the range %g to %g has more values than "
        "can be counted (2^53)",
        p->name, p->low, p->high);
}

static int check_number(const struct parameter *p, struct error *err)
{
    const char *name = p->name;

    if (!isfinite(p->low) || !isfinite(p->high) || !isfinite(p->high - p->low))
        return error_usage(err, "parameter '%s': low and high must be finite",
                           name);
    if (p->low > p->high)
        return error_usage(err,
                           "parameter '%s': the range is empty, low %g is "
                           "above high %g",
                           name, p->low, p->high);
    if (!(p->step >= 0) || !isfinite(p->step))
        return error_usage(err, "parameter '%s': step must be above 0", name);
    if (p->log && p->low <= 0)
        return error_usage(err, "parameter '%s': log needs low above 0, is %g",
                           name, p->low);
    if (p->log && p->step > 0)
        return error_usage(err,
                           "parameter '%s': log and step exclude each "
                           "other",
                           name);
    if (p->step > p->high - p->low && p->low < p->high)
        return error_usage(err,
                           "parameter '%s': step %g is wider than the "
                           "range %g to %g",
                           name, p->step, p->low, p->high);
    if (p->kind == PARAMETER_INT && (check_whole(name, "low", p->low, err) ||
                                     check_whole(name, "high", p->high, err) ||
                                     check_whole(name, "step", p->step, err)))
        return -1;
    return check_countable(p, err);
}

static int check_choices(struct parameter *p, struct error *err)
{
    size_t count = tree_count(p->choices);

    if (tree_kind(p->choices) != TREE_LIST || count == 0)
        return error_usage(err, "parameter '%s' has no choices", p->name);
    if (count > SPACE_MAX_CHOICES)
        return error_usage(err, "parameter '%s' has more than %d choices",
                           p->name, SPACE_MAX_CHOICES);
    if (p->log || p->step > 0)
        return error_usage(err,
                           "parameter '%s': choices have neither log nor "
                           "step",
                           p->name);
    for (size_t i = 0; i < count; i++) {
        const struct tree *choice = tree_at(p->choices, i);
        enum tree_kind kind = tree_kind(choice);

        if (kind == TREE_LIST || kind == TREE_MAP ||
            (kind == TREE_FLOAT && !isfinite(tree_number(choice))))
            return error_usage(err,
                               "parameter '%s': choice %zu must be a string, "
                               "a finite number, true, false or null",
                               p->name, i + 1);
        if (parameter_choice(p, choice) != (long)i)
            return error_usage(err, "parameter '%s': choice %zu is there twice",
                               p->name, i + 1);
    }
    p->low = 0;
    p->high = (double)(count - 1);
    return 0;
}

static int check_parameter(const struct space *s, struct parameter *p,
                           struct error *err)
{
    if (s->count == SPACE_MAX_PARAMETERS)
        return error_usage(err, "a space has at most %d parameters",
                           SPACE_MAX_PARAMETERS);
    if (check_name(s, p->name, err))
        return -1;
    for (size_t i = 0; i < p->condition_count; i++)
        if (p->conditions[i].parent_name == NULL)
            return error_memory(err);
    return p->kind == PARAMETER_CATEGORICAL ? check_choices(p, err)
                                            : check_number(p, err);
}

int space_add(struct space *s, struct parameter *p, struct error *err)
{
    for (size_t i = 0; i < p->condition_count; i++)
        p->conditions[i].accepted = NULL;
    if (check_parameter(s, p, err))
        goto error;
    struct parameter *grown =
        realloc(s->parameters, (s->count + 1) * sizeof *grown);
    if (grown == NULL) {
        error_memory(err);
        goto error;
    }
    s->parameters = grown;
    s->parameters[s->count++] = *p;
    *p = (struct parameter){ 0 };
    return 0;
error:
    parameter_clear(p);
    *p = (struct parameter){ 0 };
    return -1;
}

/* --- conditions ---------------------------------------------------------- */

static int hint_nearest(struct error *err, const char *word,
                        const char *const *names, size_t count)
{
    const char *near = text_nearest(word, names, count);

    return near ? error_hint(err, "did you mean '%s'?", near) : -1;
}

static int unknown_parent(const struct space *s, const struct parameter *p,
                          const char *name, struct error *err)
{
    const char **names = malloc(s->count * sizeof *names);

    error_usage(err, "parameter '%s' depends on '%s', which is no parameter",
                p->name, name);
    for (size_t i = 0; names != NULL && i < s->count; i++)
        names[i] = s->parameters[i].name;
    if (names != NULL)
        hint_nearest(err, name, names, s->count);
    free(names);
    return -1;
}

/* "parameter 'x': 'parent' can never be ..." for one value of a condition. */
static int impossible_value(const struct parameter *p,
                            const struct parameter *parent,
                            const struct tree *value, struct error *err)
{
    size_t count = tree_count(parent->choices);
    const char **names = malloc((count + 1) * sizeof *names);
    struct text word = TEXT_INIT;

    if (tree_kind(value) == TREE_STRING)
        text_format(&word, "'%s'", tree_text(value));
    else if (tree_is_number(value))
        text_append_double(&word, tree_number(value));
    else if (tree_kind(value) == TREE_BOOL)
        text_append(&word, tree_truth(value) ? "true" : "false");
    else
        text_append(&word, tree_kind_name(tree_kind(value)));
    error_usage(err, "parameter '%s' asks for '%s' to be %s, which it never is",
                p->name, parent->name, text_get(&word));
    for (size_t i = 0; names != NULL && i < count; i++)
        names[i] = tree_text(tree_at(parent->choices, i));
    if (names != NULL && tree_kind(value) == TREE_STRING)
        hint_nearest(err, tree_text(value), names, count);
    free(names);
    text_clear(&word);
    return -1;
}

static int resolve_values(const struct parameter *p, struct condition *c,
                          const struct parameter *parent, struct error *err)
{
    size_t count = tree_count(c->values);

    if (tree_kind(c->values) != TREE_LIST || count == 0)
        return error_usage(err,
                           "parameter '%s': the condition on '%s' names "
                           "no value",
                           p->name, parent->name);
    c->accepted = malloc(count * sizeof *c->accepted);
    if (c->accepted == NULL)
        return error_memory(err);
    for (size_t i = 0; i < count; i++) {
        const struct tree *value = tree_at(c->values, i);
        double v = tree_is_number(value) ? tree_number(value) : NAN;

        if (parent->kind == PARAMETER_CATEGORICAL) {
            long choice = parameter_choice(parent, value);
            v = choice >= 0 ? (double)choice : NAN;
        }
        if (!parameter_contains(parent, v))
            return impossible_value(p, parent, value, err);
        c->accepted[c->accepted_count++] = parameter_snap(parent, v);
    }
    return 0;
}

static int resolve_range(const struct parameter *p, struct condition *c,
                         const struct parameter *parent, struct error *err)
{
    if (parent->kind == PARAMETER_CATEGORICAL)
        return error_usage(err, "parameter '%s': '%s' has choices, not a range",
                           p->name, parent->name);
    if (!(c->low <= c->high) || c->low > parent->high || c->high < parent->low)
        return error_usage(err,
                           "parameter '%s' asks for '%s' to be from %g to %g, "
                           "which it never is",
                           p->name, parent->name, c->low, c->high);
    return 0;
}

static int resolve_condition(struct space *s, struct parameter *p,
                             struct condition *c, struct error *err)
{
    long parent = space_index(s, c->parent_name);

    if (parent < 0)
        return unknown_parent(s, p, c->parent_name, err);
    c->parent = (size_t)parent;
    free(c->accepted);
    c->accepted = NULL;
    c->accepted_count = 0;
    return c->values ? resolve_values(p, c, &s->parameters[parent], err)
                     : resolve_range(p, c, &s->parameters[parent], err);
}

/* Whether all parents of 'p' are among the parameters already placed. */
static bool parents_placed(const struct parameter *p, const bool *placed)
{
    for (size_t i = 0; i < p->condition_count; i++)
        if (!placed[p->conditions[i].parent])
            return false;
    return true;
}

/* A parent of 'p' that is not placed; there is one. */
static size_t unplaced_parent(const struct parameter *p, const bool *placed)
{
    size_t i = 0;

    while (placed[p->conditions[i].parent])
        i++;
    return p->conditions[i].parent;
}

/* Say which parameters stand in a circle. Walking from unplaced parent to
 * unplaced parent never ends, so after 'count' steps it is inside one. */
static int circle(const struct space *s, const bool *placed, struct error *err)
{
    struct text way = TEXT_INIT;
    size_t at = 0;

    while (placed[at])
        at++;
    for (size_t i = 0; i < s->count; i++)
        at = unplaced_parent(&s->parameters[at], placed);
    size_t start = at;
    do {
        text_format(&way, "%s -> ", s->parameters[at].name);
        at = unplaced_parent(&s->parameters[at], placed);
    } while (at != start);
    error_usage(err, "parameters depend on each other in a circle: %s%s",
                text_get(&way), s->parameters[start].name);
    text_clear(&way);
    return error_where(err, "%s", s->parameters[start].name);
}

/* Sort parameters so that parents come first, else as they were given. */
static int sort_parameters(struct space *s, struct error *err)
{
    bool *placed = calloc(s->count + 1, sizeof *placed);
    size_t *order = malloc((s->count + 1) * sizeof *order);
    size_t count = 0, before;
    int status = -1;

    if (placed == NULL || order == NULL) {
        error_memory(err);
        goto out;
    }
    do {
        before = count;
        for (size_t i = 0; i < s->count; i++)
            if (!placed[i] && parents_placed(&s->parameters[i], placed)) {
                placed[i] = true;
                order[count++] = i;
            }
    } while (count > before);
    if (count < s->count) {
        circle(s, placed, err);
        goto out;
    }
    free(s->order);
    s->order = order;
    order = NULL;
    status = 0;
out:
    free(placed);
    free(order);
    return status;
}

int space_finish(struct space *s, struct error *err)
{
    for (size_t i = 0; i < s->count; i++) {
        struct parameter *p = &s->parameters[i];

        for (size_t j = 0; j < p->condition_count; j++)
            if (resolve_condition(s, p, &p->conditions[j], err))
                return error_where(err, "%s", p->name);
    }
    return sort_parameters(s, err);
}

static bool condition_met(const struct condition *c, double v)
{
    if (c->values == NULL)
        return v >= c->low && v <= c->high;
    for (size_t i = 0; i < c->accepted_count; i++)
        if (c->accepted[i] == v)
            return true;
    return false;
}

bool space_active(const struct space *s, size_t i, const double *x)
{
    const struct parameter *p = &s->parameters[i];

    for (size_t j = 0; j < p->condition_count; j++)
        if (!condition_met(&p->conditions[j], x[p->conditions[j].parent]))
            return false;
    return true;
}
