/* See comm/device.h.
 *
 * Everything goes through one communicator and one stream beside the backend's,
 * so all ranks' kernels come in the same order and none waits for another's. A
 * sum for batch norm, which the backend waits for, may thus queue behind a
 * gradient's: that costs microseconds, two communicators could lock each other
 * up.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/comm/device.h"

#include <string.h>

#include "trainer/backend/cuda/cuda.h"
#include "trainer/comm/nccl/nccl.h"

/* One for a process, as MPI is. */
static struct {
    struct cuda *backend;
    struct nccl *nccl;
    void *stream, *begun, *done; /* 'begun', 'done': events */
    double *one;                 /* what a barrier adds up */
} self;

static struct error *failure(void)
{
    return &self.backend->base.failure;
}

/* What is given to the stream from now on comes after the backend's work. */
static void begin(void)
{
    gpu_follow(self.stream, self.backend->queue.stream, self.begun, failure());
}

static void device_wait(struct comm *c)
{
    (void)c;
    gpu_follow(self.backend->queue.stream, self.stream, self.done, failure());
}

static void device_start_sum(struct comm *c, float *values, size_t count)
{
    (void)c;
    begin();
    nccl_sum(self.nccl, values, count, NCCL_FLOATS, self.stream, failure());
}

static void device_sum_floats(struct comm *c, float *values, size_t count)
{
    device_start_sum(c, values, count);
    device_wait(c);
}

static void device_sum_doubles(struct comm *c, double *values, size_t count)
{
    begin();
    nccl_sum(self.nccl, values, count, NCCL_DOUBLES, self.stream, failure());
    device_wait(c);
}

static void device_broadcast(struct comm *c, void *bytes, size_t size)
{
    begin();
    nccl_broadcast(self.nccl, bytes, size, self.stream, failure());
    device_wait(c);
}

static void device_start_gather(struct comm *c, const void *mine,
                                const size_t *sizes, void *all)
{
    (void)c;
    begin();
    nccl_gather(self.nccl, mine, sizes, all, self.stream, failure());
}

static void device_gather(struct comm *c, const void *mine, const size_t *sizes,
                          void *all)
{
    device_start_gather(c, mine, sizes, all);
    device_wait(c);
}

static void check(struct error *e)
{
    nccl_check(self.nccl, e);
}

static void device_progress(struct comm *c)
{
    (void)c;
    check(failure());
}

static void device_barrier(struct comm *c)
{
    device_sum_doubles(c, self.one, 1);
    gpu_wait(self.backend->queue.stream, failure());
}

static void device_abort(struct comm *c, int status)
{
    (void)c, (void)status;
    nccl_abort(self.nccl);
}

/* After a failure the stream may hold what will never be done. */
static void device_close(struct comm *c)
{
    (void)c;
    if (failure()->kind == ERROR_NONE)
        gpu_wait(self.stream, failure());
    if (failure()->kind != ERROR_NONE && self.nccl)
        nccl_abort(self.nccl);
    gpu_watch(NULL);
    nccl_leave(self.nccl);
    gpu_release(self.one);
    gpu_event_destroy(self.begun);
    gpu_event_destroy(self.done);
    gpu_stream_destroy(self.stream);
    memset(&self, 0, sizeof self);
}

static const struct comm_ops device_ops = {
    .name = "nccl",
    .sum_floats = device_sum_floats,
    .sum_doubles = device_sum_doubles,
    .broadcast = device_broadcast,
    .gather = device_gather,
    .start_sum = device_start_sum,
    .start_gather = device_start_gather,
    .progress = device_progress,
    .wait = device_wait,
    .barrier = device_barrier,
    .abort = device_abort,
    .close = device_close,
};

static int join(struct comm *c, struct backend *b, const unsigned char *id,
                struct error *err)
{
    c->ops = &device_ops;
    self.backend = cuda_of(b);
    queue_straight(&self.backend->queue, failure());
    self.stream = gpu_stream_create(failure());
    self.begun = gpu_event_create(failure());
    self.done = gpu_event_create(failure());
    self.one = gpu_allocate(sizeof *self.one, failure());
    gpu_zero(self.one, sizeof *self.one, self.stream, failure());
    if (failure()->kind != ERROR_NONE) {
        *err = *failure();
        return -1;
    }
    self.nccl = nccl_join(id, c->rank, c->size, err);
    if (!self.nccl)
        return -1;
    gpu_watch(check);
    return 0;
}

__attribute__((visibility("default")))
const struct device_plugin sentei_nccl = {
    .ops_size = sizeof(struct comm_ops),
    .make_id = nccl_make_id,
    .join = join,
};
