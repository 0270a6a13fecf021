/* The CUDA backend's table of operations, its memory, and its opening.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/cuda.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "trainer/backend/cuda/dnn.h"
#include "trainer/backend/plugin.h"

void *cuda_scratch(struct backend *b, size_t bytes)
{
    struct cuda *c = cuda_of(b);

    if (bytes <= c->scratch_size)
        return c->scratch;
    queue_wait(&c->queue, &b->failure); /* the old may be in use */
    gpu_release(c->scratch);
    c->scratch_size = 0;
    c->scratch = gpu_allocate(bytes, &b->failure);
    if (c->scratch)
        c->scratch_size = bytes;
    return c->scratch;
}

static void *cuda_allocate(struct backend *b, size_t bytes)
{
    void *memory = gpu_allocate(bytes + CUDA_BLOCK, &b->failure);

    if (memory)
        queue_zero(&cuda_of(b)->queue, memory, bytes + CUDA_BLOCK, &b->failure);
    return memory;
}

/* Memory may be in use by what was given to the device before. */
static void cuda_release(struct backend *b, void *memory)
{
    if (memory)
        queue_wait(&cuda_of(b)->queue, &b->failure);
    gpu_release(memory);
}

static void cuda_upload(struct backend *b, void *to, const void *from,
                        size_t bytes)
{
    input_give(&cuda_of(b)->input, to, from, bytes, &cuda_of(b)->queue,
               &b->failure);
}

static void cuda_download(struct backend *b, void *to, const void *from,
                          size_t bytes)
{
    struct queue *q = &cuda_of(b)->queue;

    queue_give(q, &b->failure);
    if (bytes > 0)
        gpu_download(to, from, bytes, q->stream, &b->failure);
    queue_wait(q, &b->failure);
}

static void cuda_zero(struct backend *b, void *memory, size_t bytes)
{
    queue_zero(&cuda_of(b)->queue, memory, bytes, &b->failure);
}

static void cuda_begin_step(struct backend *b)
{
    queue_begin(&cuda_of(b)->queue);
}

static void cuda_end_step(struct backend *b)
{
    queue_end(&cuda_of(b)->queue, &b->failure);
}

static size_t cuda_stride(const struct backend *b, size_t channels)
{
    (void)b;
    return cuda_channels(channels);
}

static size_t cuda_floats(const struct backend *b, const struct shape *s)
{
    size_t values = s->rows * s->height * s->width * cuda_channels(s->channels);

    return cuda_is_half(b, s) ? values / 2 : values;
}

static void cuda_destroy(struct backend *b)
{
    struct cuda *c = cuda_of(b);

    if (c->queue.stream)
        queue_forget(&c->queue, &b->failure);
    dnn_destroy(c->dnn);
    blas_destroy(c->blas);
    gpu_release(c->scratch);
    pieces_clear(&c->pieces, b);
    input_clear(&c->input);
    queue_clear(&c->queue);
    free(c);
}

static const struct backend_ops cuda_ops = {
    .name = "cuda",
    .destroy = cuda_destroy,
    .allocate = cuda_allocate,
    .release = cuda_release,
    .upload = cuda_upload,
    .download = cuda_download,
    .zero = cuda_zero,
    .begin_step = cuda_begin_step,
    .end_step = cuda_end_step,
    .dense_forward = cuda_dense_forward,
    .dense_backward = cuda_dense_backward,
    .floats = cuda_floats,
    .stride = cuda_stride,
    BACKEND_ARITHMETIC(BACKEND_ENTRY, cuda)
};

static int start(struct cuda *c, struct error *err)
{
    const char *asked = getenv("SENTEI_CUDA_GRAPH");
    bool graphs = !asked || strcmp(asked, "0") != 0;

    if (queue_init(&c->queue, graphs, err) < 0 ||
        input_init(&c->input, err) < 0)
        return -1;
    c->blas = blas_create(c->precision, err);
    if (!c->blas)
        return -1;
    c->dnn = dnn_create(NULL, err);
    return c->dnn ? 0 : -1;
}

static struct backend *cuda_open(const struct backend_options *o,
                                 struct error *err)
{
    struct gpu_facts facts;
    struct cuda *c;

    *err = (struct error)ERROR_INIT;
    gpu_look(o->local_rank, &facts);
    if (gpu_judge(&facts, err) < 0 || gpu_use(facts.device, err) < 0)
        return NULL;
    c = calloc(1, sizeof *c);
    if (!c) {
        error_memory(err);
        return NULL;
    }
    c->base.ops = &cuda_ops;
    c->precision = o->precision;
    c->facts = facts;
    if (start(c, err) < 0) {
        cuda_destroy(&c->base);
        return NULL;
    }
    log_trace("cuda", "%s, %d multiprocessors", facts.name,
              facts.multiprocessors);
    return &c->base;
}

__attribute__((visibility("default"))) const struct plugin sentei_plugin = {
    .version = SENTEI_VERSION,
    .ops_size = sizeof(struct backend_ops),
    .open = cuda_open,
};
