/* space_differs: the first difference of two spaces, in words.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "search/space.h"

static const char *kind_name(const struct parameter *p)
{
    static const char *const names[] = { "float", "int", "categorical" };

    return names[p->kind];
}

static bool numbers_differ(const struct parameter *a, const struct parameter *b,
                           struct text *why)
{
    const struct {
        const char *word;
        double was, is;
    } rows[] = {
        { "low", a->low, b->low },
        { "high", a->high, b->high },
        { "step", a->step, b->step },
    };

    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (rows[i].was != rows[i].is) {
            text_format(why, "%s: %s was ", a->name, rows[i].word);
            text_append_double(why, rows[i].was);
            text_append(why, ", is ");
            text_append_double(why, rows[i].is);
            return true;
        }
    return false;
}

static bool choices_differ(const struct parameter *a, const struct parameter *b,
                           struct text *why)
{
    size_t was = tree_count(a->choices), is = tree_count(b->choices);

    if (was != is) {
        text_format(why, "%s: there were %zu choices, are %zu", a->name, was,
                    is);
        return true;
    }
    for (size_t i = 0; i < was; i++)
        if (!tree_equal(tree_at(a->choices, i), tree_at(b->choices, i))) {
            text_format(why, "%s: choice %zu is another", a->name, i + 1);
            return true;
        }
    return false;
}

static bool conditions_equal(const struct condition *a,
                             const struct condition *b)
{
    if (strcmp(a->parent_name, b->parent_name) != 0 ||
        (a->values == NULL) != (b->values == NULL))
        return false;
    return a->values ? tree_equal(a->values, b->values)
                     : a->low == b->low && a->high == b->high;
}

static bool conditions_differ(const struct parameter *a,
                              const struct parameter *b)
{
    if (a->condition_count != b->condition_count)
        return true;
    for (size_t i = 0; i < a->condition_count; i++)
        if (!conditions_equal(&a->conditions[i], &b->conditions[i]))
            return true;
    return false;
}

static bool parameters_differ(const struct parameter *a,
                              const struct parameter *b, struct text *why)
{
    if (a->kind != b->kind) {
        text_format(why, "%s: was %s, is %s", a->name, kind_name(a),
                    kind_name(b));
        return true;
    }
    if (a->kind == PARAMETER_CATEGORICAL ? choices_differ(a, b, why)
                                         : numbers_differ(a, b, why))
        return true;
    if (a->log != b->log || a->ordered != b->ordered) {
        text_format(why, "%s: %s has changed", a->name,
                    a->log != b->log ? "log" : "ordered");
        return true;
    }
    if (conditions_differ(a, b)) {
        text_format(why, "%s: its conditions have changed", a->name);
        return true;
    }
    return false;
}

bool space_differs(const struct space *was, const struct space *is,
                   struct text *why)
{
    for (size_t i = 0; i < was->count; i++)
        if (space_index(is, was->parameters[i].name) < 0) {
            text_format(why, "%s: is gone", was->parameters[i].name);
            return true;
        }
    for (size_t i = 0; i < is->count; i++)
        if (space_index(was, is->parameters[i].name) < 0) {
            text_format(why, "%s: is new", is->parameters[i].name);
            return true;
        }
    for (size_t i = 0; i < was->count; i++) {
        const struct parameter *a = &was->parameters[i];
        long at = space_index(is, a->name);

        if (parameters_differ(a, &is->parameters[at], why))
            return true;
    }
    return false;
}
