/* How fast the reference model (reference.h) trains on the CPU.
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
