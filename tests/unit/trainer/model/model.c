/* The model: its gradient is the slope of its loss, parts of a batch on many
 * ranks make the step of the whole batch, and equal seeds make equal bits.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "trainer/model/model.h"
#include "trainer/optim/optim.h"

enum { ROWS = 12, SIZE = 8, TABLES = 4, WORDS = 4 };

/* A model and what it looks at. */
struct kind {
    struct model_options options;
    struct inputs in;
};

static struct input_table tables[TABLES] = {
    { "text", INPUT_TEXT, 0, 40 },
    { "characters", INPUT_CHARACTERS, 0, 20 },
    { "category.brand", INPUT_CATEGORY, 0, 5 },
    { "number.price", INPUT_NUMBER, 0, 4 },
};
static struct input_table words[1] = { { "text", INPUT_WORDS, 0, 40 } };

/* 'count' things asked for on one line. */
static void draw_line(struct lookup *l, size_t count, struct random *r)
{
    struct error err = ERROR_INIT;
    size_t k;

    assert_int_equal(lookup_reserve(l, count + 1, &err), 0);
    for (k = 0; k < count; k++) {
        l->id[l->count + k] = (uint32_t)random_below(r, l->table_rows);
        l->weight[l->count + k] = 1 / (float)count;
    }
    lookup_end_row(l, count);
}

/* Rows of one to 'length' positions; the first is as long as may be. */
static void draw_lengths(struct positions *p, const struct sequence_options *o,
                         size_t rows, struct random *r)
{
    size_t i;

    for (i = 0; i < rows; i++)
        p->length[i] = i == 0
                           ? (uint32_t)o->length
                           : (uint32_t)random_below(r, (uint64_t)o->length + 1);
    p->count = positions_needed(o, (size_t)o->length);
}

static void draw_lookups(struct batch *b, const struct inputs *in,
                         struct random *r)
{
    size_t i, t, k;

    for (t = 0; t < in->table_count; t++) {
        struct lookup *l = &b->lookup[t];
        enum input_kind kind = in->table[t].kind;

        for (i = 0; i < b->rows && kind != INPUT_WORDS; i++)
            draw_line(l, kind <= INPUT_CHARACTERS ? 1 + random_below(r, 4) : 1,
                      r);
        for (i = 0; i < b->rows && kind == INPUT_WORDS; i++)
            for (k = 0; k < b->words.count; k++)
                draw_line(l, k < b->words.length[i], r);
        lookup_index(l);
    }
}

/* Some listings, drawn by 'seed'; every example has one to four words. */
static void draw_batch(struct batch *b, const struct inputs *in, size_t rows,
                       uint64_t seed)
{
    struct error err = ERROR_INIT;
    struct random r;
    size_t i, k;

    assert_int_equal(batch_init(b, in, rows, &err), 0);
    random_seed(&r, seed, 0);
    b->rows = rows;
    for (i = 0; i < rows; i++)
        b->label[i] = in->classes > 2 ? (float)random_below(&r, in->classes)
                                      : random_below(&r, 3) == 0;
    for (i = 0; i < rows * inputs_pixels(in); i++)
        b->pixels[i] = (uint8_t)random_below(&r, 256);
    for (i = 0; i < rows * inputs_dense(in); i++)
        b->dense[i] = (float)random_normal(&r);
    draw_lengths(&b->words, &in->words, rows, &r);
    draw_lookups(b, in, &r);
    if (!inputs_has_frames(in))
        return;
    draw_lengths(&b->frames, &in->frames, rows, &r);
    for (i = 0; i < rows; i++)
        for (k = 0; k < b->frames.length[i] * in->frame_size; k++)
            b->frame[i * b->frames.count * in->frame_size + k] =
                (float)random_normal(&r);
}

struct fixture {
    struct comm comm;
    struct backend *backend;
    struct inputs in;
    struct model *model;
    struct weights w;
    struct batch batch;
};

/* A bias of zero sits on the kink of a ReLU that sees nothing: move it. */
static void move_away(struct fixture *f)
{
    struct random r;
    size_t i;

    random_seed(&r, 8, 0);
    for (i = 0; i < f->w.dense.count; i++)
        f->w.dense.value[i] += 0.02F * (float)random_normal(&r);
}

static void fixture_start(struct fixture *f, const struct kind *k)
{
    const float prior[] = { -1, 0, 0.5F };
    struct error err = ERROR_INIT;

    comm_self(&f->comm);
    f->backend = backend_cpu(&(struct backend_options){ .threads = 1 }, &err);
    assert_non_null(f->backend);
    f->in = k->in;
    f->model =
        model_create(&k->options, &f->in, ROWS, f->backend, &f->comm, &err);
    if (!f->model)
        fail_msg("%s", err.what);
    assert_int_equal(weights_init(&f->w, f->model, 3, 0, prior, &err), 0);
    move_away(f);
    draw_batch(&f->batch, &f->in, ROWS, 5);
}

