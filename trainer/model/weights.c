/* Drawing and freeing a model's numbers.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "trainer/model/initial.h"
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

static void draw_table(float *to, size_t count, struct random *random)
{
    size_t i;

    for (i = 0; i < count; i++)
        to[i] = (float)(TABLE_DEVIATION * random_normal(random));
}

/* Draw all dense parameters into 'host', by the layout. */
static int draw_dense(const struct model *m, float *host, const float *prior,
                      struct random *random, struct error *err)
{
    const struct parameter *p;
    size_t i;

    for (i = 0; i < m->dense.count; i++) {
        p = &m->dense.parameter[i];
        if (initial_draw(&m->initial, p, random, host + p->offset, err) < 0)
            return -1;
    }
    memcpy(host + m->fusion.bias, prior, m->loss.outputs * sizeof *prior);
    return 0;
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
                 uint64_t stream, const float *prior, struct error *err)
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
    if (draw_dense(m, host, prior, &random, err) < 0) {
        free(host);
        return -1;
    }
    b->ops->upload(b, w->dense.value, host, w->dense.count * sizeof *host);
    draw_running(m, host);
    b->ops->upload(b, w->running, host, m->running.floats * sizeof *host);
    for (i = 0; i < w->table_count; i++) {
        draw_table(host, w->table[i].count, &random);
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

size_t weights_floats(const struct weights *w, const struct model *m)
{
    size_t count = w->dense.count + m->running.floats, i;

    for (i = 0; i < w->table_count; i++)
        count += w->table[i].count;
    return count;
}

void weights_download(const struct weights *w, const struct model *m,
                      float *host)
{
    struct backend *b = m->backend;
    size_t i;

    b->ops->download(b, host, w->dense.value, w->dense.count * sizeof *host);
    host += w->dense.count;
    b->ops->download(b, host, w->running, m->running.floats * sizeof *host);
    host += m->running.floats;
    for (i = 0; i < w->table_count; i++) {
        const struct numbers *n = &w->table[i];

        b->ops->download(b, host, n->value, n->count * sizeof *host);
        host += n->count;
    }
}

void weights_upload(struct weights *w, const struct model *m, const float *host)
{
    struct backend *b = m->backend;
    size_t i;

    b->ops->upload(b, w->dense.value, host, w->dense.count * sizeof *host);
    host += w->dense.count;
    b->ops->upload(b, w->running, host, m->running.floats * sizeof *host);
    host += m->running.floats;
    for (i = 0; i < w->table_count; i++) {
        b->ops->upload(b, w->table[i].value, host,
                       w->table[i].count * sizeof *host);
        host += w->table[i].count;
    }
}
