/* See layout.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/model/layout.h"

#include <stdlib.h>
#include <string.h>

void layout_clear(struct layout *l)
{
    free(l->parameter);
    memset(l, 0, sizeof *l);
}

int layout_add(struct layout *l, const struct parameter *p, size_t *offset,
               struct error *err)
{
    struct parameter *at;
    size_t i;

    if (l->count == l->capacity) {
        size_t capacity = l->capacity ? 2 * l->capacity : 32;

        at = realloc(l->parameter, capacity * sizeof *at);
        if (!at)
            return error_memory(err);
        l->parameter = at;
        l->capacity = capacity;
    }
    at = &l->parameter[l->count++];
    *at = *p;
    at->count = 1;
    for (i = 0; i < p->rank; i++)
        at->count *= p->shape[i];
    at->offset = l->floats;
    l->floats += at->count;
    *offset = at->offset;
    return 0;
}
