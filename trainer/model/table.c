/* See table.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/model/table.h"

#include <stdlib.h>
#include <string.h>

int table_init(struct table *t, struct backend *b, size_t lines,
               struct error *err)
{
    t->offset = b->ops->allocate(b, (lines + 1) * sizeof *t->offset);
    t->seen = calloc(t->rows, sizeof *t->seen);
    return t->offset && t->seen ? 0 : error_memory(err);
}

void table_clear(struct table *t, struct backend *b)
{
    b->ops->release(b, t->offset);
    b->ops->release(b, t->id);
    b->ops->release(b, t->user);
    b->ops->release(b, t->weight);
    b->ops->release(b, t->touched);
    b->ops->release(b, t->start);
    b->ops->release(b, t->grad);
    free(t->seen);
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

static int reserve_touched(struct table *t, struct backend *b, size_t count,
                           struct error *err)
{
    size_t capacity = count + count / 2;

    if (count <= t->touched_capacity)
        return 0;
    t->touched_capacity = 0;
    if (renew(b, &t->touched, capacity, sizeof *t->touched) < 0 ||
        renew(b, &t->start, capacity + 1, sizeof *t->start) < 0 ||
        renew(b, &t->grad, capacity * t->dimension, sizeof *t->grad) < 0)
        return error_memory(err);
    t->touched_capacity = capacity;
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

int table_backward(struct table *t, const struct pass *p,
                   const struct lookup *l, const float *dout, size_t stride,
                   struct error *err)
{
    struct backend *b = p->backend;

    if (reserve_touched(t, b, l->touched_count, err) < 0)
        return -1;
    b->ops->upload(b, t->user, l->user, l->count * sizeof *l->user);
    b->ops->upload(b, t->weight, l->share, l->count * sizeof *l->share);
    b->ops->upload(b, t->start, l->start,
                   (l->touched_count + 1) * sizeof *l->start);
    b->ops->upload(b, t->touched, l->touched,
                   l->touched_count * sizeof *l->touched);
    t->touched_count = l->touched_count;
    b->ops->bag(b, t->touched_count, t->dimension, l->count, t->start, t->user,
                t->weight, dout, stride, t->grad, t->dimension);
    return 0;
}

/* What all ranks touched, one behind the other; a row may come repeatedly. */
struct gathered {
    size_t *sizes; /* bytes by rank */
    uint32_t *id;
    float *grad;
    size_t count;
};

static void gathered_clear(struct gathered *g)
{
    free(g->sizes);
    free(g->id);
    free(g->grad);
}

/* Every rank's bytes of its 'mine' values of 'size' bytes. */
static void scale_sizes(struct gathered *g, const size_t *counts, size_t ranks,
                        size_t size)
{
    size_t r;

    for (r = 0; r < ranks; r++)
        g->sizes[r] = counts[r] * size;
}

static int gather(struct table *t, const struct pass *p, struct gathered *g,
                  struct error *err)
{
    size_t ranks = (size_t)p->comm->size, row = t->dimension * sizeof(float);
    size_t *counts = calloc(ranks, sizeof *counts), r;
    int rc = -1;

    g->sizes = calloc(ranks, sizeof *g->sizes);
    if (!counts || !g->sizes)
        goto out;
    for (r = 0; r < ranks; r++)
        g->sizes[r] = sizeof *counts;
    comm_gather(p->comm, &t->touched_count, g->sizes, counts);
    for (r = 0; r < ranks; r++)
        g->count += counts[r];
    g->id = malloc((g->count + 1) * sizeof *g->id);
    g->grad = malloc((g->count + 1) * row);
    if (!g->id || !g->grad)
        goto out;
    scale_sizes(g, counts, ranks, sizeof *g->id);
    comm_gather(p->comm, t->touched, g->sizes, g->id);
    scale_sizes(g, counts, ranks, row);
    comm_gather(p->comm, t->grad, g->sizes, g->grad);
    rc = 0;
out:
    free(counts);
    return rc < 0 ? error_memory(err) : 0;
}

/* Add up rows of the same id, in the order they came. */
static void merge(struct table *t, const struct gathered *g)
{
    size_t d = t->dimension, i, k;
    uint32_t id;

    t->touched_count = 0;
    for (i = 0; i < g->count; i++) {
        id = g->id[i];
        if (!t->seen[id]) {
            t->touched[t->touched_count++] = id;
            t->seen[id] = (uint32_t)t->touched_count;
            memset(t->grad + (t->seen[id] - 1) * d, 0, d * sizeof *t->grad);
        }
        for (k = 0; k < d; k++)
            t->grad[(t->seen[id] - 1) * d + k] += g->grad[i * d + k];
    }
    for (i = 0; i < t->touched_count; i++)
        t->seen[t->touched[i]] = 0;
}

int table_exchange(struct table *t, const struct pass *p, struct error *err)
{
    struct gathered g = { 0 };
    int rc = 0;

    if (p->comm->size == 1)
        return 0;
    rc = gather(t, p, &g, err);
    if (rc == 0)
        rc = reserve_touched(t, p->backend, g.count, err);
    if (rc == 0)
        merge(t, &g);
    gathered_clear(&g);
    return rc;
}
