/* search: the sections search and enqueue: how points are chosen, and which
 * ones a person wants to see first.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/reader.h"
#include "launcher/study/sections.h"

enum { SAMPLER, PRUNER };

/* The entries of 'map' but for 'type', at their places in the file. */
static struct tree *without_type(const struct tree *map)
{
    struct tree *copy = tree_map();

    if (!copy)
        return NULL;
    tree_place(copy, tree_line(map), tree_column(map));
    for (size_t i = 0; i < tree_count(map); i++) {
        if (strcmp(tree_key(map, i), "type") == 0)
            continue;
        tree_set(copy, tree_key(map, i), tree_copy(tree_at(map, i)));
        if (tree_ok(copy))
            tree_place_key(copy, tree_count(copy) - 1, tree_key_line(map, i),
                           tree_key_column(map, i));
    }
    return copy;
}

/* "tpe", or {type: tpe, ...}; 'which' is SAMPLER or PRUNER. */
static void read_choice(struct study *s, struct reader *r, const char *key,
                        int which, const char **name)
{
    const struct tree *t = reader_any(r, key), *type;

    if (tree_kind(t) == TREE_STRING)
        *name = tree_text(t);
    if (!t || tree_kind(t) == TREE_STRING)
        return;
    type = tree_get(t, "type");
    if (tree_kind(type) != TREE_STRING) {
        reader_fail(r, key, "expected a name or {type: NAME, ...}, found %s",
                    tree_kind(t) == TREE_MAP ? "a map without a type"
                                             : tree_kind_name(tree_kind(t)));
        return;
    }
    *name = tree_text(type);
    s->search_options[which] = without_type(t);
    if (!tree_ok(s->search_options[which]))
        r->failed = error_memory(r->err) != 0;
}

static int try_engine(const struct study *s, const struct engine_options *o,
                      struct error *err)
{
    struct engine *e = NULL;

    if (engine_create(&e, &s->space, o, err))
        return -1;
    engine_destroy(e);
    return 0;
}

/* Only the engine knows its samplers and pruners and their options. Without a
 * pruner first, so that we know which of the two a complaint is about. */
static int check_engine(const struct study *s, const struct tree *t,
                        struct error *err)
{
    struct engine_options sampler_only = s->search;

    sampler_only.pruner = "none";
    sampler_only.pruner_options = NULL;
    if (try_engine(s, &sampler_only, err))
        return study_error_at(s, tree_get(t, "sampler"), err);
    if (try_engine(s, &s->search, err))
        return study_error_at(s, tree_get(t, "pruner"), err);
    return 0;
}

int study_read_search(struct study *s, const struct tree *t, struct error *err)
{
    int64_t seed = 0;
    struct reader r;

    reader_open(&r, t, s->file, "search", err);
    read_choice(s, &r, "sampler", SAMPLER, &s->search.sampler);
    read_choice(s, &r, "pruner", PRUNER, &s->search.pruner);
    reader_int(&r, "seed", 0, INT64_MAX, &seed);
    if (reader_close(&r))
        return -1;
    s->search.sampler_options = s->search_options[SAMPLER];
    s->search.pruner_options = s->search_options[PRUNER];
    s->search.seed = (uint64_t)seed;
    return check_engine(s, t, err);
}

int study_read_warm_start(struct study *s, const struct tree *t,
                          struct error *err)
{
    if (t && tree_kind(t) != TREE_LIST)
        return reader_error_at(err, s->file, t,
                               "warm_start: expected a list of runs, found %s",
                               tree_kind_name(tree_kind(t)));
    if (t && study_check_words(s, t, "warm_start", err))
        return -1;
    s->warm_start = t;
    return 0;
}

int study_read_enqueue(struct study *s, const struct tree *t, struct error *err)
{
    if (!t || (tree_kind(t) == TREE_LIST && tree_count(t) == 0))
        return 0;
    if (tree_kind(t) != TREE_LIST)
        return reader_error_at(err, s->file, t,
                               "enqueue: expected a list of points, found %s",
                               tree_kind_name(tree_kind(t)));
    s->enqueue = calloc(tree_count(t) * s->space.count, sizeof *s->enqueue);
    if (!s->enqueue)
        return error_memory(err);
    for (size_t i = 0; i < tree_count(t); i++) {
        double *x = s->enqueue + i * s->space.count;
        if (space_point_from_tree(&s->space, tree_at(t, i), true, s->file, x,
                                  err)) {
            error_prefix(err, "enqueue[%zu]", i);
            return study_error_at(s, tree_at(t, i), err);
        }
    }
    s->enqueue_count = tree_count(t);
    return 0;
}