static void fixture_end(struct fixture *f)
{
    batch_clear(&f->batch);
    weights_clear(&f->w, f->model);
    model_destroy(f->model);
    backend_destroy(f->backend);
}

static double mean_loss(struct fixture *f)
{
    static const float weight[] = { 0.5F, 2, 1 };
    struct step step = {
        .training = true, .all_rows = ROWS, .key = 77, .class_weight = weight
    };
    struct error err = ERROR_INIT;

    model_count_loss(f->model, 0);
    if (model_forward(f->model, &f->w, &f->batch, &step, &err) < 0 ||
        model_backward(f->model, &f->batch, &step, &err) < 0)
        fail_msg("%s", err.what);
    return model_loss(f->model) / ROWS;
}

/* Compare the slope of the loss along a random direction of 'count' values
 * with the gradient's: central differences, in single precision, over the
 * kinks of ReLU and maximum, good to three in a hundred; the operations are
 * compared with double precision one by one in backend/cpu. */
static void check_slope(struct fixture *f, const char *name, float *value,
                        const float *gradient, size_t count, uint64_t seed)
{
    float *direction = malloc(count * sizeof *direction);
    float *kept = malloc(count * sizeof *kept);
    double slope = 0, up, down, h = 5e-4, measured, size = 0;
    struct random r;
    size_t i;

    assert_true(direction && kept);
    random_seed(&r, seed, 1);
    memcpy(kept, value, count * sizeof *kept);
    /* Along the gradient itself, with a little noise: a slope that is far
     * from zero. */
    for (i = 0; i < count; i++)
        size += (double)gradient[i] * (double)gradient[i];
    size = sqrt(size);
    if (size < 1e-6) { /* a bias before a batch norm has none */
        free(direction);
        free(kept);
        return;
    }
    for (i = 0; i < count; i++) {
        direction[i] = (float)((double)gradient[i] / size +
                               0.3 * random_normal(&r) / sqrt((double)count));
        slope += (double)direction[i] * (double)gradient[i];
    }
    for (i = 0; i < count; i++)
        value[i] = kept[i] + (float)h * direction[i];
    up = mean_loss(f);
    for (i = 0; i < count; i++)
        value[i] = kept[i] - (float)h * direction[i];
    down = mean_loss(f);
    memcpy(value, kept, count * sizeof *kept);
    measured = (up - down) / (2 * h);
    if (fabs(measured - slope) > 0.03 * fabs(slope) + 5e-4)
        fail_msg("%s: gradient says %.9g, differences say %.9g", name, slope,
                 measured);
    free(direction);
    free(kept);
}

#define INITIAL      .initial = { INITIAL_HE, 1 }
#define TABLES_OF(t) .table_count = sizeof(t) / sizeof *(t), .table = (t)
#define PICTURES     .image_height = SIZE, .image_width = SIZE

static const struct kind kinds[] = {
    { .options = { .image = { 4, 2, 2, true, false },
                   .text_dimension = 6,
                   .character_dimension = 5,
                   .category_dimension = 3,
                   .number_dimension = 2,
                   .fusion = { 2, 20, 0.25, true },
                   INITIAL },
      .in = { PICTURES, .classes = 2, TABLES_OF(tables) } },
    { .options = { .image = { 20, 3, 1, false, false },
                   .text_dimension = 3,
                   .character_dimension = 1,
                   .number_dimension = 2,
                   .fusion = { 1, 8, 0, false },
                   .loss = { .smoothing = 0.1, .focus = 2 },
                   INITIAL },
      .in = { PICTURES, .classes = 3, TABLES_OF(tables), .numbers = 1,
              .vector_size = 3 } },
    { .options = { .text_dimension = 1,
                   .character_dimension = 1,
                   .category_dimension = 1,
                   .number_dimension = 1,
                   .fusion = { 0, 1, 0, true },
                   INITIAL },
      .in = { .classes = 2, TABLES_OF(tables) } },
    { .options = { .image = { 12, 2, 2, true, true }, /* resnet */
                   .fusion = { 0, 1, 0, true },
                   INITIAL },
      .in = { PICTURES, .classes = 3 } },
    { .options = { .image = { 16, 2, 1, false, true },
                   .fusion = { 1, 6, 0, false },
                   INITIAL },
      .in = { PICTURES, .classes = 2 } },
    { .options = { .text_dimension = 5, /* words by an LSTM both ways */
                   .fusion = { 0, 1, 0, true },
                   INITIAL },
      .in = { .classes = 2,
              TABLES_OF(words),
              .words = { SEQUENCE_LSTM, WORDS, 7, 0, 0, true } } },
    { .options = { .text_dimension = 5, /* words by windows */
                   .fusion = { 1, 8, 0, true },
                   INITIAL },
      .in = { .classes = 3,
              TABLES_OF(words),
              .words = { SEQUENCE_CNN, WORDS, 6, 2, 3, false } } },
    { .options = { .fusion = { 0, 1, 0, true }, INITIAL }, /* frames */
      .in = { .classes = 3,
              .frame_size = 4,
              .frames = { SEQUENCE_LSTM, 5, 6, 0, 0, false } } },
    { .options = { .fusion = { 1, 8, 0, true }, INITIAL },
      .in = { .classes = 2,
              .vector_size = 2,
              .frame_size = 18,
              .frames = { SEQUENCE_CNN, 3, 4, 1, 5, false } } },
};

