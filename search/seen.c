/* seen: a hash set of trial numbers keyed by their points.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/seen.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void seen_clear(struct seen *s)
{
    free(s->slots);
    *s = (struct seen)SEEN_INIT;
}

/* The slot of a point: where it is, or where it would go. */
static size_t find_slot(const struct seen *s, const struct history *h,
                        const double *x)
{
    size_t i = (size_t)space_hash(h->space, x) & (s->capacity - 1);

    while (s->slots[i] >= 0 &&
           !space_same(h->space, h->trials[s->slots[i]].x, x))
        i = (i + 1) & (s->capacity - 1);
    return i;
}

static void insert(struct seen *s, const struct history *h, int64_t number)
{
    size_t slot = find_slot(s, h, h->trials[number].x);

    if (s->slots[slot] < 0)
        s->count++;
    s->slots[slot] = number;
}

/* Room for the whole history at half load; then everything enters anew. */
static int grow(struct seen *s, const struct history *h)
{
    size_t capacity = 64;

    while (capacity < 2 * h->count)
        capacity *= 2;
    if (capacity <= s->capacity)
        return 0;
    int64_t *slots = malloc(2 * capacity * sizeof *slots);
    if (slots == NULL)
        return -1;
    free(s->slots);
    s->slots = slots;
    s->capacity = 2 * capacity;
    history_unfollow(&s->cursor);
    return 0;
}

int seen_update(struct seen *s, const struct history *h)
{
    int64_t number;

    if (grow(s, h))
        return -1;
    if (history_follow(&s->cursor, h)) {
        memset(s->slots, 0xff, s->capacity * sizeof *s->slots);
        s->count = 0;
    }
    while ((number = history_next(&s->cursor, h)) >= 0)
        insert(s, h, number);
    return 0;
}

bool seen_has(const struct seen *s, const struct history *h, const double *x)
{
    return s->slots[find_slot(s, h, x)] >= 0;
}

int seen_find_new(const struct seen *s, const struct history *h, double size,
                  double start, double *x)
{
    assert((double)s->count < size);
    for (double k = start;; k++) {
        if (space_nth(h->space, fmod(k, size), x))
            return -1;
        if (!seen_has(s, h, x))
            return 0;
    }
}
