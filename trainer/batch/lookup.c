/* See lookup.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/batch/lookup.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int lookup_init(struct lookup *l, size_t table_rows, size_t row_capacity,
                struct error *err)
{
    *l = (struct lookup){ .table_rows = table_rows,
                          .row_capacity = row_capacity };
    l->offset = calloc(row_capacity + 1, sizeof *l->offset);
    l->seen = calloc(table_rows, sizeof *l->seen);
    if (l->offset && l->seen && lookup_reserve(l, row_capacity, NULL) == 0)
        return 0;
    lookup_clear(l);
    return error_memory(err);
}

void lookup_clear(struct lookup *l)
{
    free(l->offset);
    free(l->id);
    free(l->weight);
    free(l->slot);
    free(l->touched);
    free(l->start);
    free(l->user);
    free(l->share);
    free(l->seen);
    memset(l, 0, sizeof *l);
}

void lookup_reset(struct lookup *l)
{
    l->rows = l->count = l->touched_count = 0;
}

/* All arrays that grow have values of four bytes. */
static int grow(void *array, size_t count)
{
    void **at = array;
    void *more = realloc(*at, count * sizeof(uint32_t));

    if (!more)
        return -1;
    *at = more;
    return 0;
}

int lookup_reserve(struct lookup *l, size_t more, struct error *err)
{
    size_t need = l->count + more, capacity = 2 * need;

    if (l->capacity > 0 && need <= l->capacity)
        return 0;
    if (grow(&l->id, capacity) < 0 || grow(&l->weight, capacity) < 0 ||
        grow(&l->slot, capacity) < 0 || grow(&l->touched, capacity) < 0 ||
        grow(&l->start, capacity + 1) < 0 || grow(&l->user, capacity) < 0 ||
        grow(&l->share, capacity) < 0)
        return error_memory(err);
    l->capacity = capacity;
    return 0;
}

void lookup_end_row(struct lookup *l, size_t used)
{
    assert(l->rows < l->row_capacity && l->count + used <= l->capacity);
    l->count += used;
    l->offset[++l->rows] = (uint32_t)l->count;
}

/* Sort by slot, and by example within: count, sum up, deal out. */
static void turn_round(struct lookup *l)
{
    uint32_t *start = l->start, at;
    size_t i, j;

    memset(start, 0, (l->touched_count + 1) * sizeof *start);
    for (j = 0; j < l->count; j++)
        start[l->slot[j] + 1]++;
    for (i = 1; i <= l->touched_count; i++)
        start[i] += start[i - 1];
    for (i = 0; i < l->rows; i++)
        for (j = l->offset[i]; j < l->offset[i + 1]; j++) {
            at = start[l->slot[j]]++;
            l->user[at] = (uint32_t)i;
            l->share[at] = l->weight[j];
        }
    memmove(start + 1, start, l->touched_count * sizeof *start);
    start[0] = 0;
}

void lookup_index(struct lookup *l)
{
    size_t j;
    uint32_t id;

    l->touched_count = 0;
    for (j = 0; j < l->count; j++) {
        id = l->id[j];
        if (!l->seen[id]) {
            l->touched[l->touched_count++] = id;
            l->seen[id] = (uint32_t)l->touched_count;
        }
        l->slot[j] = l->seen[id] - 1;
    }
    for (j = 0; j < l->touched_count; j++)
        l->seen[l->touched[j]] = 0;
    turn_round(l);
}
