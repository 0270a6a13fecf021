/* See cut.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/pack/cut.h"

#include <stdlib.h>

#include "trainer/data/duplicates.h"
#include "trainer/data/forest.h"
#include "trainer/data/hash.h"
#include "trainer/data/pack/split.h"

/* Keys of splits and of folds are apart even with one seed. */
enum { SPLIT_SALT = 1, FOLD_SALT = 2 };

uint64_t cut_key(const struct description *d, const struct record *r, bool fold)
{
    const struct description_cut *cut = fold ? &d->fold : &d->split;
    uint64_t key =
        (uint64_t)cut->seed * 4 + (uint64_t)(fold ? FOLD_SALT : SPLIT_SALT);

    if (cut->group != DESCRIPTION_NONE)
        return hash_string(r->field[cut->group], key);
    if (d->id != DESCRIPTION_NONE)
        return hash_string(r->field[d->id], key);
    for (int i = 0; i < d->column_count; i++)
        key = hash_string(r->field[i], key);
    return key;
}

/* The rows that are training rows now. '*count' of them; the caller frees. */
static struct split_item *training_items(const struct cut_row *row,
                                         size_t row_count, bool fold,
                                         size_t *count)
{
    struct split_item *items = calloc(row_count + 1, sizeof *items);

    *count = 0;
    for (size_t i = 0; i < row_count && items; i++)
        if (row[i].split == SPLIT_TRAIN)
            items[(*count)++] = (struct split_item){
                .row = i,
                .key = fold ? row[i].fold_key : row[i].split_key,
                .label = row[i].label,
            };
    return items;
}

/* --- near-duplicates stay together ------------------------------------------- */

static int compare_keys(const void *a, const void *b)
{
    const struct split_item *x = a, *y = b;

    return (x->key > y->key) - (x->key < y->key);
}

/* Items of one key, and of one of the 'groups' groups [by row], belong together,
 * and so does what these join: all get the least of their keys. */
static int join(struct split_item *items, size_t count, const uint32_t *group,
                size_t groups, struct error *err)
{
    uint32_t *parent = forest_create(groups);
    uint64_t *least = calloc(groups + 1, sizeof *least);
    int rc = parent && least ? 0 : error_memory(err);

    for (size_t g = 0; g < groups && rc == 0; g++)
        least[g] = UINT64_MAX;
    if (count > 0 && rc == 0)
        qsort(items, count, sizeof *items, compare_keys);
    for (size_t i = 1; i < count && rc == 0; i++)
        if (items[i].key == items[i - 1].key)
            forest_join(parent, group[items[i].row], group[items[i - 1].row]);
    for (size_t i = 0; i < count && rc == 0; i++) {
        uint64_t *key = &least[forest_root(parent, group[items[i].row])];

        *key = items[i].key < *key ? items[i].key : *key;
    }
    for (size_t i = 0; i < count && rc == 0; i++)
        items[i].key = least[forest_root(parent, group[items[i].row])];
    free(parent);
    free(least);
    return rc;
}

static int join_duplicates(struct split_item *items, size_t count,
                           const uint64_t *hash, size_t rows, int64_t distance,
                           struct error *err)
{
    uint32_t *group = calloc(rows + 1, sizeof *group);
    size_t groups;
    int rc =
        group ? duplicates_group(hash, rows, (int)distance, group, &groups, err)
              : error_memory(err);

    if (rc == 0)
        rc = join(items, count, group, groups, err);
    free(group);
    return rc;
}

/* --- cutting ----------------------------------------------------------------- */

/* Cut the training rows into parts of these shares; each item's answer is in
 * it. The caller frees; NULL with 'err'. */
static struct split_item *cut(const struct cut_row *row, size_t rows,
                              const struct description *d, bool fold,
                              const double *share, uint32_t parts,
                              const uint64_t *hash, size_t *count,
                              struct error *err)
{
    const struct description_cut *how = fold ? &d->fold : &d->split;
    struct split_item *items = training_items(row, rows, fold, count);

    if (!items) {
        error_memory(err);
        return NULL;
    }
    if (how->duplicates != DESCRIPTION_NONE &&
        join_duplicates(items, *count, hash, rows, how->duplicates, err) < 0) {
        free(items);
        return NULL;
    }
    for (size_t i = 0; how->time != DESCRIPTION_NONE && i < *count; i++)
        items[i].label = 0; /* one stratum, in the order of time */
    split_assign(items, *count, share, parts,
                 how->stratified || how->time != DESCRIPTION_NONE);
    return items;
}

static int cut_splits(struct cut_row *row, size_t rows,
                      const struct description *d, const uint64_t *hash,
                      struct error *err)
{
    const double share[3] = { 1 - d->validation - d->test, d->validation,
                              d->test };
    size_t count;
    struct split_item *items =
        cut(row, rows, d, false, share, 3, hash, &count, err);

    if (!items)
        return -1;
    for (size_t i = 0; i < count; i++)
        row[items[i].row].split = (uint8_t)items[i].part;
    free(items);
    return 0;
}

static int cut_folds(struct cut_row *row, size_t rows,
                     const struct description *d, const uint64_t *hash,
                     struct error *err)
{
    double *share;
    struct split_item *items;
    size_t count;

    if (d->folds == 0 || d->fold.sha256)
        return 0;
    share = calloc(d->folds, sizeof *share);
    if (!share)
        return error_memory(err);
    for (uint32_t i = 0; i < d->folds; i++)
        share[i] = 1.0 / d->folds;
    items = cut(row, rows, d, true, share, d->folds, hash, &count, err);
    for (size_t i = 0; items && i < count; i++)
        row[items[i].row].fold = items[i].part;
    free(share);
    free(items);
    return items ? 0 : -1;
}

int cut_rows(struct cut_row *row, size_t count, const struct description *d,
             const uint64_t *hash, struct error *err)
{
    if (cut_splits(row, count, d, hash, err) < 0 ||
        cut_folds(row, count, d, hash, err) < 0)
        return -1;
    for (size_t i = 0; i < count; i++)
        if (row[i].split != SPLIT_TRAIN)
            row[i].fold = 0;
    return 0;
}
