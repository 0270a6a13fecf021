/* standings: the trials of some studies in order, filtered, sorted and cut.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/view/standings.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/view/where.h"

/* An entry with what it is sorted by. */
struct keyed {
    struct entry entry;
    struct cell key;
    size_t order;    /* where it stood */
    bool descending; /* equal in all */
};

/* Whether an entry takes part in the standings. */
static bool is_ranked(const struct entry *e)
{
    const struct tree *feasible = tree_get(e->row, "feasible");

    return !isnan(tree_number(tree_get(e->row, "value"))) &&
           (tree_kind(feasible) != TREE_BOOL || tree_truth(feasible));
}

static bool same_objective(const struct tree *a, const struct tree *b)
{
    return tree_count(tree_get(a, "objectives")) <= 1 &&
           tree_count(tree_get(b, "objectives")) <= 1 &&
           strcmp(tree_text(tree_get(a, "metric")),
                  tree_text(tree_get(b, "metric"))) == 0 &&
           strcmp(tree_text(tree_get(a, "direction")),
                  tree_text(tree_get(b, "direction"))) == 0;
}

/* Numbers before texts before nothing; NAN after the other numbers. */
static int cell_class(const struct cell *c)
{
    if (c->kind == CELL_NONE)
        return 3;
    if (c->kind == CELL_TEXT)
        return 2;
    return isnan(c->number) ? 1 : 0;
}

static int compare(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    int order = cell_class(&x->key) - cell_class(&y->key);

    if (order != 0)
        return order;
    if (x->key.kind == CELL_TEXT)
        order = strcmp(x->key.text, y->key.text);
    else if (cell_class(&x->key) == 0)
        order =
            (x->key.number > y->key.number) - (x->key.number < y->key.number);
    if (order != 0)
        return x->descending ? -order : order;
    return (x->order > y->order) - (x->order < y->order);
}

typedef struct cell key_of(const void *context, const struct entry *e);

/* Sort the entries by a key, stably. Returns 0, or -1 without memory. */
static int sort(struct standings *r, key_of *key, const void *context,
                bool descending)
{
    struct keyed *keyed = calloc(r->count + 1, sizeof *keyed);

    if (!keyed)
        return -1;
    for (size_t i = 0; i < r->count; i++)
        keyed[i] = (struct keyed){ r->entries[i], key(context, &r->entries[i]),
                                   i, descending };
    qsort(keyed, r->count, sizeof *keyed, compare);
    for (size_t i = 0; i < r->count; i++)
        r->entries[i] = keyed[i].entry;
    free(keyed);
    return 0;
}

static struct cell key_of_value(const void *context, const struct entry *e)
{
    (void)context;
    return is_ranked(e) ? cell_number(tree_number(tree_get(e->row, "value")))
                        : cell_text(NULL);
}

static struct cell key_of_column(const void *context, const struct entry *e)
{
    return column_cell(context, e);
}

/* Number the ranked entries as they stand, anew where the study changes
 * unless they are 'merged'. Of several objectives the rank is the front's. */
static void number(struct standings *r, bool merged)
{
    int64_t rank = 0;

    for (size_t i = 0; i < r->count; i++) {
        struct entry *e = &r->entries[i];
        if (i > 0 && !merged && e->study != r->entries[i - 1].study)
            rank = 0;
        e->rank = is_ranked(e) ? ++rank : 0;
        if (e->rank > 0 && tree_get(e->row, "front"))
            e->rank = tree_integer(tree_get(e->row, "front"));
    }
}

static void gather(struct standings *r, const struct tree *const *boards,
                   size_t count)
{
    for (size_t b = 0; b < count; b++) {
        const struct tree *rows = tree_get(boards[b], "rows");
        const struct tree *study = tree_get(boards[b], "study");
        int64_t trials = tree_integer(tree_get(study, "trials"));

        r->total += trials > (int64_t)tree_count(rows) ? (size_t)trials
                                                       : tree_count(rows);
        for (size_t i = 0; i < tree_count(rows); i++)
            r->entries[r->count++] =
                (struct entry){ tree_at(rows, i), study, 0 };
    }
}

int standings_read(struct standings *r, const struct tree *const *boards,
                   size_t count, struct error *err)
{
    size_t rows = 0;
    bool merged = count > 1;

    memset(r, 0, sizeof *r);
    for (size_t i = 0; i < count; i++) {
        rows += tree_count(tree_get(boards[i], "rows"));
        merged = merged && same_objective(tree_get(boards[0], "study"),
                                          tree_get(boards[i], "study"));
    }
    r->entries = calloc(rows + 1, sizeof *r->entries);
    if (!r->entries)
        return error_memory(err);
    if (columns_read(&r->known, boards, count, err) < 0)
        goto error;
    gather(r, boards, count);
    if (merged) {
        const struct tree *direction =
            tree_get(r->count ? r->entries[0].study : NULL, "direction");
        bool maximize = strcmp(tree_text(direction), "maximize") == 0;

        if (sort(r, key_of_value, NULL, maximize) < 0) {
            error_memory(err);
            goto error;
        }
    }
    number(r, merged);
    return 0;
error:
    standings_clear(r);
    return -1;
}

void standings_clear(struct standings *r)
{
    columns_clear(&r->known);
    free(r->entries);
    memset(r, 0, sizeof *r);
}

int standings_where(struct standings *r, const char *expression,
                    struct error *err)
{
    struct where *w = where_parse(expression, &r->known, err);
    size_t kept = 0;

    if (!w)
        return -1;
    for (size_t i = 0; i < r->count; i++)
        if (where_match(w, &r->entries[i]))
            r->entries[kept++] = r->entries[i];
    r->count = kept;
    where_destroy(w);
    return 0;
}

int standings_sort(struct standings *r, const char *column, struct error *err)
{
    bool descending = column[0] == '-';
    const struct column *c = columns_find(&r->known, column + descending, err);

    if (!c)
        return error_where(err, "--sort");
    if (sort(r, key_of_column, c, descending) < 0)
        return error_memory(err);
    return 0;
}

void standings_top(struct standings *r, size_t top)
{
    if (r->count > top)
        r->count = top;
}

void standings_skip(struct standings *r, size_t count)
{
    if (count > r->count)
        count = r->count;
    r->count -= count;
    memmove(r->entries, r->entries + count, r->count * sizeof *r->entries);
}
