/* See lstm.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/model/lstm.h"

#include <stdio.h>

#include "trainer/model/linear.h"

enum { GATES = 4 };

/* Sigmoids and hyperbolic tangents pass about a half of what ReLU needs. */
static const double gain = 0.70710678118654752;

static int add_parameters(struct lstm *l, const char *name,
                          struct layout *dense, struct error *err)
{
    struct parameter bias = { .rank = 1, .shape = { GATES * l->units } };
    char whole[96];

    snprintf(whole, sizeof whole, "%s.in.weight", name);
    if (linear_add(dense, whole, GATES * l->units, l->in, gain, &l->weight_in,
                   err) < 0)
        return -1;
    snprintf(whole, sizeof whole, "%s.state.weight", name);
    if (linear_add(dense, whole, GATES * l->units, l->units, gain,
                   &l->weight_state, err) < 0)
        return -1;
    snprintf(bias.name, sizeof bias.name, "%s.bias", name);
    return layout_add(dense, &bias, &l->bias, err);
}

int lstm_init(struct lstm *l, struct backend *b, const char *name,
              const struct sequences *s, size_t rows, size_t units,
              bool backwards, struct layout *dense, struct error *err)
{
    size_t lines = rows * s->most_positions;
    size_t state = b->ops->stride(b, units) * sizeof(float);
    size_t gates = b->ops->stride(b, GATES * units) * sizeof(float);

    *l = (struct lstm){ .in = s->channels,
                        .units = units,
                        .backwards = backwards };
    if (add_parameters(l, name, dense, err) < 0)
        return -1;
    l->gates = b->ops->allocate(b, lines * gates);
    l->h = b->ops->allocate(b, lines * state);
    l->c = b->ops->allocate(b, lines * state);
    l->dh = b->ops->allocate(b, rows * state);
    l->dc = b->ops->allocate(b, rows * state);
    return l->gates && l->h && l->c && l->dh && l->dc ? 0 : error_memory(err);
}

void lstm_clear(struct lstm *l, struct backend *b)
{
    b->ops->release(b, l->gates);
    b->ops->release(b, l->h);
    b->ops->release(b, l->c);
    b->ops->release(b, l->dh);
    b->ops->release(b, l->dc);
    *l = (struct lstm){ 0 };
}

/* Where things of one position are, in floats from the first row's first line,
 * and from one row to the next. */
struct place {
    size_t gates, before, after;
    size_t gates_step, state_step;
};

static struct place place_of(const struct lstm *l, const struct pass *p,
                             const struct sequences *s, size_t position)
{
    const struct backend_ops *ops = p->backend->ops;
    size_t wide = ops->stride(p->backend, GATES * l->units);
    size_t narrow = ops->stride(p->backend, l->units);
    size_t next = position + 1 < s->positions ? position + 1 : position;

    return (struct place){
        .gates = position * wide,
        .before = (l->backwards ? next : position) * narrow,
        .after = (l->backwards ? position : next) * narrow,
        .gates_step = s->positions * wide,
        .state_step = s->positions * narrow,
    };
}

/* The state at the last line has nothing behind it to read. */
static void read_position(struct lstm *l, const struct pass *p,
                          const struct sequences *s, size_t position)
{
    struct place at = place_of(l, p, s, position);
    const float *w = p->dense + l->weight_state;

    p->backend->ops->gemm(p->backend, false, true, p->rows, GATES * l->units,
                          l->units, l->h + at.before, at.state_step, w,
                          l->units, 1, l->gates + at.gates, at.gates_step);
    p->backend->ops->lstm_forward(
        p->backend, p->rows, l->units, position, s->length, l->gates + at.gates,
        at.gates_step, l->c + at.before, l->h + at.before, l->c + at.after,
        l->h + at.after, at.state_step);
}

/* The line of the last state. */
static size_t last_line(const struct lstm *l, const struct sequences *s)
{
    return l->backwards ? 0 : s->positions - 1;
}

void lstm_forward(struct lstm *l, const struct pass *p,
                  const struct sequences *s, float *out, size_t step)
{
    const struct backend_ops *ops = p->backend->ops;
    size_t lines = p->rows * s->positions, last = s->positions - 1, i;
    size_t narrow = ops->stride(p->backend, l->units);

    backend_dense_forward(p->backend, lines, l->in, GATES * l->units, s->x,
                          p->dense + l->weight_in, p->dense + l->bias, false,
                          l->gates);
    ops->zero(p->backend, l->h, lines * narrow * sizeof *l->h);
    ops->zero(p->backend, l->c, lines * narrow * sizeof *l->c);
    for (i = 0; i < last; i++)
        read_position(l, p, s, l->backwards ? last - 1 - i : i);
    ops->copy(p->backend, p->rows, l->units, l->h + last_line(l, s) * narrow,
              s->positions * narrow, out, step);
}

/* The gradient through one position; nothing was read at the last line. */
static void leave_position(struct lstm *l, const struct pass *p,
                           const struct sequences *s, size_t position)
{
    const struct backend_ops *ops = p->backend->ops;
    struct place at = place_of(l, p, s, position);

    ops->lstm_backward(p->backend, p->rows, l->units, position, s->length,
                       l->gates + at.gates, at.gates_step, l->c + at.before,
                       l->c + at.after, at.state_step, l->dh, l->dc);
    ops->gemm(p->backend, false, false, p->rows, l->units, GATES * l->units,
              l->gates + at.gates, at.gates_step, p->dense + l->weight_state,
              l->units, 1, l->dh, ops->stride(p->backend, l->units));
}

void lstm_backward(struct lstm *l, const struct pass *p,
                   const struct sequences *s, const float *dout, size_t step,
                   float beta)
{
    const struct backend_ops *ops = p->backend->ops;
    size_t lines = p->rows * s->positions, last = s->positions - 1, i;
    size_t narrow = ops->stride(p->backend, l->units), wide = GATES * l->units;

    ops->copy(p->backend, p->rows, l->units, dout, step, l->dh, narrow);
    ops->zero(p->backend, l->dc, p->rows * narrow * sizeof *l->dc);
    leave_position(l, p, s, last);
    for (i = 0; i < last; i++)
        leave_position(l, p, s, l->backwards ? i : last - 1 - i);
    backend_dense_backward(p->backend, lines, l->in, wide, s->x, l->gates,
                           p->grad + l->weight_in, p->grad + l->bias);
    if (lines > 0) /* each line's gates and the state before them */
        linear_backward_weights(p, lines - 1, l->units, wide,
                                l->h + (l->backwards ? narrow : 0), l->gates, 0,
                                p->grad + l->weight_state);
    linear_backward_data(p, lines, l->in, wide, l->gates,
                         p->dense + l->weight_in, beta, s->dx);
}
