/* vocabulary: the values of a categorical column and their numbers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/pack/vocabulary.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "trainer/data/hash.h"

struct vocabulary_value {
    char *name; /* NULL: the slot is free */
    uint64_t rows;
    uint32_t number;
};

/* The slot that holds 'name' or would take it. The table is never full. */
static struct vocabulary_value *find_slot(const struct vocabulary *v,
                                          const char *name)
{
    size_t i = (size_t)hash_string(name, 0) & (v->capacity - 1);
    while (v->values[i].name && strcmp(v->values[i].name, name) != 0)
        i = (i + 1) & (v->capacity - 1);
    return &v->values[i];
}

/* Keep at least a third of the slots free. */
static int grow(struct vocabulary *v)
{
    if (3 * (v->count + 1) <= 2 * v->capacity)
        return 0;
    struct vocabulary old = *v;
    v->capacity = old.capacity ? 2 * old.capacity : 64;
    v->values = calloc(v->capacity, sizeof *v->values);
    if (!v->values) {
        *v = old;
        return -1;
    }
    for (size_t i = 0; i < old.capacity; i++)
        if (old.values[i].name)
            *find_slot(v, old.values[i].name) = old.values[i];
    free(old.values);
    return 0;
}

int vocabulary_count(struct vocabulary *v, const char *value, struct error *err)
{
    if (grow(v) < 0)
        return error_memory(err);
    if (!*value)
        return 0;
    struct vocabulary_value *slot = find_slot(v, value);
    if (!slot->name) {
        slot->name = text_copy(value);
        if (!slot->name)
            return error_memory(err);
        v->count++;
    }
    slot->rows++;
    return 0;
}

static int compare_values(const void *a, const void *b)
{
    const struct vocabulary_value *x = *(struct vocabulary_value *const *)a,
                                  *y = *(struct vocabulary_value *const *)b;
    if (x->rows != y->rows)
        return x->rows > y->rows ? -1 : 1;
    return strcmp(x->name, y->name);
}

int vocabulary_number(struct vocabulary *v, uint64_t min_count,
                      struct error *err)
{
    size_t n = 0;
    struct vocabulary_value **order = calloc(v->count + 1, sizeof *order);
    if (!order)
        return error_memory(err);
    for (size_t i = 0; i < v->capacity; i++)
        if (v->values[i].name && v->values[i].rows >= min_count)
            order[n++] = &v->values[i];
    qsort(order, n, sizeof *order, compare_values);
    for (size_t i = 0; i < n; i++)
        order[i]->number = (uint32_t)(i + 1);
    v->cardinality = (uint32_t)(n + 1);
    free(order);
    return 0;
}

int vocabulary_restore(struct vocabulary *v, const struct tree *values,
                       struct error *err)
{
    for (size_t i = 0; i < tree_count(values); i++) {
        const char *value = tree_text(tree_at(values, i));
        if (vocabulary_count(v, value, err) < 0)
            return -1;
        find_slot(v, value)->number = (uint32_t)(i + 1);
    }
    v->cardinality = (uint32_t)(tree_count(values) + 1);
    return 0;
}

uint32_t vocabulary_find(const struct vocabulary *v, const char *value)
{
    return v->capacity ? find_slot(v, value)->number : 0;
}

struct tree *vocabulary_tree(const struct vocabulary *v)
{
    const char **names = calloc(v->cardinality + 1, sizeof *names);
    struct tree *list = names ? tree_list() : NULL;
    for (size_t i = 0; i < v->capacity && list; i++)
        if (v->values[i].number)
            names[v->values[i].number] = v->values[i].name;
    for (uint32_t i = 1; i < v->cardinality && list; i++)
        tree_append(list, tree_string(names[i]));
    free(names);
    return list;
}

void vocabulary_clear(struct vocabulary *v)
{
    for (size_t i = 0; i < v->capacity; i++)
        free(v->values[i].name);
    free(v->values);
    memset(v, 0, sizeof *v);
}
