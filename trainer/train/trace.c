/* See trace.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/train/trace.h"

#include <stdlib.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"

static const char *const names[TRACE_KINDS] = {
    "batch", "forward", "backward", "exchange", "optimiser", "judge", "sum",
};

struct span {
    double start, end; /* seconds from the origin */
    enum trace_what what;
};

struct trace {
    struct comm *comm; /* borrowed */
    double origin;
    size_t count;
    struct span span[TRACE_SPANS];
};

int trace_open(struct trace **t, struct comm *c, struct error *err)
{
    *t = calloc(1, sizeof **t);
    if (!*t)
        return error_memory(err);
    (*t)->comm = c;
    comm_barrier(c);
    (*t)->origin = clock_monotonic();
    return 0;
}

void trace_close(struct trace *t)
{
    free(t);
}

double trace_now(const struct trace *t)
{
    return t ? clock_monotonic() - t->origin : 0;
}

double trace_span(struct trace *t, enum trace_what what, double start)
{
    double now = trace_now(t);

    if (t && t->count < TRACE_SPANS)
        t->span[t->count++] = (struct span){ start, now, what };
    return now;
}

static void format(struct text *text, const struct span *s, size_t rank)
{
    text_format(text,
                ",\n{\"name\":\"%s\",\"ph\":\"X\",\"pid\":%zu,\"tid\":%d,"
                "\"ts\":%.3f,\"dur\":%.3f}",
                names[s->what], rank, s->what == TRACE_UNDER_WAY,
                s->start * 1e6, (s->end - s->start) * 1e6);
}

/* Spans of all ranks, one rank behind the other, 'bytes' of each. */
static int write_file(const struct span *span, const size_t *bytes,
                      size_t ranks, const char *path, struct error *err)
{
    struct text text = TEXT_INIT;
    size_t r, i;
    int rc;

    text_format(&text, "[");
    for (r = 0; r < ranks; r++) {
        text_format(&text,
                    "%s{\"name\":\"process_name\",\"ph\":\"M\",\"pid\":%zu,"
                    "\"args\":{\"name\":\"rank %zu\"}}",
                    r > 0 ? ",\n" : "", r, r);
        for (i = 0; i < bytes[r] / sizeof *span; i++)
            format(&text, span++, r);
    }
    text_format(&text, "]\n");
    rc = text.failed ? error_memory(err)
                     : file_write(path, text_get(&text), text.size, 0644, err);
    text_clear(&text);
    return rc;
}

int trace_write(const struct trace *t, const char *path, struct error *err)
{
    size_t ranks = (size_t)t->comm->size, mine = t->count * sizeof *t->span;
    size_t *sizes = calloc(2 * ranks, sizeof *sizes), *bytes, all = 0, r;
    struct span *span = NULL;
    int rc = -1;

    if (!sizes)
        return error_memory(err);
    bytes = sizes + ranks;
    for (r = 0; r < ranks; r++)
        sizes[r] = sizeof *bytes;
    comm_gather(t->comm, &mine, sizes, bytes);
    for (r = 0; r < ranks; r++)
        all += bytes[r];
    span = malloc(all + 1);
    if (!span) {
        error_memory(err);
        goto out;
    }
    comm_gather(t->comm, t->span, bytes, span);
    rc = t->comm->rank == 0 ? write_file(span, bytes, ranks, path, err) : 0;
out:
    free(span);
    free(sizes);
    return rc;
}
