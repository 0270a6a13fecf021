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

/* What clipping leaves of the gradient, 1 when it is short enough. */
static double clipped(const struct optim_options *o, const struct model *m)
{
    struct backend *b = m->backend;
    double squares, norm;
    size_t i;

    if (o->clip <= 0)
        return 1;
    squares = b->ops->squares(b, m->dense.floats, m->grad);
    for (i = 0; i < m->table_count; i++)
        squares += b->ops->squares(
            b, m->table[i].touched.count * m->table[i].dimension,
            m->table[i].touched.grad);
    norm = sqrt(squares);
    return norm > o->clip ? o->clip / norm : 1;
}

static struct update update_of(const struct optim_options *o, int64_t steps,
                               double rate, double scale)
{
    double decay = o->weight_decay;
    bool apart = o->kind == OPTIM_ADAMW || o->kind == OPTIM_LAMB;

    return (struct update){
        .adam = o->kind != OPTIM_SGD,
        .lr = (float)rate,
        .scale = (float)scale,
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
    struct update all, bare, whole;
    struct backend *b = m->backend;
    size_t i;

    w->steps++;
    all = bare = update_of(o, w->steps, rate, clipped(o, m));
    bare.decay = bare.shrink = 0;
    whole = all;
    whole.trust = o->kind == OPTIM_LAMB;
    for (i = 0; i < m->dense.count; i++) {
        const struct parameter *p = &m->dense.parameter[i];

        b->ops->update(b, p->decay ? &whole : &bare, p->count, NULL, 1,
                       w->dense.value + p->offset, m->grad + p->offset,
                       w->dense.m + p->offset, w->dense.v + p->offset);
    }
    for (i = 0; i < m->table_count; i++) {
        const struct table *t = &m->table[i];

        b->ops->update(b, &all, t->touched.count, t->touched.row, t->dimension,
                       w->table[i].value, t->touched.grad, w->table[i].m,
                       w->table[i].v);
    }
}
