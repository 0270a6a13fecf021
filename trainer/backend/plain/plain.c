/* The plain table of operations, and its memory.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/plain/plain.h"

#include <stdlib.h>
#include <string.h>

static void plain_destroy(struct backend *b)
{
    free(b);
}

static void *plain_allocate(struct backend *b, size_t bytes)
{
    (void)b;
    return calloc(1, bytes + 1);
}

static void plain_release(struct backend *b, void *memory)
{
    (void)b;
    free(memory);
}

static void plain_move(struct backend *b, void *to, const void *from,
                       size_t bytes)
{
    (void)b;
    if (bytes > 0)
        memcpy(to, from, bytes);
}

static void plain_zero(struct backend *b, void *memory, size_t bytes)
{
    (void)b;
    if (bytes > 0)
        memset(memory, 0, bytes);
}

static size_t plain_stride(const struct backend *b, size_t channels)
{
    (void)b;
    return channels;
}

static size_t plain_floats(const struct backend *b, const struct shape *s)
{
    (void)b;
    return s->rows * s->channels * s->height * s->width;
}

static const struct backend_ops plain_ops = { .name = "plain",
                                              .destroy = plain_destroy,
                                              .allocate = plain_allocate,
                                              .release = plain_release,
                                              .upload = plain_move,
                                              .download = plain_move,
                                              .zero = plain_zero,
                                              .floats = plain_floats,
                                              .stride = plain_stride,
                                              BACKEND_ARITHMETIC(BACKEND_ENTRY,
                                                                 plain) };

struct backend *backend_plain(const struct backend_options *o,
                              struct error *err)
{
    struct backend *b = calloc(1, sizeof *b);

    (void)o;
    if (b)
        b->ops = &plain_ops;
    else
        error_memory(err);
    return b;
}
