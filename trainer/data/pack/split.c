/* split: which rows go where.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/pack/split.h"

#include <stdlib.h>

/* By class, then key; the row settles ties, so that the order is total. */
static int compare_items(const void *a, const void *b)
{
    const struct split_item *x = a, *y = b;
    if (x->label != y->label)
        return x->label > y->label ? 1 : -1;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

/* The part in which the point 'u' of [0, 1) lies. */
static uint32_t part_at(double u, const double *share, uint32_t parts)
{
    uint32_t part = 0;
    for (double end = share[0]; u >= end && part + 1 < parts;)
        end += share[++part];
    return part;
}

static void assign_by_rank(struct split_item *items, size_t count,
                           const double *share, uint32_t parts)
{
    for (size_t i = 0; i < count; i++)
        items[i].part =
            part_at(((double)i + 0.5) / (double)count, share, parts);
}

void split_assign(struct split_item *items, size_t count, const double *share,
                  uint32_t parts, bool stratified)
{
    size_t first, end;
    if (!stratified) {
        for (size_t i = 0; i < count; i++)
            items[i].part =
                part_at((double)(items[i].key >> 11) * 0x1p-53, share, parts);
        return;
    }
    if (count > 0)
        qsort(items, count, sizeof *items, compare_items);
    for (first = 0; first < count; first = end) {
        for (end = first;
             end < count && items[end].label == items[first].label;)
            end++;
        assign_by_rank(items + first, end - first, share, parts);
    }
}