static void test_gradient_is_the_slope_of_the_loss(void **state)
{
    size_t i, k;

    (void)state;
    for (i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        struct fixture f;
        float *gradient;

        fixture_start(&f, &kinds[i]);
        mean_loss(&f);
        gradient = malloc(f.model->dense.floats * sizeof *gradient);
        assert_non_null(gradient);
        memcpy(gradient, f.model->grad,
               f.model->dense.floats * sizeof *gradient);
        for (k = 0; k < f.model->dense.count; k++) {
            const struct parameter *p = &f.model->dense.parameter[k];

            check_slope(&f, p->name, f.w.dense.value + p->offset,
                        gradient + p->offset, p->count, k);
        }
        for (k = 0; k < f.model->table_count; k++) {
            const struct table *t = &f.model->table[k];
            float *whole = calloc(t->rows * t->dimension, sizeof *whole);
            size_t j;

            assert_non_null(whole);
            mean_loss(&f);
            for (j = 0; j < t->touched.count; j++)
                memcpy(whole + t->touched.row[j] * t->dimension,
                       t->touched.grad + j * t->dimension,
                       t->dimension * sizeof *whole);
            check_slope(&f, t->name, f.w.table[k].value, whole,
                        t->rows * t->dimension, k);
            free(whole);
        }
        free(gradient);
        fixture_end(&f);
    }
}

static double train(struct fixture *f, int steps)
{
    struct optim_options o = { .kind = OPTIM_ADAM,
                               .lr = 0.01,
                               .beta1 = 0.9,
                               .beta2 = 0.999,
                               .epsilon = 1e-8 };
    double loss = 0;
    int i;

    for (i = 0; i < steps; i++) {
        loss = mean_loss(f);
        optim_step(&o, f->model, &f->w, o.lr);
    }
    return loss;
}

static void check_training(const struct kind *kind)
{
    struct fixture a, b;
    double first, last;

    fixture_start(&a, kind);
    fixture_start(&b, kind);
    first = mean_loss(&a);
    mean_loss(&b); /* running statistics move too */
    last = train(&a, 40);
    if (last > 0.6 * first)
        fail_msg("kind %zu: from %g to %g", (size_t)(kind - kinds), first,
                 last);
    assert_true(last == train(&b, 40));
    assert_memory_equal(a.w.dense.value, b.w.dense.value,
                        a.w.dense.count * sizeof(float));
    if (a.w.table_count > 0)
        assert_memory_equal(a.w.table[0].value, b.w.table[0].value,
                            a.w.table[0].count * sizeof(float));
    fixture_end(&a);
    fixture_end(&b);
}

static void test_training_lowers_the_loss_and_repeats_bit_for_bit(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof kinds / sizeof *kinds; i++)
        check_training(&kinds[i]);
}

static void test_models_that_cannot_be(void **state)
{
    struct model_options o = kinds[0].options;
    struct error err = ERROR_INIT;
    struct inputs in = kinds[0].in;
    struct comm comm;
    struct backend *b =
        backend_cpu(&(struct backend_options){ .threads = 1 }, &err);

    (void)state;
    comm_self(&comm);
    o.image.stages = 5; /* 8, 4, 2, 1, and no more */
    assert_null(model_create(&o, &in, ROWS, b, &comm, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_string_equal(err.what, "images of 8x8 are too small for 5 stages");
    backend_destroy(b);
}

static void test_category_dimension_rule(void **state)
{
    (void)state;
    assert_int_equal(model_category_dimension(2), 3);
    assert_int_equal(model_category_dimension(100), 22);
    assert_int_equal(model_category_dimension(1000000), 50);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_gradient_is_the_slope_of_the_loss),
        cmocka_unit_test(test_training_lowers_the_loss_and_repeats_bit_for_bit),
        cmocka_unit_test(test_models_that_cannot_be),
        cmocka_unit_test(test_category_dimension_rule),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
