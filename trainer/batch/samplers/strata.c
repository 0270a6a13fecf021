/* See strata.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/batch/samplers/strata.h"

#include <stdlib.h>
#include <string.h>

struct keyed {
    uint64_t key;
    size_t row;
};

static int compare_keyed(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;

    if (x->key != y->key)
        return x->key < y->key ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static void fill(struct strata *s, const struct keyed *sorted)
{
    size_t i;

    for (i = 0; i < s->rows; i++) {
        if (i == 0 || sorted[i].key != sorted[i - 1].key)
            s->list[s->count++] = (struct stratum){ sorted[i].key, i, 0 };
        s->list[s->count - 1].count++;
        s->member[i] = sorted[i].row;
    }
}

int strata_init(struct strata *s, const uint64_t *key, size_t rows,
                struct error *err)
{
    struct keyed *sorted = calloc(rows + 1, sizeof *sorted);
    size_t i;

    *s = (struct strata){ .rows = rows };
    s->list = calloc(rows + 1, sizeof *s->list);
    s->member = calloc(rows + 1, sizeof *s->member);
    if (!sorted || !s->list || !s->member) {
        free(sorted);
        strata_clear(s);
        return error_memory(err);
    }
    for (i = 0; i < rows; i++)
        sorted[i] = (struct keyed){ key[i], i };
    qsort(sorted, rows, sizeof *sorted, compare_keyed);
    fill(s, sorted);
    free(sorted);
    return 0;
}

void strata_clear(struct strata *s)
{
    free(s->list);
    free(s->member);
    memset(s, 0, sizeof *s);
}
