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
    if (t->kind == INPUT_TEXT || t->kind == INPUT_WORDS)
        return (size_t)o->text_dimension;
    if (t->kind == INPUT_CHARACTERS)
        return (size_t)o->character_dimension;
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
        if (table_init(t, m->backend,
                       m->capacity * inputs_lines(in, &in->table[i]), err) < 0)
            return -1;
        if (in->table[i].kind == INPUT_WORDS) {
            m->words_table = i;
            continue;
        }
        t->column = m->features;
        m->features += t->dimension;
    }
    return 0;
}

static int make_tower(struct model *m, struct sequence_tower *t,
                      const char *name, const struct sequence_options *o,
                      size_t channels, struct error *err)
{
    if (sequence_init(t, m->backend, name, o, channels, m->capacity, &m->dense,
                      err) < 0)
        return -1;
    t->column = m->features;
    m->features += t->features;
    return 0;
}

/* The towers over words and frames, and the dense columns. */
static int make_rest(struct model *m, const struct inputs *in,
                     struct error *err)
{
    size_t i;

    for (i = 0; i < in->table_count; i++)
        if (in->table[i].kind == INPUT_WORDS &&
            make_tower(m, &m->words, "text", &in->words, m->table[i].dimension,
                       err) < 0)
            return -1;
    if (inputs_has_frames(in) &&
        make_tower(m, &m->frames, "sequence", &in->frames, in->frame_size,
                   err) < 0)
        return -1;
    m->dense_count = inputs_dense(in);
    m->dense_column = m->features;
    m->features += m->dense_count;
    return 0;
}

/* Room for lines of plain numbers on their way to the backend. */
static int make_lines(struct model *m, struct error *err)
{
    struct backend *b = m->backend;
    size_t dense = m->capacity * b->ops->stride(b, m->dense_count);
    size_t frames = 0, most;

    if (m->frames.on)
        frames = m->capacity * m->frames.s.most_positions *
                 b->ops->stride(b, m->frames.s.channels);
    most = dense > frames ? dense : frames;
    m->plain = calloc(most + 1, sizeof *m->plain);
    m->columns = b->ops->allocate(b, dense * sizeof(float));
    return m->plain && m->columns ? 0 : error_memory(err);
}

static int list_spans(struct model *m)
{
    size_t i;

    m->span = calloc(m->dense.count + 1, sizeof *m->span);
    for (i = 0; m->span && i < m->dense.count; i++) {
        const struct parameter *p = &m->dense.parameter[i];

        m->span[i] = (struct span){ p->offset, p->count, p->decay };
    }
    return m->span ? 0 : -1;
}

/* Room between the towers and the loss. */
static int make_room(struct model *m, struct error *err)
{
    struct backend *b = m->backend;
    struct shape last = { m->capacity, m->loss.outputs, 1, 1 };
    size_t bytes, grad = (m->dense.floats + RIDERS) * sizeof(float);

    m->stride = b->ops->stride(b, m->features);
    bytes = m->capacity * m->stride * sizeof(float);
    m->feature = b->ops->allocate(b, bytes);
    m->dfeature = b->ops->allocate(b, bytes);
    m->label = b->ops->allocate(b, m->capacity * sizeof(float));
    m->dlogit = b->ops->allocate(b, b->ops->floats(b, &last) * sizeof(float));
    m->answer =
        b->ops->allocate(b, m->capacity * m->loss.outputs * sizeof(float));
    m->grad = b->ops->allocate(b, grad);
    m->loss_sum = b->ops->allocate(b, sizeof *m->loss_sum);
    m->squares = b->ops->allocate(b, sizeof *m->squares);
    return m->feature && m->dfeature && m->label && m->dlogit && m->answer &&
                   m->grad && m->loss_sum && m->squares && list_spans(m) == 0
               ? make_lines(m, err)
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
        m->image_floats = m->dense.floats;
    }
    if (make_tables(m, o, in, err) < 0 || make_rest(m, in, err) < 0)
        return -1;
    if (fusion_init(&m->fusion, m->backend, &o->fusion, m->capacity,
                    m->features, m->loss.outputs, &m->dense, &m->running,
                    err) < 0)
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
    m->comm = m->device = c;
    m->capacity = capacity;
    m->initial = o->initial;
    m->loss = (struct loss){ .outputs = inputs_outputs(in),
                             .smoothing = o->loss.smoothing,
                             .focus = o->loss.focus };
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
    sequence_clear(&m->words, b);
    sequence_clear(&m->frames, b);
    fusion_clear(&m->fusion, b);
    free(m->plain);
    b->ops->release(b, m->columns);
    b->ops->release(b, m->answer);
    b->ops->release(b, m->feature);
    b->ops->release(b, m->dfeature);
    b->ops->release(b, m->label);
    b->ops->release(b, m->dlogit);
    b->ops->release(b, m->grad);
    b->ops->release(b, m->away);
    b->ops->release(b, m->loss_sum);
    b->ops->release(b, m->squares);
    free(m->span);
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

/* Plain numbers, 'lines' of 'columns', to the strides of the backend. */
static void upload_lines(struct model *m, size_t lines, size_t columns,
                         const float *from, float *to)
{
    struct backend *b = m->backend;
    size_t stride = b->ops->stride(b, columns), i;

    for (i = 0; i < lines; i++)
        memcpy(m->plain + i * stride, from + i * columns,
               columns * sizeof *from);
    for (i = 0; i < lines && stride > columns; i++)
        memset(m->plain + i * stride + columns, 0,
               (stride - columns) * sizeof *from);
    b->ops->upload(b, to, m->plain, lines * stride * sizeof *to);
}

