/* split: which rows go where.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/pack/split.h"

#include <stdlib.h>

/* The row settles ties, so that the order is total. */
static int compare_keys(const void *a, const void *b)
{
    const struct split_item *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static int compare_classes(const void *a, const void *b)
{
    const struct split_item *x = a, *y = b;
    if (x->label != y->label)
        return x->label > y->label ? 1 : -1;
    return compare_keys(a, b);
}

/* Behind the last of those that have the key of 'first'. */
static size_t end_of_key(const struct split_item *items, size_t first,
                         size_t count)
{
    size_t end = first + 1;
    while (end < count && items[end].key == items[first].key)
        end++;
    return end;
}

/* Those of one key, which are neighbours, become of their highest class. */
static void raise_classes(struct split_item *items, size_t count)
{
    for (size_t first = 0, end; first < count; first = end) {
        uint32_t highest = 0;
        end = end_of_key(items, first, count);
        for (size_t i = first; i < end; i++)
            highest = items[i].label > highest ? items[i].label : highest;
        for (size_t i = first; i < end; i++)
            items[i].label = highest;
    }
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
    for (size_t first = 0, end; first < count; first = end) {
        end = end_of_key(items, first, count);
        const double middle = (double)(first + end) / 2 / (double)count;
        for (size_t i = first; i < end; i++)
            items[i].part = part_at(middle, share, parts);
    }
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
    if (count > 0) {
        qsort(items, count, sizeof *items, compare_keys);
        raise_classes(items, count);
        qsort(items, count, sizeof *items, compare_classes);
    }
    for (first = 0; first < count; first = end) {
        for (end = first;
             end < count && items[end].label == items[first].label;)
            end++;
        assign_by_rank(items + first, end - first, share, parts);
    }
}
