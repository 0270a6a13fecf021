/* How fast the reference model trains: 32x32 images, three stages of two
 * convolutions of 32, 64 and 128 channels, 40 words of a table of 2^16 x 64,
 * six categories of 30 to 33,000 values, four numbers, a fusion of 512 and 512
 * units, Adam. Random examples held in memory.
 *
 *     train [BATCH [THREADS [bf16]]]      default 128 and 1; under mpirun a batch each
 *
 * The first figure is of the fastest step, the second counts processor seconds
 * over all steps: on a shared machine it is nearer to what a quiet one would
 * give. pytorch_twin.py is the same in PyTorch.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "base/random.h"
#include "trainer/model/model.h"
#include "trainer/optim/optim.h"

enum { WORDS = 40, STEPS = 15, WARM = 2, SIZE = 32, TABLES = 11 };

static struct input_table tables[TABLES] = {
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

static struct model_options reference = {
    .image = { .width = 32, .stages = 3, .blocks = 2, .batch_norm = true },
    .text_dimension = 64,
    .category_dimension = 16,
    .number_dimension = 8,
    .fusion = { 2, 512, 0.2, true },
    .initial = { INITIAL_HE, 1 },
};

static const struct optim_options adam = { .kind = OPTIM_ADAM,
                                           .lr = 1e-3,
                                           .beta1 = 0.9,
                                           .beta2 = 0.999,
                                           .epsilon = 1e-8 };

static size_t batch_size = 128;

static int draw_lookup(struct lookup *l, size_t words, struct random *r,
                       struct error *err)
{
    size_t row, k;

    for (row = 0; row < batch_size; row++) {
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

static int draw_batch(struct batch *b, const struct inputs *in,
                      struct error *err)
{
    struct random r;
    size_t i;

    if (batch_init(b, in, batch_size, err) < 0)
        return -1;
    random_seed(&r, 1, 0);
    b->rows = batch_size;
    for (i = 0; i < batch_size; i++)
        b->label[i] = random_below(&r, 10) == 0;
    for (i = 0; i < batch_size * inputs_pixels(in); i++)
        b->pixels[i] = (uint8_t)random_below(&r, 256);
    for (i = 0; i < in->table_count; i++)
        if (draw_lookup(&b->lookup[i], i == 0 ? WORDS : 1, &r, err) < 0)
            return -1;
    return 0;
}

static int one_step(struct model *m, struct weights *w, const struct batch *b,
                    uint64_t key, struct error *err)
{
    const struct comm *c = m->comm;
    struct step step = { true, batch_size * (size_t)c->size,
                         batch_size * (size_t)c->rank, key, NULL };
    double loss;

    if (model_forward(m, w, b, &step, err) < 0 ||
        model_backward(m, b, &step, &loss, err) < 0 ||
        model_exchange(m, err) < 0)
        return -1;
    optim_step(&adam, m, w, adam.lr);
    return backend_check(m->backend, err);
}

static double cpu_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static void print_figures(const struct model *m, double wall, double cpu)
{
    struct rusage use;

    getrusage(RUSAGE_SELF, &use);
    printf("train.samples %.0f samples/s\n",
           (double)batch_size * m->comm->size / wall);
    printf("train.samples_by_cpu %.0f samples/cpu-s\n",
           (double)batch_size / cpu);
    printf("train.peak_memory %.0f MiB\n", (double)use.ru_maxrss / 1024);
    printf("train.parameters %zu numbers\n", model_parameters(m));
}

static int measure(struct model *m, struct weights *w, const struct batch *b,
                   struct error *err)
{
    double wall, cpu = 0, best = 1e9;
    uint64_t i;

    for (i = 0; i < WARM + STEPS; i++) {
        wall = clock_monotonic();
        if (i == WARM)
            cpu = cpu_seconds();
        if (one_step(m, w, b, i + 1, err) < 0)
            return -1;
        wall = clock_monotonic() - wall;
        if (i >= WARM && wall < best)
            best = wall;
    }
    cpu = (cpu_seconds() - cpu) / STEPS;
    if (m->comm->rank == 0)
        print_figures(m, best, cpu);
    return 0;
}

int main(int argc, char **argv)
{
    struct inputs in = { .image_height = SIZE,
                         .image_width = SIZE,
                         .classes = 2,
                         .table_count = TABLES,
                         .table = tables };
    const float prior = -2;
    struct backend_options options = { .threads = 1 };
    struct error err = ERROR_INIT;
    struct weights w = { 0 };
    struct batch batch = { 0 };
    struct model *m = NULL;
    struct comm comm = { 0 };
    struct backend *b;
    int rc = -1;

    if (argc > 1)
        batch_size = (size_t)strtoul(argv[1], NULL, 10);
    if (argc > 2)
        options.threads = (int)strtol(argv[2], NULL, 10);
    if (argc > 3)
        options.precision = PRECISION_BF16;
    if (comm_open(&comm, &err) < 0)
        return error_print(&err, "train");
    b = backend_cpu(&options, &err);
    if (b)
        m = model_create(&reference, &in, batch_size, b, &comm, &err);
    if (m && weights_init(&w, m, 1, 0, &prior, &err) == 0 &&
        draw_batch(&batch, &in, &err) == 0)
        rc = measure(m, &w, &batch, &err);
    batch_clear(&batch);
    if (m)
        weights_clear(&w, m);
    model_destroy(m);
    backend_destroy(b);
    comm_close(&comm);
    return rc < 0 ? error_print(&err, "train") : 0;
}