static int embed(struct model *m, const struct weights *w,
                 const struct batch *batch, struct error *err)
{
    size_t i;

    for (i = 0; i < m->table_count; i++) {
        struct table *t = &m->table[i];
        struct sequences *words = &m->words.s;
        bool is_words = m->words.on && i == m->words_table;
        float *out = is_words ? words->x : m->feature + t->column;
        size_t stride =
            is_words ? m->backend->ops->stride(m->backend, words->channels)
                     : m->stride;

        if (table_forward(t, &m->pass, &batch->lookup[i], w->table[i].value,
                          out, stride, err) < 0)
            return -1;
    }
    return 0;
}

/* The towers over sequences, and the dense columns. */
static void read_rest(struct model *m, const struct batch *batch)
{
    const struct backend_ops *ops = m->backend->ops;
    size_t rows = batch->rows;

    if (m->words.on) {
        sequence_begin(&m->words, &m->pass, batch->words.count,
                       batch->words.length);
        sequence_forward(&m->words, &m->pass, m->feature, m->stride);
    }
    if (m->frames.on) {
        sequence_begin(&m->frames, &m->pass, batch->frames.count,
                       batch->frames.length);
        upload_lines(m, rows * batch->frames.count, m->frames.s.channels,
                     batch->frame, m->frames.s.x);
        sequence_forward(&m->frames, &m->pass, m->feature, m->stride);
    }
    if (m->dense_count > 0) {
        upload_lines(m, rows, m->dense_count, batch->dense, m->columns);
        ops->copy(m->backend, rows, m->dense_count, m->columns,
                  ops->stride(m->backend, m->dense_count),
                  m->feature + m->dense_column, m->stride);
    }
}

int model_forward(struct model *m, const struct weights *w,
                  const struct batch *batch, const struct step *step,
                  struct error *err)
{
    assert(batch->rows <= m->capacity);
    m->pass = (struct pass){ .backend = m->backend,
                             .comm = m->device,
                             .host = m->comm,
                             .dense = w->dense.value,
                             .running = w->running,
                             .grad = m->grad,
                             .buckets = &m->buckets,
                             .training = step->training,
                             .rows = batch->rows,
                             .all_rows = step->all_rows,
                             .first_row = step->first_row,
                             .key = step->key };
    if (m->has_image)
        image_forward(&m->image, &m->pass, batch->pixels, m->feature,
                      m->stride);
    if (embed(m, w, batch, err) < 0)
        return -1;
    read_rest(m, batch);
    fusion_forward(&m->fusion, &m->pass, m->feature);
    return backend_check(m->backend, err);
}

/* From the features' gradient to that of the tables. */
static int leave_tables(struct model *m, const struct batch *batch,
                        struct error *err)
{
    size_t i;

    for (i = 0; i < m->table_count; i++) {
        struct table *t = &m->table[i];
        struct sequences *words = &m->words.s;
        bool is_words = m->words.on && i == m->words_table;
        const float *dout = is_words ? words->dx : m->dfeature + t->column;
        size_t stride =
            is_words ? m->backend->ops->stride(m->backend, words->channels)
                     : m->stride;

        if (table_backward(t, &m->pass, &batch->lookup[i], dout, stride, err) <
                0 ||
            (!m->late && table_start_exchange(t, &m->pass, err) < 0))
            return -1;
    }
    return 0;
}

int model_backward(struct model *m, const struct batch *batch,
                   const struct step *step, struct error *err)
{
    struct backend *b = m->backend;
    float scale = 1 / (float)m->pass.all_rows;

    m->loss.weight = step->class_weight;
    buckets_open(&m->buckets, m->device, m->grad, m->dense.floats + RIDERS,
                 m->late ? SIZE_MAX : BUCKET_FLOATS);
    b->ops->upload(b, m->label, batch->label,
                   batch->rows * sizeof *batch->label);
    b->ops->loss(b, &m->loss, batch->rows, m->fusion.logit, m->label, scale,
                 m->dlogit, m->loss_sum);
    fusion_backward(&m->fusion, &m->pass, m->feature, m->dlogit, m->dfeature);
    if (m->words.on)
        sequence_backward(&m->words, &m->pass, m->dfeature, m->stride);
    if (m->frames.on)
        sequence_backward(&m->frames, &m->pass, m->dfeature, m->stride);
    if (leave_tables(m, batch, err) < 0)
        return -1;
    buckets_ready(&m->buckets, m->image_floats);
    if (m->has_image)
        image_backward(&m->image, &m->pass, m->dfeature, m->stride);
    return backend_check(b, err);
}

void model_count_loss(struct model *m, double sum)
{
    m->backend->ops->upload(m->backend, m->loss_sum, &sum, sizeof sum);
}

double model_loss(const struct model *m)
{
    double sum = 0;

    m->backend->ops->download(m->backend, &sum, m->loss_sum, sizeof sum);
    return sum;
}

void model_logits(const struct model *m, float *out)
{
    struct backend *b = m->backend;
    size_t rows = m->pass.rows, outputs = m->loss.outputs;

    b->ops->copy(b, rows, outputs, m->fusion.logit, b->ops->stride(b, outputs),
                 m->answer, outputs);
    b->ops->download(b, out, m->answer, rows * outputs * sizeof *out);
}
