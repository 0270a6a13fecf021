/* pieces: spans of an array cut so that each block of threads has about as much
 * to do: one launch updates all parameters of a model.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BACKEND_CUDA_PIECES_H
#define TRAINER_BACKEND_CUDA_PIECES_H

#include <stdint.h>

#include "trainer/backend/backend.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { PIECE_VALUES = 4096 }; /* at most */

struct piece {
    size_t first, end;
    uint32_t span; /* whose it is */
    uint32_t decay;
};

struct pieces {
    struct span *spans; /* those that were cut, to know them again */
    size_t span_count;
    size_t count;
    struct piece *piece; /* device memory [count] */
    uint32_t *start;     /* device memory [span_count + 1]: where the pieces of
                            each span begin, then their number */
};

/* How many pieces spans make; 'piece' and 'start', where they are not NULL, get
 * them. */
size_t pieces_cut(size_t spans, const struct span *span, struct piece *piece,
                  uint32_t *start);

/* Cut the spans, unless they are those that were cut last. Returns 0, or -1 with
 * the failure put down in 'b', which is the CUDA backend. */
int pieces_make(struct pieces *p, struct backend *b, size_t spans,
                const struct span *span);
void pieces_clear(struct pieces *p, struct backend *b);

#ifdef __cplusplus
}
#endif

#endif
