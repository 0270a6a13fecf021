/* Drawing and freeing a model's numbers.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "trainer/model/model.h"

/* Embeddings start small: a value never seen says almost nothing. */
#define TABLE_DEVIATION 0.05

static int numbers_init(struct numbers *n, struct backend *b, size_t count)
{
    size_t bytes = count * sizeof *n->value;

    n->count = count;
    n->value = b->ops->allocate(b, bytes);
    n->m = b->ops->allocate(b, bytes);
    n->v = b->ops->allocate(b, bytes);
    return n->value && n->m && n->v ? 0 : -1;
}

static void numbers_clear(struct numbers *n, struct backend *b)
{
    b->ops->release(b, n->value);
    b->ops->release(b, n->m);
    b->ops->release(b, n->v);
}

static void draw(float *to, size_t count, double deviation, double start,
                 struct random *random)
{
    size_t i;

    for (i = 0; i < count; i++)
        to[i] =
            (float)(start +
                    (deviation > 0 ? deviation * random_normal(random) : 0));
}

/* Draw all dense parameters into 'host', by the layout. */
static void draw_dense(const struct model *m, float *host, double prior,
                       struct random *random)
{
    const struct parameter *p;
    size_t i;

    for (i = 0; i < m->dense.count; i++) {
        p = &m->dense.parameter[i];
        draw(host + p->offset, p->count, p->deviation, p->start, random);
    }
    host[m->fusion.bias] = (float)prior;
}

/* Means start at 0, variances at 1. */
static void draw_running(const struct model *m, float *host)
{
    const struct parameter *p;
    size_t i, k;

    for (i = 0; i < m->running.count; i++) {
        p = &m->running.parameter[i];
        for (k = 0; k < p->count; k++)
            host[p->offset + k] = k < p->count / 2 ? 0 : 1;
    }
}

static size_t most_floats(const struct model *m)
{
    size_t most = m->dense.floats, i, count;

    most = m->running.floats > most ? m->running.floats : most;
    for (i = 0; i < m->table_count; i++) {
        count = m->table[i].rows * m->table[i].dimension;
        most = count > most ? count : most;
    }
    return most;
}

static int allocate(struct weights *w, const struct model *m)
{
    struct backend *b = m->backend;
    size_t i;

    w->table = calloc(m->table_count + 1, sizeof *w->table);
    w->running = b->ops->allocate(b, m->running.floats * sizeof(float));
    if (!w->table || !w->running ||
        numbers_init(&w->dense, b, m->dense.floats) < 0)
        return -1;
    for (i = 0; i < m->table_count; i++) {
        w->table_count++;
        if (numbers_init(&w->table[i], b,
                         m->table[i].rows * m->table[i].dimension) < 0)
            return -1;
    }
    return 0;
}

int weights_init(struct weights *w, const struct model *m, uint64_t seed,
                 uint64_t stream, double prior, struct error *err)
{
    struct backend *b = m->backend;
    float *host = malloc((most_floats(m) + 1) * sizeof *host);
    struct random random;
    size_t i;

    *w = (struct weights){ 0 };
    if (!host || allocate(w, m) < 0) {
        free(host);
        return error_memory(err);
    }
    random_seed(&random, seed, stream);
    draw_dense(m, host, prior, &random);
    b->ops->upload(b, w->dense.value, host, w->dense.count * sizeof *host);
    draw_running(m, host);
    b->ops->upload(b, w->running, host, m->running.floats * sizeof *host);
    for (i = 0; i < w->table_count; i++) {
        draw(host, w->table[i].count, TABLE_DEVIATION, 0, &random);
        b->ops->upload(b, w->table[i].value, host,
                       w->table[i].count * sizeof *host);
    }
    free(host);
    return 0;
}

void weights_clear(struct weights *w, const struct model *m)
{
    size_t i;

    numbers_clear(&w->dense, m->backend);
    for (i = 0; i < w->table_count; i++)
        numbers_clear(&w->table[i], m->backend);
    m->backend->ops->release(m->backend, w->running);
    free(w->table);
    *w = (struct weights){ 0 };
}
