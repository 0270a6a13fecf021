/* See table.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/model/table.h"

#include <stdlib.h>
#include <string.h>

int table_init(struct table *t, struct backend *b, size_t lines,
               struct error *err)
{
    t->offset = b->ops->allocate(b, (lines + 1) * sizeof *t->offset);
    return t->offset ? 0 : error_memory(err);
}

static void touched_clear(struct touched *t, struct backend *b)
{
    b->ops->release(b, t->row);
    b->ops->release(b, t->start);
    b->ops->release(b, t->grad);
    free(t->name);
}

static void gathered_clear(struct gathered *g, struct backend *b)
{
    free(g->counts);
    free(g->bytes);
    lookup_clear(&g->row);
    b->ops->release(b, g->grad);
}

void table_clear(struct table *t, struct backend *b)
{
    b->ops->release(b, t->offset);
    b->ops->release(b, t->id);
    b->ops->release(b, t->user);
    b->ops->release(b, t->weight);
    touched_clear(&t->touched, b);
    touched_clear(&t->away, b);
    gathered_clear(&t->gathered, b);
    memset(t, 0, sizeof *t);
}

/* Room for 'count' values of 'size' bytes in place of what was there. */
static int renew(struct backend *b, void *array, size_t count, size_t size)
{
    void **at = array;

    b->ops->release(b, *at);
    *at = b->ops->allocate(b, count * size);
    return *at ? 0 : -1;
}

static int reserve_lookups(struct table *t, struct backend *b, size_t count,
                           struct error *err)
{
    size_t capacity = count + count / 2;

    if (count <= t->capacity)
        return 0;
    t->capacity = 0;
    if (renew(b, &t->id, capacity, sizeof *t->id) < 0 ||
        renew(b, &t->user, capacity, sizeof *t->user) < 0 ||
        renew(b, &t->weight, capacity, sizeof *t->weight) < 0)
        return error_memory(err);
    t->capacity = capacity;
    return 0;
}

static int reserve_touched(struct touched *t, struct backend *b, size_t count,
                           size_t dimension, struct error *err)
{
    size_t capacity = count + count / 2 + 1; /* a rank may have no rows */

    if (count < t->capacity)
        return 0;
    t->capacity = 0;
    free(t->name);
    t->name = calloc(capacity, sizeof *t->name);
    if (!t->name || renew(b, &t->row, capacity, sizeof *t->row) < 0 ||
        renew(b, &t->start, capacity + 1, sizeof *t->start) < 0 ||
        renew(b, &t->grad, capacity * dimension, sizeof *t->grad) < 0)
        return error_memory(err);
    t->capacity = capacity;
    return 0;
}

int table_forward(struct table *t, const struct pass *p, const struct lookup *l,
                  const float *value, float *out, size_t stride,
                  struct error *err)
{
    struct backend *b = p->backend;

    if (reserve_lookups(t, b, l->count, err) < 0)
        return -1;
    b->ops->upload(b, t->offset, l->offset, (l->rows + 1) * sizeof *l->offset);
    b->ops->upload(b, t->id, l->id, l->count * sizeof *l->id);
    b->ops->upload(b, t->weight, l->weight, l->count * sizeof *l->weight);
    b->ops->bag(b, l->rows, t->dimension, l->count, t->offset, t->id, t->weight,
                value, t->dimension, out, stride);
    return 0;
}

/* For each row that the lookup touched: the lines of 'from' that asked for it,
 * added up, to 'to'. */
