/* See duplicates.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/duplicates.h"

#include <stdlib.h>
#include <string.h>

#include "trainer/data/forest.h"

enum { PARTS = 4, PART_BITS = 16, PART_VALUES = 1 << PART_BITS };

/* The hashes sorted by one part: those with value v are
 * entry[start[v] .. start[v + 1]), side by side so that a look is one reach
 * into memory. */
struct entry {
    uint64_t hash;
    uint32_t index;
};

struct table {
    uint32_t *start;
    struct entry *entry;
};

struct search {
    const uint64_t *hash; /* [count], each once */
    size_t count;
    int distance;
    struct table table[PARTS];
    uint32_t *parent; /* [count] see forest.h */
};

static uint32_t part_of(uint64_t hash, int part)
{
    return (uint32_t)(hash >> (part * PART_BITS)) & (PART_VALUES - 1);
}

/* --- searching --------------------------------------------------------------- */

static int table_init(struct table *t, const struct search *s, int part)
{
    size_t i;

    t->start = calloc(PART_VALUES + 1, sizeof *t->start);
    t->entry = calloc(s->count + 1, sizeof *t->entry);
    if (!t->start || !t->entry)
        return -1;
    for (i = 0; i < s->count; i++)
        t->start[part_of(s->hash[i], part)]++;
    for (i = 1; i <= PART_VALUES; i++)
        t->start[i] += t->start[i - 1];
    for (i = s->count; i-- > 0;)
        t->entry[--t->start[part_of(s->hash[i], part)]] =
            (struct entry){ s->hash[i], (uint32_t)i };
    return 0;
}

/* Unite hash 'i' with those behind it that have 'value' in the part. */
static void look_up(struct search *s, const struct table *t, uint32_t value,
                    uint32_t i)
{
    const struct entry *first = t->entry + t->start[value];
    const struct entry *e = t->entry + t->start[value + 1];

    while (e-- > first && e->index > i)
        if (__builtin_popcountll(s->hash[i] ^ e->hash) <= s->distance)
            forest_join(s->parent, i, e->index);
}

/* All values within 'radius' <= 2 bits of the part of hash 'i'. */
static void look_around(struct search *s, int part, uint32_t i)
{
    const struct table *t = &s->table[part];
    uint32_t value = part_of(s->hash[i], part);
    int radius = s->distance / PARTS, a, b;

    look_up(s, t, value, i);
    for (a = 0; a < PART_BITS && radius > 0; a++) {
        look_up(s, t, value ^ 1u << a, i);
        for (b = 0; b < a && radius > 1; b++)
            look_up(s, t, value ^ 1u << a ^ 1u << b, i);
    }
}

static int search_run(struct search *s)
{
    uint32_t i;
    int part, rc = 0;

    for (part = 0; part < PARTS && rc == 0; part++)
        rc = table_init(&s->table[part], s, part);
    for (i = 0; i < s->count && rc == 0; i++)
        for (part = 0; part < PARTS; part++)
            look_around(s, part, i);
    for (part = 0; part < PARTS; part++) {
        free(s->table[part].start);
        free(s->table[part].entry);
    }
    return rc;
}

/* --- groups ------------------------------------------------------------------ */

struct keyed {
    uint64_t hash;
    uint32_t row;
};

