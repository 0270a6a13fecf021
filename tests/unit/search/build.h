/* build: spaces for tests, a line a parameter.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_SEARCH_BUILD_H
#define TESTS_UNIT_SEARCH_BUILD_H

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "search/space.h"

static inline struct parameter build_float(const char *name, double low,
                                           double high)
{
    return (struct parameter){ .name = text_copy(name),
                               .kind = PARAMETER_FLOAT,
                               .low = low,
                               .high = high };
}

static inline struct parameter build_log(const char *name, double low,
                                         double high)
{
    struct parameter p = build_float(name, low, high);

    p.log = true;
    return p;
}

static inline struct parameter build_int(const char *name, double low,
                                         double high)
{
    struct parameter p = build_float(name, low, high);

    p.kind = PARAMETER_INT;
    return p;
}

/* 'words' are separated by one space: strings, or true, false, numbers. */
static inline struct tree *build_list(const char *words)
{
    struct tree *list = tree_list();
    char *copy = text_copy(words), *rest = copy, *word;
    double number;

    while ((word = strtok_r(rest, " ", &rest)) != NULL) {
        if (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)
            tree_append(list, tree_bool(word[0] == 't'));
        else if (text_to_double(word, &number) == 0)
            tree_append(list, number == (double)(int64_t)number
                                  ? tree_int((int64_t)number)
                                  : tree_float(number));
        else
            tree_append(list, tree_string(word));
    }
    free(copy);
    return list;
}

static inline struct parameter build_choice(const char *name,
                                            const char *choices)
{
    return (struct parameter){ .name = text_copy(name),
                               .kind = PARAMETER_CATEGORICAL,
                               .choices = build_list(choices) };
}

static inline struct condition *build_condition(struct parameter *p,
                                                const char *parent)
{
    p->conditions = realloc(p->conditions,
                            (p->condition_count + 1) * sizeof *p->conditions);
    struct condition *c = &p->conditions[p->condition_count++];
    *c = (struct condition){ .parent_name = text_copy(parent) };
    return c;
}

/* 'p', active while 'parent' is one of 'values', or in a range. */
static inline struct parameter build_when(struct parameter p,
                                          const char *parent,
                                          const char *values)
{
    build_condition(&p, parent)->values = build_list(values);
    return p;
}

static inline struct parameter build_between(struct parameter p,
                                             const char *parent, double low,
                                             double high)
{
    struct condition *c = build_condition(&p, parent);

    c->low = low;
    c->high = high;
    return p;
}

static inline struct parameter build_step(struct parameter p, double step)
{
    p.step = step;
    return p;
}

/* Add or die: for spaces that are meant to be good. */
static inline void build_add(struct space *s, struct parameter p)
{
    struct error err = ERROR_INIT;

    if (space_add(s, &p, &err)) {
        error_print(&err, "build_add");
        abort();
    }
}

static inline void build_finish(struct space *s)
{
    struct error err = ERROR_INIT;

    if (space_finish(s, &err)) {
        error_print(&err, "build_finish");
        abort();
    }
}

#endif
