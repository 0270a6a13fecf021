/* lines: a stream of bytes cut into lines of bounded length.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/worker/lines.h"

#include <string.h>

void lines_init(struct lines *l, lines_fn *each, void *context)
{
    l->each = each;
    l->context = context;
    l->used = 0;
    l->whole = true;
}

static void end_line(struct lines *l)
{
    if (l->used > 0 && l->buffer[l->used - 1] == '\r')
        l->used--;
    l->buffer[l->used] = '\0';
    l->each(l->context, l->buffer, l->whole && strlen(l->buffer) == l->used);
    l->used = 0;
    l->whole = true;
}

static void add(struct lines *l, const char *bytes, size_t size)
{
    size_t room = LINES_MAX - l->used;

    if (size > room) {
        l->whole = false;
        size = room;
    }
    memcpy(l->buffer + l->used, bytes, size);
    l->used += size;
}

void lines_feed(struct lines *l, const char *bytes, size_t size)
{
    const char *at = bytes, *stop = bytes + size, *end;

    while ((end = memchr(at, '\n', (size_t)(stop - at)))) {
        add(l, at, (size_t)(end - at));
        end_line(l);
        at = end + 1;
    }
    add(l, at, (size_t)(stop - at));
}

void lines_end(struct lines *l)
{
    if (l->used > 0)
        end_line(l);
}
