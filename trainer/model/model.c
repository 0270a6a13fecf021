/* See model.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/model/model.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

size_t model_category_dimension(size_t values)
{
    double rule = ceil(1.6 * pow((double)values, 0.56));

    return rule < 50 ? (size_t)rule : 50;
}

static size_t dimension_of(const struct model_options *o,
                           const struct input_table *t)
{
    if (t->kind == INPUT_TEXT)
        return (size_t)o->text.dimension;
    if (t->kind == INPUT_NUMBER)
        return (size_t)o->number_dimension;
    return o->category_dimension > 0 ? (size_t)o->category_dimension
                                     : model_category_dimension(t->rows);
}

static int make_tables(struct model *m, const struct model_options *o,
                       const struct inputs *in, struct error *err)
{
    size_t i;

    m->table = calloc(in->table_count + 1, sizeof *m->table);
    if (!m->table)
        return error_memory(err);
    for (i = 0; i < in->table_count; i++) {
        struct table *t = &m->table[m->table_count++];

        memcpy(t->name, in->table[i].name, sizeof t->name);
        t->rows = in->table[i].rows;
        t->dimension = dimension_of(o, &in->table[i]);
        t->column = m->features;
        m->features += t->dimension;
        if (table_init(t, m->backend, m->capacity, err) < 0)
            return -1;
    }
    return 0;
}

/* Room between the towers and the loss. */
static int make_room(struct model *m, struct error *err)
{
    struct backend *b = m->backend;
    struct shape one = { m->capacity, 1, 1, 1 };
    size_t bytes, grad = (m->dense.floats + RIDER_COUNT) * sizeof(float);

    m->stride = b->ops->stride(b, m->features);
    bytes = m->capacity * m->stride * sizeof(float);
    m->feature = b->ops->allocate(b, bytes);
    m->dfeature = b->ops->allocate(b, bytes);
    m->label = b->ops->allocate(b, m->capacity * sizeof(float));
    m->dlogit = b->ops->allocate(b, b->ops->floats(b, &one) * sizeof(float));
    m->grad = b->ops->allocate(b, grad);
    return m->feature && m->dfeature && m->label && m->dlogit && m->grad
               ? 0
               : error_memory(err);
}

/* The image's features stand first, so that they are aligned. */
static int make_parts(struct model *m, const struct model_options *o,
                      const struct inputs *in, struct error *err)
{
    m->has_image = in->image_height > 0;
    if (m->has_image) {
        if (image_init(&m->image, m->backend, &o->image, m->capacity,
                       in->image_height, in->image_width, &m->dense,
                       &m->running, err) < 0)
            return -1;
        m->features = m->image.features;
    }
    if (make_tables(m, o, in, err) < 0)
        return -1;
    if (fusion_init(&m->fusion, m->backend, &o->fusion, m->capacity,
                    m->features, &m->dense, &m->running, err) < 0)
        return -1;
    return make_room(m, err);
}

struct model *model_create(const struct model_options *o,
                           const struct inputs *in, size_t capacity,
                           struct backend *b, struct comm *c, struct error *err)
{
    struct model *m = calloc(1, sizeof *m);

    if (!m) {
        error_memory(err);
        return NULL;
    }
    m->backend = b;
    m->comm = c;
    m->capacity = capacity;
    if (make_parts(m, o, in, err) == 0)
        return m;
    model_destroy(m);
    return NULL;
}

void model_destroy(struct model *m)
{
    struct backend *b;
    size_t i;

    if (!m)
        return;
    b = m->backend;
    image_clear(&m->image, b);
    for (i = 0; i < m->table_count; i++)
        table_clear(&m->table[i], b);
    free(m->table);
    fusion_clear(&m->fusion, b);
    b->ops->release(b, m->feature);
    b->ops->release(b, m->dfeature);
    b->ops->release(b, m->label);
    b->ops->release(b, m->dlogit);
    b->ops->release(b, m->grad);
    layout_clear(&m->dense);
    layout_clear(&m->running);
    free(m);
}

size_t model_parameters(const struct model *m)
{
    size_t count = m->dense.floats, i;

    for (i = 0; i < m->table_count; i++)
        count += m->table[i].rows * m->table[i].dimension;
    return count;
}

int model_forward(struct model *m, const struct weights *w,
                  const struct batch *batch, const struct step *step,
                  struct error *err)
{
    size_t i;

    assert(batch->rows <= m->capacity);
    m->pass = (struct pass){ .backend = m->backend,
                             .comm = m->comm,
                             .dense = w->dense.value,
                             .running = w->running,
                             .grad = m->grad,
                             .training = step->training,
                             .rows = batch->rows,
                             .all_rows = step->all_rows,
                             .first_row = step->first_row,
                             .key = step->key };
    if (m->has_image)
        image_forward(&m->image, &m->pass, batch->pixels, m->feature,
                      m->stride);
    for (i = 0; i < m->table_count; i++)
        if (table_forward(&m->table[i], &m->pass, &batch->lookup[i],
                          w->table[i].value, m->feature, m->stride, err) < 0)
            return -1;
    fusion_forward(&m->fusion, &m->pass, m->feature);
    return backend_check(m->backend, err);
}

int model_backward(struct model *m, const struct batch *batch, double *loss,
                   struct error *err)
{
    struct backend *b = m->backend;
    float scale = 1 / (float)m->pass.all_rows;
    size_t i;

    b->ops->upload(b, m->label, batch->label,
                   batch->rows * sizeof *batch->label);
    b->ops->loss(b, batch->rows, m->fusion.logit, m->label, scale, m->dlogit,
                 loss);
    fusion_backward(&m->fusion, &m->pass, m->feature, m->dlogit, m->dfeature);
    for (i = 0; i < m->table_count; i++)
        if (table_backward(&m->table[i], &m->pass, &batch->lookup[i],
                           m->dfeature, m->stride, err) < 0)
            return -1;
    if (m->has_image)
        image_backward(&m->image, &m->pass, m->dfeature, m->stride);
    return backend_check(b, err);
}

int model_exchange(struct model *m, struct error *err)
{
    size_t i;

    comm_sum_floats(m->comm, m->grad, m->dense.floats + RIDER_COUNT);
    for (i = 0; i < m->table_count; i++)
        if (table_exchange(&m->table[i], &m->pass, err) < 0)
            return -1;
    return 0;
}

void model_logits(const struct model *m, float *out)
{
    struct backend *b = m->backend;
    size_t stride = b->ops->stride(b, 1), row;

    for (row = 0; row < m->pass.rows; row++)
        b->ops->download(b, out + row, m->fusion.logit + row * stride,
                         sizeof *out);
}
