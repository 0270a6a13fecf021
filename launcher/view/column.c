/* column: what the leaderboard can show, sort by and ask for by name.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/view/column.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

/* ---- where a cell comes from ------------------------------------------- */

static struct cell get_rank(const struct column *c, const struct entry *e)
{
    (void)c;
    return e->rank > 0 ? cell_number((double)e->rank) : cell_text(NULL);
}

static struct cell get_study(const struct column *c, const struct entry *e)
{
    return cell_of(tree_get(e->study, c->key));
}

/* A scalar of the row, where null says that there is none. */
static struct cell get_field(const struct column *c, const struct entry *e)
{
    const struct tree *t = tree_get(e->row, c->key);

    return tree_kind(t) == TREE_NULL ? cell_text(NULL) : cell_of(t);
}

/* A person's or program's word; none where it is "". */
static struct cell get_word(const struct column *c, const struct entry *e)
{
    const char *word = tree_text(tree_get(e->row, c->key));

    return cell_text(*word ? word : NULL);
}

static struct cell get_number(const struct column *c, const struct entry *e)
{
    return cell_of_number(tree_get(e->row, c->key));
}

/* The best step of the last. */
static struct cell get_steps(const struct column *c, const struct entry *e)
{
    (void)c;
    return cell_fraction(tree_number(tree_get(e->row, "best_step")),
                         tree_number(tree_get(e->row, "step")));
}

/* The value, and its deviation over folds where there is one. */
static struct cell get_spread(const struct column *c, const struct entry *e)
{
    const struct cell value = cell_of_number(tree_get(e->row, "value"));

    (void)c;
    return value.kind == CELL_NONE
               ? value
               : cell_spread(value.number,
                             tree_number(tree_get(e->row, "std")));
}

/* The ranks that it may really have within its study. */
static struct cell get_ranks(const struct column *c, const struct entry *e)
{
    const struct tree *ranks = tree_get(e->row, c->key);

    return cell_range(tree_number(tree_at(ranks, 0)),
                      tree_number(tree_at(ranks, 1)));
}

static struct cell get_duration(const struct column *c, const struct entry *e)
{
    return cell_duration(tree_number(tree_get(e->row, c->key)));
}

/* The trial's part of its study's GPU-hours; none where no GPU was asked for. */
static struct cell get_gpu_hours(const struct column *c, const struct entry *e)
{
    double hours = tree_number(tree_get(e->study, c->key));
    double busy_s = tree_number(tree_get(e->study, "busy_s"));

    return hours > 0 && busy_s > 0
               ? cell_number(hours / busy_s *
                             tree_number(tree_get(e->row, "seconds")))
               : cell_text(NULL);
}

static struct cell get_objective(const struct column *c, const struct entry *e)
{
    return cell_of_number(tree_at(tree_get(e->row, "values"), c->index));
}

static struct cell get_parameter(const struct column *c, const struct entry *e)
{
    return cell_of(tree_get(tree_get(e->row, "params"), c->key));
}

static struct cell get_metric(const struct column *c, const struct entry *e)
{
    return cell_of_number(tree_get(tree_get(e->row, "metrics"), c->key));
}

/* ---- the columns of some boards ----------------------------------------- */

#define FIELD(key, heading, get, elastic)        \
    {                                            \
        key, heading, key, get, elastic, 0, NULL \
    }

static const struct column fields[] = {
    FIELD("rank", "rank", get_rank, false),
    FIELD("study", "study", get_study, false),
    FIELD("trial", "trial", get_number, false),
    FIELD("value", "value", get_number, false),
    FIELD("std", "std", get_number, false),
    FIELD("value+std", "value", get_spread, false),
    FIELD("ranks", "ranks 90%", get_ranks, true),
    FIELD("best_step", "best step", get_number, false),
    FIELD("step", "step", get_number, false),
    FIELD("best_step/step", "step", get_steps, false),
    FIELD("seconds", "time", get_duration, false),
    FIELD("gpu_hours", "GPU-hours", get_gpu_hours, false),
    FIELD("state", "state", get_field, false),
    { "verdict", "verdict", "note", get_word, true, 0, NULL },
    FIELD("attempts", "tries", get_number, true),
    FIELD("reports", "reports", get_number, false),
    FIELD("feasible", "feasible", get_field, true),
    FIELD("reason", "reason", get_field, true),
    FIELD("created", "created", get_number, true),
    FIELD("ended", "ended", get_number, true),
};

static const struct column *find_name(const struct columns *known,
                                      const char *name)
{
    for (size_t i = 0; i < known->count; i++)
        if (strcmp(known->items[i].name, name) == 0)
            return &known->items[i];
    return NULL;
}

/* Add 'c' unless it is there; its name becomes "'prefix'.key" where the key
 * alone is another's, or 'always'. */
static int add(struct columns *known, struct column c, const char *prefix,
               bool always, struct error *err)
{
    for (size_t i = 0; i < known->count; i++)
        if (known->items[i].get == c.get &&
            strcmp(known->items[i].key, c.key) == 0)
            return 0;
    if (known->count == known->capacity) {
        size_t capacity = known->capacity * 2 + 32;
        struct column *items = realloc(known->items, capacity * sizeof *items);
        if (!items)
            return error_memory(err);
        known->items = items;
        known->capacity = capacity;
    }
    if (always || find_name(known, c.name)) {
        c.name = c.owned = text_print("%s.%s", prefix, c.key);
        if (!c.owned)
            return error_memory(err);
        c.heading = always ? c.heading : c.name;
    }
    known->items[known->count++] = c;
    return 0;
}

