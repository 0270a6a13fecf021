/* tree: see tree.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/tree.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    char *key; /* NULL in lists */
    struct tree *value;
    unsigned line, column; /* of the key */
};

struct tree {
    enum tree_kind kind;
    bool broken; /* a container that lost an item */
    unsigned line, column;
    union {
        bool truth;
        int64_t integer;
        double number;
        char *text;
        struct {
            struct entry *entries;
            size_t count, capacity;
        };
    };
};

/* ---- making ----------------------------------------------------------- */

static struct tree *create(enum tree_kind kind)
{
    struct tree *t = calloc(1, sizeof *t);

    if (t)
        t->kind = kind;
    return t;
}

struct tree *tree_null(void)
{
    return create(TREE_NULL);
}

struct tree *tree_bool(bool value)
{
    struct tree *t = create(TREE_BOOL);

    if (t)
        t->truth = value;
    return t;
}

struct tree *tree_int(int64_t value)
{
    struct tree *t = create(TREE_INT);

    if (t)
        t->integer = value;
    return t;
}

struct tree *tree_float(double value)
{
    struct tree *t = create(TREE_FLOAT);

    if (t)
        t->number = value;
    return t;
}

struct tree *tree_string(const char *value)
{
    struct tree *t = create(TREE_STRING);

    if (t && !(t->text = strdup(value))) {
        free(t);
        return NULL;
    }
    return t;
}

struct tree *tree_string_of(struct text *text)
{
    struct tree *t = text->failed ? NULL : tree_string(text_get(text));

    text_clear(text);
    return t;
}

struct tree *tree_list(void)
{
    return create(TREE_LIST);
}

struct tree *tree_map(void)
{
    return create(TREE_MAP);
}

static bool is_container(const struct tree *t)
{
    return t && (t->kind == TREE_LIST || t->kind == TREE_MAP);
}

void tree_destroy(struct tree *t)
{
    if (!t)
        return;
    if (t->kind == TREE_STRING)
        free(t->text);
    if (is_container(t)) {
        for (size_t i = 0; i < t->count; i++) {
            free(t->entries[i].key);
            tree_destroy(t->entries[i].value);
        }
        free(t->entries);
    }
    free(t);
}

static struct tree *copy_container(const struct tree *t)
{
    struct tree *copy = create(t->kind);

    if (!copy)
        return NULL;
    copy->broken = t->broken;
    for (size_t i = 0; i < t->count; i++) {
        const struct entry *e = &t->entries[i];
        struct tree *item = tree_copy(e->value);

        if (t->kind == TREE_LIST) {
            tree_append(copy, item);
        } else {
            tree_set(copy, e->key, item);
            tree_place_key(copy, i, e->line, e->column);
        }
    }
    if (copy->broken && !t->broken) {
        tree_destroy(copy);
        return NULL;
    }
    return copy;
}

struct tree *tree_copy(const struct tree *t)
{
    struct tree *copy;

    if (!t)
        return NULL;
    if (is_container(t))
        copy = copy_container(t);
    else if (t->kind == TREE_STRING)
        copy = tree_string(t->text);
    else if ((copy = create(t->kind)))
        *copy = *t;
    if (copy)
        tree_place(copy, t->line, t->column);
    return copy;
}

/* Steals 'key' and 'item', in failure too. */
static int add_entry(struct tree *t, char *key, struct tree *item)
{
    if (t->count == t->capacity) {
        size_t capacity = t->capacity ? 2 * t->capacity : 4;
        struct entry *entries = realloc(t->entries, capacity * sizeof *entries);

        if (!entries) {
            free(key);
            tree_destroy(item);
            t->broken = true;
            return -1;
        }
        t->entries = entries;
        t->capacity = capacity;
    }
    t->entries[t->count++] = (struct entry){ key, item, 0, 0 };
    return 0;
}

int tree_append(struct tree *list, struct tree *item)
{
    if (!list || list->kind != TREE_LIST || !item) {
        if (is_container(list))
            list->broken = true;
        tree_destroy(item);
        return -1;
    }
    return add_entry(list, NULL, item);
}

static struct entry *find_entry(const struct tree *map, const char *key)
{
    for (size_t i = 0; i < map->count; i++)
        if (strcmp(map->entries[i].key, key) == 0)
            return &map->entries[i];
    return NULL;
}

int tree_set(struct tree *map, const char *key, struct tree *item)
{
    struct entry *old;
    char *copy;

    if (!map || map->kind != TREE_MAP || !item) {
        if (is_container(map))
            map->broken = true;
        tree_destroy(item);
        return -1;
    }
    old = find_entry(map, key);
    if (old) {
        tree_destroy(old->value);
        old->value = item;
        return 0;
    }
    copy = strdup(key);
    if (!copy) {
        map->broken = true;
        tree_destroy(item);
        return -1;
    }
    return add_entry(map, copy, item);
}

int tree_set_bool(struct tree *map, const char *key, bool value)
{
    return tree_set(map, key, tree_bool(value));
}

int tree_set_int(struct tree *map, const char *key, int64_t value)
{
    return tree_set(map, key, tree_int(value));
}

int tree_set_float(struct tree *map, const char *key, double value)
{
    return tree_set(map, key, tree_float(value));
}

int tree_set_string(struct tree *map, const char *key, const char *value)
{
    return tree_set(map, key, value ? tree_string(value) : tree_null());
}

int tree_set_text(struct tree *map, const char *key, struct text *value)
{
    return tree_set(map, key, tree_string_of(value));
}

bool tree_ok(const struct tree *t)
{
    if (!t)
        return false;
    if (!is_container(t))
        return true;
    if (t->broken)
        return false;
    for (size_t i = 0; i < t->count; i++)
        if (!tree_ok(t->entries[i].value))
            return false;
    return true;
}

