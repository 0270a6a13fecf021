/* See command.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/device/command.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { ALIGNMENT = 16, FIRST = 1 << 14 };

static size_t aligned(size_t bytes)
{
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

void commands_clear(struct commands *l)
{
    free(l->bytes);
    *l = (struct commands){ 0 };
}

/* Room for one more with 'bytes' of arguments, all zero; NULL: memory is out. */
static struct command *add(struct commands *l, enum command_kind kind,
                           size_t bytes)
{
    size_t whole = aligned(sizeof(struct command)) + aligned(bytes);
    size_t capacity = l->capacity > 0 ? l->capacity : FIRST;
    struct command *c;
    char *more;

    while (capacity < l->used + whole)
        capacity *= 2;
    if (capacity > l->capacity) {
        more = realloc(l->bytes, capacity);
        if (!more)
            return NULL;
        l->bytes = more;
        l->capacity = capacity;
    }
    c = (struct command *)(void *)(l->bytes + l->used);
    memset(c, 0, whole);
    c->kind = kind;
    c->whole = whole;
    l->used += whole;
    l->count++;
    return c;
}

static char *room_of(struct command *c)
{
    return (char *)c + aligned(sizeof *c);
}

static const void *arguments_of(const struct command *c)
{
    return (const char *)c + aligned(sizeof *c);
}

int commands_kernel(struct commands *l, const struct gpu_kernel *k)
{
    struct command *c;
    size_t bytes = 0;
    unsigned i;
    char *at;

    for (i = 0; i < k->count; i++)
        bytes += aligned(k->size[i]);
    c = add(l, COMMAND_KERNEL, bytes);
    if (!c)
        return -1;
    c->name = k->name;
    c->entry = k->entry;
    c->blocks = k->blocks;
    c->threads = k->threads;
    c->count = k->count;
    for (at = room_of(c), i = 0; i < k->count; at += aligned(k->size[i]), i++) {
        c->size[i] = k->size[i];
        memcpy(at, k->argument[i], k->size[i]);
    }
    return 0;
}

int commands_zero(struct commands *l, void *memory, size_t bytes)
{
    struct command *c = add(l, COMMAND_ZERO, 0);

    if (!c)
        return -1;
    c->to = memory;
    c->bytes = bytes;
    return 0;
}

int commands_move(struct commands *l, void *to, const void *from, size_t bytes)
{
    struct command *c = add(l, COMMAND_MOVE, 0);

    if (!c)
        return -1;
    c->to = to;
    c->from = from;
    c->bytes = bytes;
    return 0;
}

int commands_work(struct commands *l, const struct gpu_work *w)
{
    struct command *c = add(l, COMMAND_WORK, w->bytes);

    if (!c)
        return -1;
    c->give = w->give;
    c->bytes = w->bytes;
    memcpy(room_of(c), w->arguments, w->bytes);
    return 0;
}

const struct command *commands_next(const struct commands *l,
                                    const struct command *c)
{
    const char *at = c ? (const char *)c + c->whole : l->bytes;

    return l->used > 0 && at < l->bytes + l->used
               ? (const struct command *)(const void *)at
               : NULL;
}

struct gpu_kernel command_kernel(const struct command *c)
{
    struct gpu_kernel k = { .name = c->name,
                            .entry = c->entry,
                            .blocks = c->blocks,
                            .threads = c->threads,
                            .count = c->count };
    const char *at = arguments_of(c);
    unsigned i;

    for (i = 0; i < c->count; at += aligned(c->size[i]), i++) {
        k.argument[i] = (void *)(uintptr_t)at; /* CUDA takes none to const */
        k.size[i] = c->size[i];
    }
    return k;
}

struct gpu_work command_work(const struct command *c)
{
    return (struct gpu_work){ c->give, arguments_of(c), c->bytes };
}

static void give_one(const struct command *c, void *stream, struct error *e)
{
    struct gpu_kernel k;

    switch (c->kind) {
    case COMMAND_KERNEL:
        k = command_kernel(c);
        gpu_launch(&k, stream, e);
        break;
    case COMMAND_ZERO:
        gpu_zero(c->to, c->bytes, stream, e);
        break;
    case COMMAND_MOVE:
        gpu_move(c->to, c->from, c->bytes, stream, e);
        break;
    case COMMAND_WORK:
        if (e->kind == ERROR_NONE)
            c->give(arguments_of(c), stream, e);
        break;
    }
}

void commands_give(const struct commands *l, void *stream, struct error *e)
{
    const struct command *c = NULL;

    while ((c = commands_next(l, c)))
        give_one(c, stream, e);
}

bool command_same(const struct command *a, const struct command *b)
{
    return a->whole == b->whole && memcmp(a, b, a->whole) == 0;
}

static bool alike(const struct command *a, const struct command *b)
{
    if (a->kind != b->kind || a->whole != b->whole)
        return false;
    if (a->kind == COMMAND_KERNEL)
        return a->entry == b->entry && a->threads == b->threads;
    if (a->kind == COMMAND_ZERO)
        return a->bytes == b->bytes;
    return a->kind == COMMAND_MOVE || command_same(a, b);
}

bool commands_alike(const struct commands *a, const struct commands *b)
{
    const struct command *c = NULL, *d = NULL;

    if (a->count != b->count || a->used != b->used)
        return false;
    while ((c = commands_next(a, c)) && (d = commands_next(b, d)))
        if (!alike(c, d))
            return false;
    return true;
}
