/* See optim.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/optim/optim.h"

#include <math.h>

const char *const optim_names[] = { "adam", "adamw", "lamb", "sgd", NULL };
const char *const rate_names[] = { "constant", "cosine", "linear", "step",
                                   NULL };

double optim_rate(const struct optim_options *o, double epoch, double epochs)
{
    double left, done, drops;

    if (epoch < o->warmup)
        return o->lr * epoch / o->warmup;
    done = fmin((epoch - o->warmup) / fmax(epochs - o->warmup, 1e-9), 1);
    drops = floor((epoch - o->warmup) / fmax(o->drop_every, 1e-9));
    left = o->schedule == RATE_COSINE   ? (1 + cos(acos(-1.0) * done)) / 2
           : o->schedule == RATE_LINEAR ? 1 - done
           : o->schedule == RATE_STEP   ? pow(o->drop, drops)
                                        : 1;
    return o->lr * left;
}

/* The squares of the gradient, where it is clipped. */
static void square(const struct optim_options *o, const struct model *m)
{
    struct backend *b = m->backend;
    size_t i;

    if (o->clip <= 0)
        return;
    b->ops->zero(b, m->squares, sizeof *m->squares);
    b->ops->squares(b, m->dense.floats, m->grad, m->squares);
    for (i = 0; i < m->table_count; i++) {
        const struct table *t = &m->table[i];

        b->ops->squares(b, t->touched.count * t->dimension, t->touched.grad,
                        m->squares);
    }
}

static struct update update_of(const struct optim_options *o,
                               const struct model *m, int64_t steps,
                               double rate)
{
    double decay = o->weight_decay;
    bool apart = o->kind == OPTIM_ADAMW || o->kind == OPTIM_LAMB;

    return (struct update){
        .adam = o->kind != OPTIM_SGD,
        .lr = (float)rate,
        .clip = (float)fmax(o->clip, 0),
        .squares = m->squares,
        .decay = apart ? 0 : (float)decay,
        .shrink = apart ? (float)decay : 0,
        .momentum = (float)o->momentum,
        .beta1 = (float)o->beta1,
        .beta2 = (float)o->beta2,
        .epsilon = (float)o->epsilon,
        .correction1 = (float)(1 - pow(o->beta1, (double)steps)),
        .correction2 = (float)(1 - pow(o->beta2, (double)steps)),
    };
}

void optim_step(const struct optim_options *o, const struct model *m,
                struct weights *w, double rate)
{
    struct backend *b = m->backend;
    struct update u;
    size_t i;

    w->steps++;
    square(o, m);
    u = update_of(o, m, w->steps, rate);
    u.trust = o->kind == OPTIM_LAMB;
    b->ops->update_all(b, &u, m->dense.count, m->span, w->dense.value, m->grad,
                       w->dense.m, w->dense.v);
    u.trust = false;
    for (i = 0; i < m->table_count; i++) {
        const struct table *t = &m->table[i];

        b->ops->update(b, &u, t->touched.count, t->touched.row, t->dimension,
                       w->table[i].value, t->touched.grad, w->table[i].m,
                       w->table[i].v);
    }
}
