/* bench: how fast a model of tests/bench/reference.h trains on a GPU.
 *
 *     bench BACKEND[:PRECISION] MODEL BATCH [STEPS]      bench cuda:bf16 resnet 512
 *
 * Says "first step" when it is done, for who times the program's start; then
 * prints figures, and the work of a step by operation: arithmetic operations
 * and the bytes that must be read and written. A step begins with a batch in
 * the host's memory. As a library (bench.py) it does steps for who watches them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "tests/bench/reference.h"
#include "tests/gpu/open.h"
#include "tests/gpu/work.h"

enum { WARM = 5, STEPS = 30 };

static struct reference model;
static struct backend *backend;
static struct comm comm;
static uint64_t key;

/* All that was given to the device is done. */
static void settle(void)
{
    float value;

    backend->ops->download(backend, &value, model.model->grad, sizeof value);
}

static int step(struct error *err)
{
    return reference_step(&model, ++key, err);
}

static int open_all(const char *name, const char *kind, size_t rows,
                    struct error *err)
{
    enum precision precision;

    comm_self(&comm);
    backend = open_named(name, &precision, err);
    if (!backend)
        return -1;
    work_watch(backend);
    return reference_open(&model, kind, rows, backend, &comm, err);
}

static int measure(long steps, struct error *err)
{
    double started;
    long i;

    if (step(err) < 0)
        return -1;
    settle();
    printf("first step\n");
    fflush(stdout);
    for (i = 0; i < WARM; i++)
        if (step(err) < 0)
            return -1;
    settle();
    started = clock_monotonic();
    for (i = 0; i < steps; i++)
        if (step(err) < 0)
            return -1;
    settle();
    printf("train.samples %.6g samples/s\n", (double)model.batch_size *
                                                 (double)steps /
                                                 (clock_monotonic() - started));
    printf("train.parameters %zu numbers\n", model_parameters(model.model));
    return 0;
}

/* One more step, for the work in it. */
static int count(struct error *err)
{
    const struct work *w;

    work_reset();
    if (step(err) < 0)
        return -1;
    for (w = work_done(); w->name; w++)
        if (w->bytes > 0)
            printf("work.%s %.6g operations %.6g bytes\n", w->name,
                   w->operations, w->bytes);
    return 0;
}

/* --- as a library ------------------------------------------------------------- */

int bench_open(const char *name, const char *kind, size_t rows);
int bench_steps(int count);

/* Open and warm up. 0, or -1 and the reason is printed. */
__attribute__((visibility("default"))) int bench_open(const char *name,
                                                      const char *kind,
                                                      size_t rows)
{
    struct error err = ERROR_INIT;

    if (open_all(name, kind, rows, &err) == 0 && bench_steps(WARM) == 0)
        return 0;
    if (err.kind != ERROR_NONE)
        error_print(&err, "bench");
    return -1;
}

/* Do steps until the device is done with them. */
__attribute__((visibility("default"))) int bench_steps(int steps)
{
    struct error err = ERROR_INIT;

    while (steps-- > 0)
        if (step(&err) < 0) {
            error_print(&err, "bench");
            return -1;
        }
    settle();
    return 0;
}

int main(int argc, char **argv)
{
    struct error err = ERROR_INIT;
    int rc = -1;

    if (argc < 4) {
        fprintf(stderr, "usage: %s BACKEND[:PRECISION] MODEL BATCH [STEPS]\n",
                argv[0]);
        return 2;
    }
    if (open_all(argv[1], argv[2], (size_t)strtoul(argv[3], NULL, 10), &err) ==
            0 &&
        measure(argc > 4 ? strtol(argv[4], NULL, 10) : STEPS, &err) == 0)
        rc = count(&err);
    reference_close(&model);
    backend_destroy(backend);
    return rc < 0 ? error_print(&err, "bench") : 0;
}
