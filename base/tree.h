/* tree: values read from YAML or JSON, each with the position it stood at.
 *
 * One type for study files, configurations and API messages. A tree owns its
 * children. Maps keep the order of their keys. Building needs no check at each
 * call: a container that lost an item for want of memory is broken, and
 * tree_ok() tells so at the end.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_TREE_H
#define BASE_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

enum tree_kind {
    TREE_NULL,
    TREE_BOOL,
    TREE_INT,
    TREE_FLOAT,
    TREE_STRING,
    TREE_LIST,
    TREE_MAP
};

struct tree;

/* New values; NULL when out of memory. tree_string() copies. */
struct tree *tree_null(void);
struct tree *tree_bool(bool value);
struct tree *tree_int(int64_t value);
struct tree *tree_float(double value);
struct tree *tree_string(const char *value);
struct tree *tree_string_of(struct text *text); /* which is cleared; NULL, too,
                                                   when an append had failed */
struct tree *tree_list(void);
struct tree *tree_map(void);

/* Free 't' and all below it; NULL is fine. */
void tree_destroy(struct tree *t);

/* A deep copy with the same positions; NULL when out of memory. */
struct tree *tree_copy(const struct tree *t);

/* Put 'item' at the end of 'list', or under 'key' in 'map' (replacing). Steal
 * 'item' in every case. A NULL item, or no memory, marks the container broken
 * and returns -1; a broken container makes tree_ok() false, so that a builder
 * may ignore each return and ask once. */
int tree_append(struct tree *list, struct tree *item);
int tree_set(struct tree *map, const char *key, struct tree *item);

/* Shorthands for tree_set(map, key, tree_...(value)); NULL strings store
 * null. */
int tree_set_bool(struct tree *map, const char *key, bool value);
int tree_set_int(struct tree *map, const char *key, int64_t value);
int tree_set_float(struct tree *map, const char *key, double value);
int tree_set_string(struct tree *map, const char *key, const char *value);
int tree_set_text(struct tree *map, const char *key, struct text *value);

/* True unless 't' is NULL or any container in it lost an item. */
bool tree_ok(const struct tree *t);

/* What it is. tree_kind(NULL) is TREE_NULL. */
enum tree_kind tree_kind(const struct tree *t);

/* The kind in words for messages: "a whole number", "a list", ... */
const char *tree_kind_name(enum tree_kind kind);

/* Where it stood, from 1; 0 when it was not read from a file. */
unsigned tree_line(const struct tree *t);
unsigned tree_column(const struct tree *t);
void tree_place(struct tree *t, unsigned line, unsigned column);

/* The value; asking for a kind that 't' is not gives the neutral one
 * (false, 0, NAN, ""). tree_number() serves ints and floats, and the strings
 * "nan", "inf", "-inf" (JSON has no other way to say them). */
bool tree_truth(const struct tree *t);
int64_t tree_integer(const struct tree *t);
double tree_number(const struct tree *t);
bool tree_is_number(const struct tree *t);
const char *tree_text(const struct tree *t);

/* Items of a list or map: how many, the i-th, its key, where the key stood.
 * tree_get() looks a key up: NULL when absent or 'map' is no map. Borrowed. */
size_t tree_count(const struct tree *t);
struct tree *tree_at(const struct tree *t, size_t i);
const char *tree_key(const struct tree *map, size_t i);
unsigned tree_key_line(const struct tree *map, size_t i);
unsigned tree_key_column(const struct tree *map, size_t i);
void tree_place_key(struct tree *map, size_t i, unsigned line, unsigned column);
struct tree *tree_get(const struct tree *map, const char *key);

/* Look up a dotted path ("model.fusion.width"): first the whole path as one
 * key, then map by map. NULL when absent. */
struct tree *tree_find(const struct tree *map, const char *path);

/* Put 'item' (stolen) at a dotted path, making maps on the way. Returns -1
 * when a value that is no map stands in the way or no memory is left. */
int tree_put(struct tree *map, const char *path, struct tree *item);

/* Same kind and same value all the way down (map order does not matter; an
 * int equals a float of the same value). */
bool tree_equal(const struct tree *a, const struct tree *b);

#endif
