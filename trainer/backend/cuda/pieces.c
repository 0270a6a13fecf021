/* See pieces.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/pieces.h"

#include <stdlib.h>
#include <string.h>

#include "trainer/backend/cuda/device/gpu.h"

size_t pieces_cut(size_t spans, const struct span *span, struct piece *piece,
                  uint32_t *start)
{
    size_t count = 0, i, at;

    for (i = 0; i < spans; i++) {
        size_t end = span[i].first + span[i].count;

        if (start)
            start[i] = (uint32_t)count;
        for (at = span[i].first; at < end; at += PIECE_VALUES, count++)
            if (piece)
                piece[count] = (struct piece){
                    at, end - at < PIECE_VALUES ? end : at + PIECE_VALUES,
                    (uint32_t)i, span[i].decay
                };
    }
    if (start)
        start[spans] = (uint32_t)count;
    return count;
}

static bool are_those(const struct pieces *p, size_t spans,
                      const struct span *span)
{
    size_t i;

    for (i = 0; i < spans && p->span_count == spans; i++)
        if (p->spans[i].first != span[i].first ||
            p->spans[i].count != span[i].count ||
            p->spans[i].decay != span[i].decay)
            return false;
    return p->span_count == spans;
}

void pieces_clear(struct pieces *p, struct backend *b)
{
    free(p->spans);
    b->ops->release(b, p->piece);
    b->ops->release(b, p->start);
    memset(p, 0, sizeof *p);
}

/* Both arrays to the device. */
static void upload(struct pieces *p, struct backend *b,
                   const struct piece *piece, const uint32_t *start)
{
    size_t bytes = p->count * sizeof *piece;
    size_t starts = (p->span_count + 1) * sizeof *start;

    p->piece = gpu_allocate(bytes, &b->failure);
    p->start = gpu_allocate(starts, &b->failure);
    if (!p->piece || !p->start)
        return;
    b->ops->upload(b, p->piece, piece, bytes);
    b->ops->upload(b, p->start, start, starts);
}

int pieces_make(struct pieces *p, struct backend *b, size_t spans,
                const struct span *span)
{
    struct piece *piece;
    uint32_t *start;

    if (are_those(p, spans, span))
        return 0;
    pieces_clear(p, b);
    p->count = pieces_cut(spans, span, NULL, NULL);
    piece = calloc(p->count + 1, sizeof *piece);
    start = calloc(spans + 1, sizeof *start);
    p->spans = calloc(spans + 1, sizeof *p->spans);
    if (piece && start && p->spans) {
        memcpy(p->spans, span, spans * sizeof *span);
        p->span_count = spans;
        pieces_cut(spans, span, piece, start);
        upload(p, b, piece, start);
    } else if (b->failure.kind == ERROR_NONE) {
        error_memory(&b->failure);
    }
    free(piece);
    free(start);
    return b->failure.kind == ERROR_NONE ? 0 : -1;
}
