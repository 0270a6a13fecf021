/* reference: the models whose speed is measured, on random examples.
 *
 * reference: 32x32 images, three stages of two convolutions of 32, 64 and 128
 * channels, 40 words of a table of 2^16 x 64, six categories of 30 to 33,000
 * values, four numbers, a fusion of 512 and 512 units. resnet: 64x64 images, a
 * convolution and four stages of two residual blocks of 64 to 512 channels
 * (ResNet-18's), one layer behind them. Adam. tests/bench/pytorch_twin.py is
 * the same in PyTorch.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_REFERENCE_H
#define TESTS_BENCH_REFERENCE_H

#include <string.h>

#include "base/random.h"
#include "trainer/model/model.h"
#include "trainer/optim/optim.h"

enum { REFERENCE_WORDS = 40, REFERENCE_TABLES = 11 };

struct reference {
    struct inputs in;
    size_t batch_size; /* of a rank */
    struct batch batch;
    struct model *model;
    struct weights weights;
};

static struct input_table reference_tables[REFERENCE_TABLES] = {
    { "text", INPUT_TEXT, 0, 1 << 16 },
    { "category.a", INPUT_CATEGORY, 0, 30 },
    { "category.b", INPUT_CATEGORY, 1, 120 },
    { "category.c", INPUT_CATEGORY, 2, 500 },
    { "category.d", INPUT_CATEGORY, 3, 2000 },
    { "category.e", INPUT_CATEGORY, 4, 8000 },
    { "category.f", INPUT_CATEGORY, 5, 33000 },
    { "number.a", INPUT_NUMBER, 0, 16 },
    { "number.b", INPUT_NUMBER, 1, 16 },
    { "number.c", INPUT_NUMBER, 2, 16 },
    { "number.d", INPUT_NUMBER, 3, 16 },
};

static const struct reference_kind {
    const char *name;
    size_t side, tables;
    struct model_options options;
} reference_kinds[] = {
    { "reference",
      32,
      REFERENCE_TABLES,
      { .image = { .width = 32, .stages = 3, .blocks = 2, .batch_norm = true },
        .text_dimension = 64,
        .category_dimension = 16,
        .number_dimension = 8,
        .fusion = { 2, 512, 0.2, true },
        .initial = { INITIAL_HE, 1 } } },
    { "resnet",
      64,
      0,
      { .image = { .residual = true,
                   .width = 64,
                   .stages = 4,
                   .blocks = 2,
                   .batch_norm = true },
        .initial = { INITIAL_HE, 1 } } },
};

static const struct optim_options reference_adam = { .kind = OPTIM_ADAM,
                                                     .lr = 1e-3,
                                                     .beta1 = 0.9,
                                                     .beta2 = 0.999,
                                                     .epsilon = 1e-8 };

static int reference_lookups(struct lookup *l, size_t rows, size_t words,
                             struct random *r, struct error *err)
{
    size_t row, k;

    for (row = 0; row < rows; row++) {
        if (lookup_reserve(l, words, err) < 0)
            return -1;
        for (k = 0; k < words; k++) {
            l->id[l->count + k] = (uint32_t)random_below(r, l->table_rows);
            l->weight[l->count + k] = 1 / (float)words;
        }
        lookup_end_row(l, words);
    }
    lookup_index(l);
    return 0;
}

static int reference_batch(struct reference *f, struct error *err)
{
    struct batch *b = &f->batch;
    struct random r;
    size_t i;

    if (batch_init(b, &f->in, f->batch_size, err) < 0)
        return -1;
    random_seed(&r, 1, 0);
    b->rows = f->batch_size;
    for (i = 0; i < b->rows; i++)
        b->label[i] = random_below(&r, 10) == 0;
    for (i = 0; i < b->rows * inputs_pixels(&f->in); i++)
        b->pixels[i] = (uint8_t)random_below(&r, 256);
    for (i = 0; i < f->in.table_count; i++)
        if (reference_lookups(&b->lookup[i], b->rows,
                              i == 0 ? REFERENCE_WORDS : 1, &r, err) < 0)
            return -1;
    return 0;
}

static void reference_close(struct reference *f)
{
    batch_clear(&f->batch);
    if (f->model)
        weights_clear(&f->weights, f->model);
    model_destroy(f->model);
    memset(f, 0, sizeof *f);
}

/* Make the model of this name and a batch of 'rows' examples. Returns 0, or -1
 * with 'err'; reference_close() in any case. */
static int reference_open(struct reference *f, const char *name, size_t rows,
                          struct backend *b, struct comm *c, struct error *err)
{
    const struct reference_kind *k = reference_kinds;
    const float prior = -2;

    memset(f, 0, sizeof *f);
    if (strcmp(name, reference_kinds[1].name) == 0)
        k++;
    else if (strcmp(name, k->name) != 0)
        return error_usage(err, "there is no model '%s'", name);
    f->batch_size = rows;
    f->in = (struct inputs){ .image_height = k->side,
                             .image_width = k->side,
                             .classes = 2,
                             .table_count = k->tables,
                             .table = reference_tables };
    f->model = model_create(&k->options, &f->in, rows, b, c, err);
    if (!f->model || weights_init(&f->weights, f->model, 1, 0, &prior, err) < 0)
        return -1;
    return reference_batch(f, err);
}

/* One step of training; 'key' names its random numbers. */
static int reference_step(struct reference *f, uint64_t key, struct error *err)
{
    const struct comm *c = f->model->comm;
    struct step step = { true, f->batch_size * (size_t)c->size,
                         f->batch_size * (size_t)c->rank, key, NULL };

    backend_begin_step(f->model->backend);
    if (model_forward(f->model, &f->weights, &f->batch, &step, err) < 0 ||
        model_backward(f->model, &f->batch, &step, err) < 0 ||
        model_exchange(f->model, err) < 0)
        return -1;
    optim_step(&reference_adam, f->model, &f->weights, reference_adam.lr);
    backend_end_step(f->model->backend);
    return backend_check(f->model->backend, err);
}

#endif