static int add_objectives(struct columns *known, const struct tree *list,
                          struct error *err)
{
    for (size_t i = 0; i < tree_count(list); i++) {
        const char *key = tree_text(tree_get(tree_at(list, i), "metric"));
        struct column c = { key, key, key, get_objective, false, i, NULL };

        if (add(known, c, "values", false, err) < 0)
            return -1;
    }
    return 0;
}

static int add_parameters(struct columns *known, const struct tree *space,
                          struct error *err)
{
    for (size_t i = 0; i < tree_count(space); i++) {
        const char *key = tree_text(tree_at(space, i));
        struct column c = { key, key, key, get_parameter, true, 0, NULL };

        if (add(known, c, "params", false, err) < 0)
            return -1;
    }
    return 0;
}

static int add_metrics(struct columns *known, const struct tree *rows,
                       struct error *err)
{
    for (size_t i = 0; i < tree_count(rows); i++) {
        const struct tree *metrics = tree_get(tree_at(rows, i), "metrics");
        for (size_t m = 0; m < tree_count(metrics); m++) {
            const char *key = tree_key(metrics, m);
            struct column c = { key, key, key, get_metric, true, 0, NULL };
            if (add(known, c, "metrics", true, err) < 0)
                return -1;
        }
    }
    return 0;
}

int columns_read(struct columns *known, const struct tree *const *boards,
                 size_t count, struct error *err)
{
    int rc = 0;

    for (size_t i = 0; rc == 0 && i < sizeof fields / sizeof fields[0]; i++)
        rc = add(known, fields[i], "", false, err);
    for (size_t i = 0; rc == 0 && i < count; i++) {
        const struct tree *study = tree_get(boards[i], "study");
        const struct tree *objectives = tree_get(study, "objectives");

        if (tree_count(objectives) > 1)
            rc = add_objectives(known, objectives, err);
        if (rc == 0)
            rc = add_parameters(known, tree_get(study, "space"), err);
    }
    for (size_t i = 0; rc == 0 && i < count; i++)
        rc = add_metrics(known, tree_get(boards[i], "rows"), err);
    return rc;
}

void columns_clear(struct columns *known)
{
    for (size_t i = 0; i < known->count; i++)
        free(known->items[i].owned);
    free(known->items);
    memset(known, 0, sizeof *known);
}

/* ---- looking one up ------------------------------------------------------ */

/* By its own name, by its name with the prefix it did not need, by its key. */
static const struct column *find_exact(const struct columns *known,
                                       const char *name)
{
    const struct column *named = find_name(known, name);

    if (named)
        return named;
    for (size_t i = 0; i < known->count; i++) {
        const struct column *c = &known->items[i];
        if (column_is_parameter(c) && strncmp(name, "params.", 7) == 0 &&
            strcmp(c->key, name + 7) == 0)
            return c;
        if (strcmp(c->key, name) == 0)
            return c;
    }
    return NULL;
}

static bool ends_with(const char *name, const char *end)
{
    size_t length = strlen(name), size = strlen(end);

    return length > size && name[length - size - 1] == '.' &&
           strcmp(name + length - size, end) == 0;
}

/* Columns that 'name' is the last part of: how many; '*first' and '*second'
 * are the first two. */
static size_t find_ending(const struct columns *known, const char *name,
                          const struct column **first,
                          const struct column **second)
{
    size_t count = 0;

    for (size_t i = 0; i < known->count; i++)
        if (ends_with(known->items[i].key, name)) {
            if (++count == 1)
                *first = &known->items[i];
            else if (count == 2)
                *second = &known->items[i];
        }
    return count;
}

/* The last part of a dotted name. */
static const char *tail(const char *name)
{
    const char *dot = strrchr(name, '.');

    return dot ? dot + 1 : name;
}

static int no_column(const struct columns *known, const char *name,
                     struct error *err)
{
    const char **names = calloc(2 * known->count + 1, sizeof *names);
    size_t count = 0;

    if (!names)
        return error_memory(err);
    for (size_t i = 0; i < known->count; i++) {
        names[count++] = known->items[i].name;
        names[count++] = tail(known->items[i].key);
    }
    const char *nearest = text_nearest(name, names, count);

    error_usage(err, "no column '%s'", name);
    if (nearest)
        error_hint(err, "did you mean '%s'?", nearest);
    else
        error_hint(err, "'sentei leaderboard --format csv' shows the columns");
    free(names);
    return -1;
}

const struct column *columns_find(const struct columns *known, const char *name,
                                  struct error *err)
{
    const struct column *first = NULL, *second = NULL;
    const struct column *exact = find_exact(known, name);

    if (exact)
        return exact;
    switch (find_ending(known, name, &first, &second)) {
    case 1:
        return first;
    case 0:
        no_column(known, name, err);
        return NULL;
    default:
        error_usage(err, "column '%s' could be several", name);
        error_hint(err, "'%s' or '%s'?", first->name, second->name);
        return NULL;
    }
}

bool column_is_parameter(const struct column *c)
{
    return c->get == get_parameter;
}

bool column_is_derived(const struct column *c)
{
    return c->get == get_steps || c->get == get_spread;
}

bool column_is_objective(const struct column *c)
{
    return c->get == get_objective;
}

struct cell column_cell(const struct column *c, const struct entry *e)
{
    return c->get(c, e);
}
