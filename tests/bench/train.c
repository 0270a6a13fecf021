/* How fast the reference model (reference.h) trains on the CPU.
 *
 *     train [BATCH [THREADS [bf16]]]      default 128 and 1; under mpirun a batch each
 *
 * The first figure is of the fastest step, the second counts processor seconds
 * over all steps: on a shared machine it is nearer to what a quiet one would
 * give. pytorch_twin.py is the same in PyTorch. With one rank the parts of a step
 * follow, each alone, and beside the two that multiply matrices how fast a product
 * of 1024x1024 is here, what is to be had.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "base/clock.h"
#include "tests/bench/reference.h"

enum { STEPS = 15, WARM = 2 };

static double cpu_seconds(void)
{
    return (double)clock() / CLOCKS_PER_SEC;
}

static void print_figures(const struct reference *f, double wall, double cpu)
{
    const struct model *m = f->model;
    struct rusage use;

    getrusage(RUSAGE_SELF, &use);
    printf("train.samples %.0f samples/s\n",
           (double)f->batch_size * m->comm->size / wall);
    printf("train.samples_by_cpu %.0f samples/cpu-s\n",
           (double)f->batch_size / cpu);
    printf("train.peak_memory %.0f MiB\n", (double)use.ru_maxrss / 1024);
    printf("train.parameters %zu numbers\n", model_parameters(m));
}

/* --- the parts of a step ------------------------------------------------------ */

enum { TRIES = 7, SIDE = 1024 };

static void do_image(struct reference *f)
{
    struct model *m = f->model;

    image_forward(&m->image, &m->pass, f->batch.pixels, m->feature, m->stride);
    image_backward(&m->image, &m->pass, m->dfeature, m->stride);
}

static void do_fusion(struct reference *f)
{
    struct model *m = f->model;

    fusion_forward(&m->fusion, &m->pass, m->feature);
    fusion_backward(&m->fusion, &m->pass, m->feature, m->dlogit, m->dfeature);
}

static void do_tables(struct reference *f)
{
    struct model *m = f->model;
    size_t i;

    for (i = 0; i < m->table_count; i++) {
        struct table *t = &m->table[i];
        const struct lookup *l = &f->batch.lookup[i];

        (void)table_forward(t, &m->pass, l, f->weights.table[i].value,
                            m->feature + t->column, m->stride, NULL);
        (void)table_backward(t, &m->pass, l, m->dfeature + t->column, m->stride,
                             NULL);
    }
}

static void do_optimiser(struct reference *f)
{
    optim_step(&reference_adam, f->model, &f->weights, reference_adam.lr);
}

/* Forward, gradient of weights, gradient of what came in: not of pixels. */
static double image_flops(const struct image_tower *t)
{
    double flops = 0;
    size_t i;

    for (i = 0; i < t->count; i++) {
        const struct image_layer *l = &t->layer[i];

        flops += (i > 0 ? 6 : 4) * 9 *
                 (double)(l->in.channels * l->out.channels * l->out.height *
                          l->out.width);
    }
    return flops;
}

static double fusion_flops(const struct fusion *f)
{
    double flops = 6 * (double)(f->in * f->outputs);
    size_t i;

    for (i = 0; i < f->count; i++)
        flops += 6 * (double)(f->layer[i].in * f->layer[i].out);
    return flops;
}

/* The rate of a large product, FLOP/s; 0 when memory is out. */
static double product_rate(struct backend *b)
{
    float *a = b->ops->allocate(b, 3L * SIDE * SIDE * sizeof *a);
    double best = 1e9, start;
    int i;

    for (i = 0; a && i < TRIES; i++) {
        start = clock_monotonic();
        b->ops->gemm(b, false, false, SIDE, SIDE, SIDE, a, SIDE,
                     a + SIDE * SIDE, SIDE, 0, a + 2 * SIDE * SIDE, SIDE);
        start = clock_monotonic() - start;
        best = start < best ? start : best;
    }
    b->ops->release(b, a);
    return a ? 2.0 * SIDE * SIDE * SIDE / best : 0;
}

static void print_parts(struct reference *f)
{
    const struct model *m = f->model;
    const struct {
        const char *name;
        void (*run)(struct reference *f);
        double flops; /* of an example */
    } parts[] = {
        { "image", do_image, image_flops(&m->image) },
        { "fusion", do_fusion, fusion_flops(&m->fusion) },
        { "tables", do_tables, 0 },
        { "optimiser", do_optimiser, 0 },
    };
    double rows = (double)f->batch_size, best, start;
    size_t i, k;

    for (i = 0; i < sizeof parts / sizeof *parts; i++) {
        for (k = 0, best = 1e9; k < TRIES; k++) {
            start = clock_monotonic();
            parts[i].run(f);
            start = clock_monotonic() - start;
            best = start < best ? start : best;
        }
        printf("train.%s_alone %.0f samples/s\n", parts[i].name, rows / best);
        if (parts[i].flops > 0)
            printf("train.%s_rate %.1f GFLOP/s\n", parts[i].name,
                   parts[i].flops * rows / best / 1e9);
    }
    printf("train.product_rate %.1f GFLOP/s\n", product_rate(m->backend) / 1e9);
}

static int measure(struct reference *f, struct error *err)
{
    double wall, cpu = 0, best = 1e9;
    uint64_t i;

    for (i = 0; i < WARM + STEPS; i++) {
        wall = clock_monotonic();
        if (i == WARM)
            cpu = cpu_seconds();
        if (reference_step(f, i + 1, err) < 0)
            return -1;
        wall = clock_monotonic() - wall;
        if (i >= WARM && wall < best)
            best = wall;
    }
    cpu = (cpu_seconds() - cpu) / STEPS;
    if (f->model->comm->rank == 0)
        print_figures(f, best, cpu);
    if (f->model->comm->size == 1)
        print_parts(f);
    return 0;
}

int main(int argc, char **argv)
{
    struct backend_options options = { .threads = 1 };
    struct error err = ERROR_INIT;
    struct reference f = { 0 };
    struct comm comm = { 0 };
    size_t rows = 128;
    struct backend *b;
    int rc = -1;

    if (argc > 1)
        rows = (size_t)strtoul(argv[1], NULL, 10);
    if (argc > 2)
        options.threads = (int)strtol(argv[2], NULL, 10);
    if (argc > 3)
        options.precision = PRECISION_BF16;
    if (comm_open(&comm, &err) < 0)
        return error_print(&err, "train");
    b = backend_cpu(&options, &err);
    if (b && reference_open(&f, "reference", rows, b, &comm, &err) == 0)
        rc = measure(&f, &err);
    reference_close(&f);
    backend_destroy(b);
    comm_close(&comm);
    return rc < 0 ? error_print(&err, "train") : 0;
}
