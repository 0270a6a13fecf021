/* See sequence.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/model/sequence.h"

#include <assert.h>
#include <stdio.h>

static int make_lstm(struct sequence_tower *t, struct backend *b,
                     const char *name, const struct sequence_options *o,
                     size_t rows, struct layout *dense, struct error *err)
{
    size_t i;
    char whole[64];

    t->features = (size_t)o->width * (o->bidirectional ? 2 : 1);
    for (i = 0; i < (o->bidirectional ? 2 : 1); i++) {
        t->directions++;
        snprintf(whole, sizeof whole, "%s.lstm.%zu", name, i);
        if (lstm_init(&t->lstm[i], b, whole, &t->s, rows, (size_t)o->width,
                      i == 1, dense, err) < 0)
            return -1;
    }
    return 0;
}

static int make_windows(struct sequence_tower *t, struct backend *b,
                        const char *name, const struct sequence_options *o,
                        size_t rows, struct layout *dense, struct error *err)
{
    char whole[64];

    snprintf(whole, sizeof whole, "%s.cnn", name);
    t->features = (size_t)(o->width * (o->longest - o->shortest + 1));
    return windows_init(&t->windows, b, whole, &t->s, rows, (size_t)o->width,
                        (size_t)o->shortest, (size_t)o->longest, dense, err);
}

int sequence_init(struct sequence_tower *t, struct backend *b, const char *name,
                  const struct sequence_options *o, size_t channels,
                  size_t rows, struct layout *dense, struct error *err)
{
    size_t bytes;

    *t = (struct sequence_tower){ .on = true };
    t->s.channels = channels;
    t->s.most_positions = positions_needed(o, (size_t)o->length);
    bytes = rows * t->s.most_positions * b->ops->stride(b, channels) *
            sizeof(float);
    t->s.length = b->ops->allocate(b, rows * sizeof *t->s.length);
    t->s.x = b->ops->allocate(b, bytes);
    t->s.dx = b->ops->allocate(b, bytes);
    if (!t->s.length || !t->s.x || !t->s.dx)
        return error_memory(err);
    return o->kind == SEQUENCE_LSTM
               ? make_lstm(t, b, name, o, rows, dense, err)
               : make_windows(t, b, name, o, rows, dense, err);
}

void sequence_clear(struct sequence_tower *t, struct backend *b)
{
    size_t i;

    if (!t->on)
        return;
    b->ops->release(b, t->s.length);
    b->ops->release(b, t->s.x);
    b->ops->release(b, t->s.dx);
    windows_clear(&t->windows, b);
    for (i = 0; i < t->directions; i++)
        lstm_clear(&t->lstm[i], b);
    *t = (struct sequence_tower){ 0 };
}

void sequence_begin(struct sequence_tower *t, const struct pass *p,
                    size_t positions, const uint32_t *length)
{
    assert(positions <= t->s.most_positions);
    t->s.positions = positions;
    p->backend->ops->upload(p->backend, t->s.length, length,
                            p->rows * sizeof *length);
}

void sequence_forward(struct sequence_tower *t, const struct pass *p,
                      float *features, size_t stride)
{
    float *out = features + t->column;
    size_t i;

    if (t->directions == 0)
        windows_forward(&t->windows, p, &t->s, out, stride);
    for (i = 0; i < t->directions; i++)
        lstm_forward(&t->lstm[i], p, &t->s, out + i * t->lstm[i].units, stride);
}

void sequence_backward(struct sequence_tower *t, const struct pass *p,
                       const float *dfeatures, size_t stride)
{
    const float *dout = dfeatures + t->column;
    size_t i;

    if (t->directions == 0)
        windows_backward(&t->windows, p, &t->s, dout, stride);
    for (i = 0; i < t->directions; i++)
        lstm_backward(&t->lstm[i], p, &t->s, dout + i * t->lstm[i].units,
                      stride, i > 0);
}
