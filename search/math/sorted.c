/* sorted: see sorted.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/math/sorted.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void sorted_clear(struct sorted *s)
{
    free(s->items);
    *s = (struct sorted)SORTED_INIT;
}

/* How many items stand before (loss, trial). */
static size_t place(const struct sorted *s, double loss, int64_t trial)
{
    size_t low = 0, high = s->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const struct sorted_item *item = &s->items[middle];

        if (item->loss < loss || (item->loss == loss && item->trial < trial))
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int sorted_insert(struct sorted *s, double loss, int64_t trial)
{
    size_t i = place(s, loss, trial);

    assert(!isnan(loss));
    if (s->count == s->capacity) {
        size_t capacity = s->capacity ? 2 * s->capacity : 32;
        struct sorted_item *grown = realloc(s->items, capacity * sizeof *grown);
        if (grown == NULL)
            return -1;
        s->items = grown;
        s->capacity = capacity;
    }
    memmove(&s->items[i + 1], &s->items[i], (s->count - i) * sizeof *s->items);
    s->items[i] = (struct sorted_item){ loss, trial };
    s->count++;
    return 0;
}

void sorted_remove(struct sorted *s, double loss, int64_t trial)
{
    size_t i = place(s, loss, trial);

    assert(i < s->count && s->items[i].trial == trial);
    s->count--;
    memmove(&s->items[i], &s->items[i + 1], (s->count - i) * sizeof *s->items);
}

size_t sorted_rank(const struct sorted *s, double loss)
{
    return place(s, loss, INT64_MIN);
}

double sorted_quantile(const struct sorted *s, double share)
{
    double at = share * (double)(s->count - 1);
    size_t below = (size_t)at, above = below + 1;

    assert(s->count > 0 && share >= 0 && share <= 1);
    double weight = at - (double)below, low = s->items[below].loss;
    if (weight == 0 || above == s->count || s->items[above].loss == low)
        return low;
    return low * (1 - weight) + s->items[above].loss * weight;
}
