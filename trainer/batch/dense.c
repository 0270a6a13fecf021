/* See dense.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/batch/dense.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- the numbers as they are ------------------------------------------------- */

static float bent(float x)
{
    return copysignf(log1pf(fabsf(x)), x);
}

/* All dense columns; NaN where there is nothing. */
static void read_dense(const struct inputs *in, const struct row *row,
                       float *out)
{
    size_t all = inputs_dense(in), used = 0, there, i;

    for (i = 0; i < in->numbers; i++) {
        out[used++] = bent(row->number[i]);
        out[used++] = isnan(row->number[i]) ? 1.0F : 0.0F;
    }
    if (in->vector_size > 0)
        memcpy(out + used, row->vector, in->vector_size * sizeof *out);
    used += in->vector_size;
    if (used == all)
        return;
    there = positions_kept(&in->frames, row->frame_count) * in->frame_size;
    memcpy(out + used, row->frame, there * sizeof *out);
    for (i = used + there; i < all; i++)
        out[i] = NAN;
}

/* --- learning ---------------------------------------------------------------- */

int standard_init(struct standard *s, size_t count, struct error *err)
{
    size_t i;

    *s = (struct standard){ .count = count };
    s->mean = calloc(count + 1, sizeof *s->mean);
    s->scale = calloc(count + 1, sizeof *s->scale);
    if (!s->mean || !s->scale) {
        standard_clear(s);
        return error_memory(err);
    }
    for (i = 0; i < count; i++)
        s->scale[i] = 1;
    return 0;
}

void standard_clear(struct standard *s)
{
    free(s->mean);
    free(s->scale);
    *s = (struct standard){ 0 };
}

/* Running mean and squares of one column (Welford 1962). */
struct moments {
    double count, mean, squares;
};

static void note(struct moments *m, const float *value, size_t count)
{
    double x, before;
    size_t i;

    for (i = 0; i < count; i++, m++) {
        x = (double)value[i];
        if (isnan(x))
            continue;
        m->count++;
        before = x - m->mean;
        m->mean += before / m->count;
        m->squares += before * (x - m->mean);
    }
}

/* A column that never changes keeps its scale. */
static void finish(struct standard *s, const struct moments *m)
{
    double deviation;
    size_t i;

    for (i = 0; i < s->count; i++) {
        deviation = m[i].count > 1 ? sqrt(m[i].squares / m[i].count) : 0;
        s->mean[i] = (float)m[i].mean;
        s->scale[i] = deviation > 1e-12 ? (float)(1 / deviation) : 1;
    }
}

int standard_dense(struct standard *s, const struct inputs *in,
                   const struct dataset *data, const uint32_t *row,
                   size_t count, struct error *err)
{
    size_t columns = inputs_dense(in), i;
    struct moments *m = calloc(columns + 1, sizeof *m);
    float *value = calloc(columns + 1, sizeof *value);
    int rc = -1;
    struct row r;

    *s = (struct standard){ 0 };
    if (!m || !value)
        error_memory(err);
    else
        rc = standard_init(s, columns, err);
    for (i = 0; i < count && rc == 0 && columns > 0; i++) {
        dataset_row(data, row[i], &r);
        read_dense(in, &r, value);
        note(m, value, columns);
    }
    if (rc == 0)
        finish(s, m);
    free(m);
    free(value);
    return rc;
}

int standard_frames(struct standard *s, const struct inputs *in,
                    const struct dataset *data, const uint32_t *row,
                    size_t count, struct error *err)
{
    size_t size = inputs_has_frames(in) ? in->frame_size : 0, i, k;
    struct moments *m = calloc(size + 1, sizeof *m);
    struct row r;

    if (standard_init(s, size, err) < 0 || !m) {
        free(m);
        return error_memory(err);
    }
    for (i = 0; i < count && size > 0; i++) {
        dataset_row(data, row[i], &r);
        for (k = 0; k < positions_kept(&in->frames, r.frame_count); k++)
            note(m, r.frame + k * size, size);
    }
    finish(s, m);
    free(m);
    return 0;
}

/* --- filling ----------------------------------------------------------------- */

static void bring(const struct standard *s, size_t count, float *value)
{
    size_t i;

    for (i = 0; i < count; i++)
        value[i] = isnan(value[i]) ? 0 : (value[i] - s->mean[i]) * s->scale[i];
}

void dense_fill(const struct inputs *in, const struct standard *s,
                const struct row *row, float *out)
{
    read_dense(in, row, out);
    bring(s, inputs_dense(in), out);
}

void dense_frames(const struct inputs *in, const struct standard *s,
                  const struct row *row, size_t kept, float *out)
{
    size_t i;

    memcpy(out, row->frame, kept * in->frame_size * sizeof *out);
    for (i = 0; i < kept; i++)
        bring(s, in->frame_size, out + i * in->frame_size);
}