static int compare_keyed(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;

    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* Number the groups in the order of their first rows. 'tree' [count] names each
 * row's tree by a number below 2 * count; 'number' is zeroed room for these. */
static size_t number_groups(const uint32_t *tree, size_t count,
                            uint32_t *number, uint32_t *group)
{
    size_t groups = 0, i;

    for (i = 0; i < count; i++) {
        if (!number[tree[i]])
            number[tree[i]] = (uint32_t)++groups;
        group[i] = number[tree[i]] - 1;
    }
    return groups;
}

int duplicates_group(const uint64_t *hash, size_t count, int distance,
                     uint32_t *group, size_t *groups, struct error *err)
{
    struct keyed *sorted = calloc(count + 1, sizeof *sorted);
    uint64_t *once = calloc(count + 1, sizeof *once);
    uint32_t *parent = forest_create(count);
    uint32_t *tree = calloc(count + 1, sizeof *tree);
    uint32_t *number = calloc(2 * count + 1, sizeof *number);
    struct search s = { .hash = once, .distance = distance, .parent = parent };
    size_t i;
    int rc = -1;

    if (!sorted || !once || !parent || !tree || !number)
        goto out;
    for (i = 0; i < count; i++)
        sorted[i] = (struct keyed){ hash[i], (uint32_t)i };
    qsort(sorted, count, sizeof *sorted, compare_keyed);
    for (i = 0; i < count; i++) {
        if (sorted[i].hash == 0)
            continue;
        if (s.count == 0 || sorted[i].hash != sorted[i - 1].hash)
            once[s.count++] = sorted[i].hash;
        tree[sorted[i].row] = (uint32_t)s.count - 1;
    }
    if (search_run(&s) < 0)
        goto out;
    for (i = 0; i < count; i++)
        tree[i] =
            hash[i] ? forest_root(parent, tree[i]) : (uint32_t)(count + i);
    *groups = number_groups(tree, count, number, group);
    rc = 0;
out:
    free(sorted);
    free(once);
    free(parent);
    free(tree);
    free(number);
    return rc < 0 ? error_memory(err) : 0;
}

uint32_t *duplicates_of(const struct dataset *data, int distance,
                        size_t *groups, struct error *err)
{
    size_t count = data->row_count, i;
    uint64_t *hash = NULL;
    uint32_t *group = NULL;
    struct row row;

    if (data->image_height == 0) {
        error_usage(err, "data set '%s' has no pictures to compare",
                    data->name);
        return NULL;
    }
    hash = calloc(count + 1, sizeof *hash);
    group = calloc(count + 1, sizeof *group);
    if (!hash || !group) {
        error_memory(err);
        goto error;
    }
    for (i = 0; i < count; i++) {
        dataset_row(data, i, &row);
        hash[i] = row.hash;
    }
    if (duplicates_group(hash, count, distance, group, groups, err) < 0)
        goto error;
    free(hash);
    return group;
error:
    free(hash);
    free(group);
    return NULL;
}

/* --- the report -------------------------------------------------------------- */

enum { LISTED = 20 };

struct member_counts {
    size_t in[3]; /* rows by split */
    size_t first[3];
};

static void print_summary(const struct member_counts *counts, size_t groups,
                          FILE *out)
{
    size_t many = 0, rows = 0, largest = 0, i;

    for (i = 0; i < groups; i++) {
        size_t size = counts[i].in[0] + counts[i].in[1] + counts[i].in[2];

        many += size > 1;
        rows += size > 1 ? size : 0;
        largest = size > largest ? size : largest;
    }
    fprintf(out,
            "%zu groups of near-duplicates with %zu rows, the largest %zu\n",
            many, rows, largest);
}

static void print_leaks(const struct member_counts *counts, size_t groups,
                        enum split split, FILE *out)
{
    size_t rows = 0, listed = 0, i;

    for (i = 0; i < groups; i++)
        rows += counts[i].in[SPLIT_TRAIN] > 0 ? counts[i].in[split] : 0;
    fprintf(out, "%zu %s rows have a near-duplicate in training\n", rows,
            dataset_split_name[split]);
    for (i = 0; i < groups && listed < LISTED; i++)
        if (counts[i].in[SPLIT_TRAIN] > 0 && counts[i].in[split] > 0 &&
            ++listed)
            fprintf(out, "  row %zu: as row %zu\n", counts[i].first[split],
                    counts[i].first[SPLIT_TRAIN]);
    if (rows > listed && listed == LISTED)
        fprintf(out, "  ...\n");
}

int duplicates_report(const struct dataset *data, int distance, FILE *out,
                      struct error *err)
{
    struct member_counts *counts = NULL;
    size_t groups = 0, i;
    uint32_t *group = duplicates_of(data, distance, &groups, err);
    struct row row;

    if (!group)
        return -1;
    counts = calloc(groups + 1, sizeof *counts);
    if (!counts) {
        free(group);
        return error_memory(err);
    }
    for (i = 0; i < data->row_count; i++) {
        struct member_counts *c = &counts[group[i]];

        dataset_row(data, i, &row);
        if (c->in[row.split]++ == 0)
            c->first[row.split] = i;
    }
    print_summary(counts, groups, out);
    print_leaks(counts, groups, SPLIT_VALIDATION, out);
    print_leaks(counts, groups, SPLIT_TEST, out);
    free(counts);
    free(group);
    return 0;
}
