/* Choosing how to talk, and the calls that pass through.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/comm/comm.h"

#include <stdlib.h>

#include "base/text.h"

int comm_open(struct comm *c, struct error *err)
{
    const char *tasks = getenv("SLURM_STEP_NUM_TASKS");
    int64_t count;

    if (getenv("OMPI_COMM_WORLD_SIZE") || getenv("PMIX_RANK"))
        return comm_mpi(c, err);
    if (tasks && text_to_int(tasks, &count) == 0 && count > 1) {
        error_usage(err, "srun started %s ranks that do not know each other",
                    tasks);
        return error_hint(err, "srun --mpi=pmix; in a study, slurm: {mpi: "
                               "pmix}");
    }
    comm_self(c);
    return 0;
}

void comm_close(struct comm *c)
{
    if (c->ops)
        c->ops->close(c);
    c->ops = NULL;
}

void comm_abort(struct comm *c, int status)
{
    if (c->ops)
        c->ops->abort(c, status);
}

void comm_sum_floats(struct comm *c, float *values, size_t count)
{
    c->ops->sum_floats(c, values, count);
}

void comm_sum_doubles(struct comm *c, double *values, size_t count)
{
    c->ops->sum_doubles(c, values, count);
}

void comm_broadcast(struct comm *c, void *bytes, size_t size)
{
    c->ops->broadcast(c, bytes, size);
}

void comm_gather(struct comm *c, const void *mine, const size_t *sizes,
                 void *all)
{
    c->ops->gather(c, mine, sizes, all);
}

void comm_start_sum(struct comm *c, float *values, size_t count)
{
    c->ops->start_sum(c, values, count);
}

void comm_start_gather(struct comm *c, const void *mine, const size_t *sizes,
                       void *all)
{
    c->ops->start_gather(c, mine, sizes, all);
}

void comm_progress(struct comm *c)
{
    c->ops->progress(c);
}

void comm_wait(struct comm *c)
{
    c->ops->wait(c);
}

void comm_barrier(struct comm *c)
{
    c->ops->barrier(c);
}

void comm_slice(const struct comm *c, size_t count, size_t *first, size_t *size)
{
    size_t rank = (size_t)c->rank, ranks = (size_t)c->size;

    *first = count * rank / ranks;
    *size = count * (rank + 1) / ranks - *first;
}
