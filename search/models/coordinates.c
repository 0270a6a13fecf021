/* coordinates: see coordinates.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/models/coordinates.h"

#include <math.h>
#include <stdlib.h>

#include "search/parameter.h"

void coordinates_clear(struct coordinates *c)
{
    free(c->rows);
    *c = (struct coordinates)COORDINATES_INIT;
}

bool coordinate_unordered(const struct parameter *p)
{
    return p->kind == PARAMETER_CATEGORICAL && !p->ordered;
}

double coordinate_of(const struct parameter *p, double v)
{
    return isnan(v) || coordinate_unordered(p) ? v : parameter_to_unit(p, v);
}

int coordinates_update(struct coordinates *c, const struct history *h)
{
    const struct space *s = h->space;
    int64_t number;

    if (h->count > c->capacity) {
        double *grown =
            realloc(c->rows, (2 * h->count * s->count + 1) * sizeof *grown);
        if (grown == NULL)
            return -1;
        c->rows = grown;
        c->capacity = 2 * h->count;
    }
    history_follow(&c->cursor, h);
    while ((number = history_next(&c->cursor, h)) >= 0)
        for (size_t i = 0; i < s->count; i++)
            c->rows[(size_t)number * s->count + i] =
                coordinate_of(&s->parameters[i], h->trials[number].x[i]);
    return 0;
}

bool coordinates_equal(const double *a, const double *b, size_t dimension)
{
    for (size_t i = 0; i < dimension; i++)
        if (!(a[i] == b[i] || (isnan(a[i]) && isnan(b[i]))))
            return false;
    return true;
}
