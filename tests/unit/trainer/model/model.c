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

enum { ROWS = 12, SIZE = 8, TABLES = 3 };

static struct input_table tables[TABLES] = {
    { "text", INPUT_TEXT, 0, 40 },
    { "category.brand", INPUT_CATEGORY, 0, 5 },
    { "number.price", INPUT_NUMBER, 0, 4 },
};

static struct inputs inputs_of(bool image)
{
    return (struct inputs){ image ? SIZE : 0, image ? SIZE : 0, TABLES,
                            tables };
}

/* Some listings, drawn by 'seed'; every example has one to four words. */
static void draw_batch(struct batch *b, const struct inputs *in, size_t rows,
                       uint64_t seed)
{
    struct error err = ERROR_INIT;
    struct random r;
    size_t i, t, k, words;

    assert_int_equal(batch_init(b, in, rows, &err), 0);
    random_seed(&r, seed, 0);
    b->rows = rows;
    for (i = 0; i < rows; i++) {
        b->label[i] = random_below(&r, 3) == 0;
        for (k = 0; k < inputs_pixels(in); k++)
            b->pixels[i * inputs_pixels(in) + k] =
                (uint8_t)random_below(&r, 256);
        for (t = 0; t < in->table_count; t++) {
            struct lookup *l = &b->lookup[t];

            words = t == 0 ? 1 + random_below(&r, 4) : 1;
            assert_int_equal(lookup_reserve(l, words, &err), 0);
            for (k = 0; k < words; k++) {
                l->id[l->count + k] = (uint32_t)random_below(&r, l->table_rows);
                l->weight[l->count + k] = 1 / (float)words;
            }
            lookup_end_row(l, words);
        }
    }
    for (t = 0; t < in->table_count; t++)
        lookup_index(&b->lookup[t]);
}

struct fixture {
    struct comm comm;
    struct backend *backend;
    struct inputs in;
    struct model *model;
    struct weights w;
    struct batch batch;
};

static void fixture_start(struct fixture *f, const struct model_options *o)
{
    struct error err = ERROR_INIT;

    comm_self(&f->comm);
    f->backend = backend_cpu(1, &err);
    assert_non_null(f->backend);
    f->in = inputs_of(o->image.on);
    f->model = model_create(o, &f->in, ROWS, f->backend, &f->comm, &err);
    if (!f->model)
        fail_msg("%s", err.what);
    assert_int_equal(weights_init(&f->w, f->model, 3, 0, -1, &err), 0);
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
    struct step step = { .training = true, .all_rows = ROWS, .key = 77 };
    struct error err = ERROR_INIT;
    double loss;

    if (model_forward(f->model, &f->w, &f->batch, &step, &err) < 0 ||
        model_backward(f->model, &f->batch, &loss, &err) < 0)
        fail_msg("%s", err.what);
    return loss / ROWS;
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
        fail_msg("%s: gradient says %g, differences say %g", name, slope,
                 measured);
    free(direction);
    free(kept);
}

static const struct model_options shapes[] = {
    { .image = { true, 4, 2, 2, true },
      .text = { true, 6 },
      .category_dimension = 3,
      .number_dimension = 2,
      .fusion = { 2, 20, 0.25, true } },
    { .image = { true, 20, 3, 1, false },
      .text = { true, 3 },
      .number_dimension = 2,
      .fusion = { 1, 8, 0, false } },
    { .text = { true, 1 },
      .category_dimension = 1,
      .number_dimension = 1,
      .fusion = { 0, 1, 0, true } },
};

static void test_gradient_is_the_slope_of_the_loss(void **state)
{
    size_t i, k;

    (void)state;
    for (i = 0; i < sizeof shapes / sizeof *shapes; i++) {
        struct fixture f;
        float *gradient;

        fixture_start(&f, &shapes[i]);
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
            for (j = 0; j < t->touched_count; j++)
                memcpy(whole + t->touched[j] * t->dimension,
                       t->grad + j * t->dimension,
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

static void test_training_lowers_the_loss_and_repeats_bit_for_bit(void **state)
{
    struct fixture a, b;
    double first, last;

    (void)state;
    fixture_start(&a, &shapes[0]);
    fixture_start(&b, &shapes[0]);
    first = mean_loss(&a);
    mean_loss(&b); /* running statistics move too */
    last = train(&a, 40);
    assert_true(last < first / 4);
    assert_true(last == train(&b, 40));
    assert_memory_equal(a.w.dense.value, b.w.dense.value,
                        a.w.dense.count * sizeof(float));
    assert_memory_equal(a.w.table[0].value, b.w.table[0].value,
                        a.w.table[0].count * sizeof(float));
    fixture_end(&a);
    fixture_end(&b);
}

static void test_models_that_cannot_be(void **state)
{
    struct model_options o = shapes[0];
    struct error err = ERROR_INIT;
    struct inputs in = inputs_of(true);
    struct comm comm;
    struct backend *b = backend_cpu(1, &err);

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
