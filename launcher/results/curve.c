/* curve: see curve.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/results/curve.h"

#include <stdlib.h>
#include <string.h>

#include "base/json.h"

static int collect(void *context, const struct store_report *r,
                   struct error *err)
{
    struct curve *c = context;
    struct curve_item *item;

    if (c->count == c->capacity) {
        size_t capacity = c->capacity ? 2 * c->capacity : 32;

        item = realloc(c->items, capacity * sizeof *item);
        if (!item)
            return error_memory(err);
        c->items = item;
        c->capacity = capacity;
    }
    item = &c->items[c->count];
    *item = (struct curve_item){ .id = r->id,
                                 .step = r->step,
                                 .attempt = r->attempt,
                                 .seconds = r->seconds,
                                 .has_value = r->has_value,
                                 .value = r->value };
    if (c->with_metrics &&
        !(item->metrics =
              json_parse(r->metrics, strlen(r->metrics), "study.db", err)))
        return -1;
    c->count++;
    return 0;
}

/* By step, the newest of a step first. */
static int compare(const void *left, const void *right)
{
    const struct curve_item *a = left, *b = right;

    if (a->step != b->step)
        return a->step < b->step ? -1 : 1;
    return a->id > b->id ? -1 : a->id < b->id;
}

int curve_read(struct store *s, int64_t last_report, bool metrics,
               struct curve *c, struct error *err)
{
    size_t kept = 0;

    c->with_metrics = metrics;
    if (store_read_curve(s, last_report, collect, c, err) < 0)
        return -1;
    if (c->count > 0)
        qsort(c->items, c->count, sizeof *c->items, compare);
    for (size_t i = 0; i < c->count; i++)
        if (kept > 0 && c->items[kept - 1].step == c->items[i].step)
            tree_destroy(c->items[i].metrics);
        else
            c->items[kept++] = c->items[i];
    c->count = kept;
    return 0;
}

void curve_clear(struct curve *c)
{
    for (size_t i = 0; i < c->count; i++)
        tree_destroy(c->items[i].metrics);
    free(c->items);
    *c = (struct curve){ 0 };
}
