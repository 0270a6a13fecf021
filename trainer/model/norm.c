/* See norm.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/model/norm.h"

#include <stdio.h>

static int add(struct layout *l, const char *name, const char *what,
               const struct parameter *like, size_t *offset, struct error *err)
{
    struct parameter p = *like;

    snprintf(p.name, sizeof p.name, "%s.%s", name, what);
    return layout_add(l, &p, offset, err);
}

int norm_init(struct norm *n, struct backend *b, const char *name,
              const struct shape *shape, bool on, bool relu,
              struct layout *dense, struct layout *running, struct error *err)
{
    size_t channels = shape->channels;
    struct parameter ones = { .rank = 1, .shape = { channels }, .start = 1 };
    struct parameter zeros = { .rank = 1, .shape = { channels } };
    struct parameter pair = { .rank = 2, .shape = { 2, channels } };

    *n = (struct norm){ .shape = *shape, .on = on, .relu = relu };
    if (add(dense, name, "bias", &zeros, &n->beta, err) < 0)
        return -1;
    if (!on)
        return 0;
    if (add(dense, name, "weight", &ones, &n->gamma, err) < 0 ||
        add(running, name, "running", &pair, &n->running, err) < 0)
        return -1;
    n->saved = b->ops->allocate(b, 2 * channels * sizeof *n->saved);
    n->sums = b->ops->allocate(b, 2 * channels * sizeof *n->sums);
    return n->saved && n->sums ? 0 : error_memory(err);
}

void norm_clear(struct norm *n, struct backend *b)
{
    b->ops->release(b, n->saved);
    b->ops->release(b, n->sums);
    *n = (struct norm){ 0 };
}

static struct shape present(const struct norm *n, const struct pass *p)
{
    struct shape s = n->shape;

    s.rows = p->rows;
    return s;
}

/* Values of a channel over all ranks. */
static double values(const struct norm *n, const struct pass *p)
{
    return (double)(p->all_rows * n->shape.height * n->shape.width);
}

void norm_forward(struct norm *n, const struct pass *p, const float *x,
                  float *y)
{
    const struct backend_ops *ops = p->backend->ops;
    const float *beta = p->dense + n->beta;
    struct shape s = present(n, p);

    if (!n->on) {
        ops->bias_forward(p->backend, &s, x, beta, n->relu, y);
        return;
    }
    if (!p->training) {
        ops->norm_inference(p->backend, &s, x, p->dense + n->gamma, beta,
                            p->running + n->running, n->relu, y);
        return;
    }
    ops->norm_moments(p->backend, &s, x, n->sums);
    comm_sum_doubles(p->comm, n->sums, 2 * s.channels);
    ops->norm_forward(p->backend, &s, x, n->sums, values(n, p),
                      p->dense + n->gamma, beta, n->relu,
                      p->running + n->running, n->saved, y);
}

void norm_backward(struct norm *n, const struct pass *p, const float *x,
                   const float *y, const float *dy, float *dx)
{
    const struct backend_ops *ops = p->backend->ops;
    const float *gamma = p->dense + n->gamma, *beta = p->dense + n->beta;
    struct shape s = present(n, p);

    if (!n->on) {
        ops->bias_backward(p->backend, &s, y, dy, n->relu, p->grad + n->beta,
                           dx);
        return;
    }
    ops->norm_gradient_sums(p->backend, &s, x, dy, gamma, beta, n->saved,
                            n->relu, p->grad + n->gamma, p->grad + n->beta,
                            n->sums);
    comm_sum_doubles(p->comm, n->sums, 2 * s.channels);
    ops->norm_backward(p->backend, &s, x, dy, gamma, beta, n->saved, n->relu,
                       n->sums, values(n, p), dx);
}