static int add_up(struct table *t, struct backend *b, const struct lookup *l,
                  const float *from, size_t stride, struct touched *to,
                  struct error *err)
{
    if (reserve_touched(to, b, l->touched_count, t->dimension, err) < 0 ||
        reserve_lookups(t, b, l->count, err) < 0)
        return -1;
    b->ops->upload(b, t->user, l->user, l->count * sizeof *l->user);
    b->ops->upload(b, t->weight, l->share, l->count * sizeof *l->share);
    b->ops->upload(b, to->start, l->start,
                   (l->touched_count + 1) * sizeof *l->start);
    b->ops->upload(b, to->row, l->touched,
                   l->touched_count * sizeof *l->touched);
    to->count = l->touched_count;
    b->ops->bag(b, to->count, t->dimension, l->count, to->start, t->user,
                t->weight, from, stride, to->grad, t->dimension);
    return 0;
}

int table_backward(struct table *t, const struct pass *p,
                   const struct lookup *l, const float *dout, size_t stride,
                   struct error *err)
{
    struct touched *to = &t->touched;

    if (add_up(t, p->backend, l, dout, stride, to, err) < 0)
        return -1;
    if (p->host->size > 1)
        memcpy(to->name, l->touched, to->count * sizeof *to->name);
    return 0;
}

/* Every rank's bytes of its values of 'size' bytes. */
static const size_t *bytes_of(struct gathered *g, size_t ranks, size_t size)
{
    size_t r;

    for (r = 0; r < ranks; r++)
        g->bytes[r] = g->counts[r] * size;
    return g->bytes;
}

/* How many rows each rank touched. */
static int gather_counts(struct table *t, struct comm *c, struct error *err)
{
    size_t ranks = (size_t)c->size, r;
    struct gathered *g = &t->gathered;

    if (!g->counts)
        g->counts = calloc(ranks, sizeof *g->counts);
    if (!g->bytes)
        g->bytes = calloc(ranks, sizeof *g->bytes);
    if (!g->counts || !g->bytes)
        return error_memory(err);
    for (r = 0; r < ranks; r++)
        g->bytes[r] = sizeof *g->counts;
    comm_gather(c, &t->touched.count, g->bytes, g->counts);
    g->count = 0;
    for (r = 0; r < ranks; r++)
        g->count += g->counts[r];
    return 0;
}

/* Room for what is gathered. */
static int reserve_gathered(struct table *t, struct backend *b,
                            struct error *err)
{
    struct gathered *g = &t->gathered;
    size_t capacity = g->count + g->count / 2 + 1;

    if (g->count < g->capacity)
        return 0;
    lookup_clear(&g->row);
    g->capacity = 0;
    if (lookup_init(&g->row, t->rows, capacity, err) < 0)
        return -1;
    if (renew(b, &g->grad, capacity * t->dimension, sizeof *g->grad) < 0)
        return error_memory(err);
    g->capacity = capacity;
    return 0;
}

int table_start_exchange(struct table *t, const struct pass *p,
                         struct error *err)
{
    size_t ranks = (size_t)p->host->size, row = t->dimension * sizeof(float);
    struct gathered *g = &t->gathered;

    if (ranks == 1)
        return 0;
    if (gather_counts(t, p->host, err) < 0 ||
        reserve_gathered(t, p->backend, err) < 0)
        return -1;
    comm_start_gather(p->host, t->touched.name,
                      bytes_of(g, ranks, sizeof *g->row.id), g->row.id);
    comm_start_gather(p->comm, t->touched.grad, bytes_of(g, ranks, row),
                      g->grad);
    return 0;
}

/* Each row that was gathered is an example that asks for one row of the table:
 * turned round, the lookup says which to add up for each. */
static void index_gathered(struct gathered *g)
{
    size_t i;

    lookup_reset(&g->row);
    for (i = 0; i < g->count; i++) {
        g->row.weight[i] = 1;
        lookup_end_row(&g->row, 1);
    }
    lookup_index(&g->row);
}

int table_end_exchange(struct table *t, const struct pass *p,
                       struct touched *to, struct error *err)
{
    struct gathered *g = &t->gathered;

    if (p->host->size == 1)
        return 0;
    index_gathered(g);
    return add_up(t, p->backend, &g->row, g->grad, t->dimension, to, err);
}
