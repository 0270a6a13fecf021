/* command: what is to be given to the device, noted down one behind the other.
 *
 * A list of kernels, zeros, moves and calls of libraries, each with all it needs
 * but the memory of the device: it can be given to a stream, compared with that
 * of another step, and be made a CUDA graph (graph.h).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BACKEND_CUDA_DEVICE_COMMAND_H
#define TRAINER_BACKEND_CUDA_DEVICE_COMMAND_H

#include "trainer/backend/cuda/device/gpu.h"

#ifdef __cplusplus
extern "C" {
#endif

enum command_kind { COMMAND_KERNEL, COMMAND_ZERO, COMMAND_MOVE, COMMAND_WORK };

/* One, followed by its arguments: command_kernel(), command_work(). */
struct command {
    enum command_kind kind;
    unsigned blocks, threads, count; /* kernel, as what follows */
    const char *name;
    const void *entry;
    size_t size[GPU_ARGUMENTS];
    void *to;         /* zero, move */
    const void *from; /* move */
    size_t bytes;     /* zero, move; work: of the arguments */
    gpu_give *give;   /* work */
    size_t whole;     /* bytes with the arguments */
};

struct commands {
    char *bytes;
    size_t used, capacity, count;
};

void commands_clear(struct commands *l);

/* Note one down. Returns 0, or -1 and the list is as before when memory is out. */
int commands_kernel(struct commands *l, const struct gpu_kernel *k);
int commands_zero(struct commands *l, void *memory, size_t bytes);
int commands_move(struct commands *l, void *to, const void *from, size_t bytes);
int commands_work(struct commands *l, const struct gpu_work *w);

/* The one behind 'c', the first where 'c' is NULL; NULL: there is none. */
const struct command *commands_next(const struct commands *l,
                                    const struct command *c);

/* It, where it is of that kind. */
struct gpu_kernel command_kernel(const struct command *c);
struct gpu_work command_work(const struct command *c);

/* Give all to a stream, in order. */
void commands_give(const struct commands *l, void *stream, struct error *e);

/* Whether 'a' can become 'b' in a graph: the same kernels with any arguments and
 * blocks, the same lengths of zeros, any moves, the same work. */
bool commands_alike(const struct commands *a, const struct commands *b);

/* Whether nothing at all differs. */
bool command_same(const struct command *a, const struct command *b);

#ifdef __cplusplus
}
#endif

#endif
