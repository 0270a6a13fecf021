/* The gradients of all ranks, summed. See model.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/model/model.h"

void model_ride(struct model *m, float value)
{
    if (m->comm->size > 1)
        m->backend->ops->upload(m->backend, m->grad + m->dense.floats, &value,
                                sizeof value);
}

float model_rider(const struct model *m)
{
    float sum = 0;

    m->backend->ops->download(m->backend, &sum, m->grad + m->dense.floats,
                              sizeof sum);
    return sum;
}

int model_be_late(struct model *m, struct error *err)
{
    struct backend *b = m->backend;

    m->late = true;
    m->away = b->ops->allocate(b, (m->dense.floats + RIDERS) * sizeof *m->away);
    return m->away ? 0 : error_memory(err);
}

/* The gradient at hand and the one away change places. */
static void swap(struct model *m)
{
    float *grad = m->grad;
    size_t i;

    m->grad = m->away;
    m->away = grad;
    for (i = 0; i < m->table_count; i++) {
        struct table *t = &m->table[i];
        struct touched touched = t->touched;

        t->touched = t->away;
        t->away = touched;
    }
}

/* All that is under way has come. */
static int end_exchange(struct model *m, struct error *err)
{
    size_t i;

    comm_wait(m->comm);
    comm_wait(m->device);
    for (i = 0; i < m->table_count; i++) {
        struct table *t = &m->table[i];

        if (table_end_exchange(t, &m->pass, m->late ? &t->away : &t->touched,
                               err) < 0)
            return -1;
    }
    return 0;
}

static int exchange_late(struct model *m, struct error *err)
{
    bool waited = m->waiting;
    size_t i;

    if (waited && end_exchange(m, err) < 0)
        return -1;
    buckets_close(&m->buckets);
    for (i = 0; i < m->table_count; i++)
        if (table_start_exchange(&m->table[i], &m->pass, err) < 0)
            return -1;
    swap(m);
    m->waiting = true;
    return waited;
}

int model_exchange(struct model *m, struct error *err)
{
    if (m->late)
        return exchange_late(m, err);
    buckets_close(&m->buckets);
    return end_exchange(m, err) < 0 ? -1 : 1;
}

int model_settle(struct model *m, struct error *err)
{
    if (!m->waiting)
        return 0;
    m->waiting = false;
    if (end_exchange(m, err) < 0)
        return -1;
    swap(m);
    return 1;
}
