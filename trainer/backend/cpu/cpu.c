/* The CPU's table of operations, and its memory.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cpu/cpu.h"

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static void cpu_destroy(struct backend *b)
{
    free(b);
}

/* The places a matrix leaves between its columns and its stride must be zero,
 * so memory is given out zeroed. */
static void *cpu_allocate(struct backend *b, size_t bytes)
{
    size_t whole = (bytes + CPU_ALIGNMENT) / CPU_ALIGNMENT * CPU_ALIGNMENT;
    void *memory = aligned_alloc(CPU_ALIGNMENT, whole);

    (void)b;
    return memory ? memset(memory, 0, whole) : NULL;
}

static void cpu_release(struct backend *b, void *memory)
{
    (void)b;
    free(memory);
}

static void cpu_move(struct backend *b, void *to, const void *from,
                     size_t bytes)
{
    (void)b;
    if (bytes > 0)
        memcpy(to, from, bytes);
}

static void cpu_zero(struct backend *b, void *memory, size_t bytes)
{
    (void)b;
    if (bytes > 0)
        memset(memory, 0, bytes);
}

static size_t cpu_stride(const struct backend *b, size_t channels)
{
    (void)b;
    return cpu_blocks(channels) * CPU_BLOCK;
}

static size_t cpu_floats(const struct backend *b, const struct shape *s)
{
    return s->rows * cpu_stride(b, s->channels) * s->height * s->width;
}

static const struct backend_ops cpu_ops = { .name = "cpu",
                                            .destroy = cpu_destroy,
                                            .allocate = cpu_allocate,
                                            .release = cpu_release,
                                            .upload = cpu_move,
                                            .download = cpu_move,
                                            .zero = cpu_zero,
                                            .floats = cpu_floats,
                                            .stride = cpu_stride,
                                            BACKEND_ARITHMETIC(BACKEND_ENTRY,
                                                               cpu) };

struct backend *backend_cpu(const struct backend_options *o, struct error *err)
{
    struct cpu *c = calloc(1, sizeof *c);

    if (!c) {
        error_memory(err);
        return NULL;
    }
    c->base.ops = &cpu_ops;
    c->precision = o->precision;
    /* Large blocks come from the heap and stay: without this each is mapped,
     * filled with zero pages and unmapped again, a third of the time. */
    mallopt(M_MMAP_THRESHOLD, 1 << 30);
    mallopt(M_TRIM_THRESHOLD, 1 << 30);
    cpu_threads(o->threads);
    return &c->base;
}