/* ---- reading ---------------------------------------------------------- */

enum tree_kind tree_kind(const struct tree *t)
{
    return t ? t->kind : TREE_NULL;
}

const char *tree_kind_name(enum tree_kind kind)
{
    static const char *const names[] = {
        [TREE_NULL] = "nothing",       [TREE_BOOL] = "true or false",
        [TREE_INT] = "a whole number", [TREE_FLOAT] = "a number",
        [TREE_STRING] = "a string",    [TREE_LIST] = "a list",
        [TREE_MAP] = "a map"
    };

    return names[kind];
}

unsigned tree_line(const struct tree *t)
{
    return t ? t->line : 0;
}

unsigned tree_column(const struct tree *t)
{
    return t ? t->column : 0;
}

void tree_place(struct tree *t, unsigned line, unsigned column)
{
    t->line = line;
    t->column = column;
}

bool tree_truth(const struct tree *t)
{
    return tree_kind(t) == TREE_BOOL && t->truth;
}

int64_t tree_integer(const struct tree *t)
{
    return tree_kind(t) == TREE_INT ? t->integer : 0;
}

/* The numbers JSON cannot write stand as these words. */
static bool word_number(const struct tree *t, double *value)
{
    static const struct {
        const char *word;
        double value;
    } words[] = { { "nan", NAN }, { "inf", INFINITY }, { "-inf", -INFINITY } };

    if (tree_kind(t) != TREE_STRING)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(t->text, words[i].word) == 0) {
            *value = words[i].value;
            return true;
        }
    return false;
}

double tree_number(const struct tree *t)
{
    double value;

    if (tree_kind(t) == TREE_INT)
        return (double)t->integer;
    if (tree_kind(t) == TREE_FLOAT)
        return t->number;
    return word_number(t, &value) ? value : NAN;
}

bool tree_is_number(const struct tree *t)
{
    double value;

    return tree_kind(t) == TREE_INT || tree_kind(t) == TREE_FLOAT ||
           word_number(t, &value);
}

const char *tree_text(const struct tree *t)
{
    return tree_kind(t) == TREE_STRING ? t->text : "";
}

size_t tree_count(const struct tree *t)
{
    return is_container(t) ? t->count : 0;
}

struct tree *tree_at(const struct tree *t, size_t i)
{
    return i < tree_count(t) ? t->entries[i].value : NULL;
}

const char *tree_key(const struct tree *map, size_t i)
{
    return tree_kind(map) == TREE_MAP && i < map->count ? map->entries[i].key
                                                        : "";
}

unsigned tree_key_line(const struct tree *map, size_t i)
{
    return i < tree_count(map) ? map->entries[i].line : 0;
}

unsigned tree_key_column(const struct tree *map, size_t i)
{
    return i < tree_count(map) ? map->entries[i].column : 0;
}

void tree_place_key(struct tree *map, size_t i, unsigned line, unsigned column)
{
    if (i < tree_count(map)) {
        map->entries[i].line = line;
        map->entries[i].column = column;
    }
}

struct tree *tree_get(const struct tree *map, const char *key)
{
    struct entry *e = tree_kind(map) == TREE_MAP ? find_entry(map, key) : NULL;

    return e ? e->value : NULL;
}

struct tree *tree_find(const struct tree *map, const char *path)
{
    struct tree *whole = tree_get(map, path);

    if (whole)
        return whole;
    for (const char *dot = strchr(path, '.'); dot; dot = strchr(dot + 1, '.')) {
        char *head = strndup(path, (size_t)(dot - path));
        struct tree *below = head ? tree_get(map, head) : NULL;
        struct tree *found = below ? tree_find(below, dot + 1) : NULL;

        free(head);
        if (found)
            return found;
    }
    return NULL;
}

int tree_put(struct tree *map, const char *path, struct tree *item)
{
    const char *dot = strchr(path, '.');
    char *head;
    struct tree *below;
    int status = -1;

    if (!dot || tree_get(map, path))
        return tree_set(map, path, item);
    head = strndup(path, (size_t)(dot - path));
    if (!head) {
        tree_destroy(item);
        return -1;
    }
    below = tree_get(map, head);
    if (!below && tree_set(map, head, tree_map()) == 0)
        below = tree_get(map, head);
    if (tree_kind(below) == TREE_MAP)
        status = tree_put(below, dot + 1, item);
    else
        tree_destroy(item);
    free(head);
    return status;
}

static bool equal_containers(const struct tree *a, const struct tree *b)
{
    if (a->kind != b->kind || a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct tree *other = a->kind == TREE_LIST
                                       ? b->entries[i].value
                                       : tree_get(b, a->entries[i].key);

        if (!other || !tree_equal(a->entries[i].value, other))
            return false;
    }
    return true;
}

bool tree_equal(const struct tree *a, const struct tree *b)
{
    enum tree_kind ka = tree_kind(a), kb = tree_kind(b);

    if (is_container(a) && is_container(b))
        return equal_containers(a, b);
    if (ka == TREE_INT && kb == TREE_INT)
        return a->integer == b->integer;
    if ((ka == TREE_INT || ka == TREE_FLOAT) &&
        (kb == TREE_INT || kb == TREE_FLOAT)) {
        double x = tree_number(a), y = tree_number(b);

        return x == y || (isnan(x) && isnan(y));
    }
    if (ka != kb)
        return false;
    if (ka == TREE_BOOL)
        return a->truth == b->truth;
    return ka == TREE_NULL || strcmp(a->text, b->text) == 0;
}
