/* graph: the commands of a step as one CUDA graph.
 *
 * Commands become nodes, one after the other. A step that is alike but for
 * arguments (a rate, a key of random numbers, which rows were touched) changes
 * those nodes and runs the same graph.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BACKEND_CUDA_DEVICE_GRAPH_H
#define TRAINER_BACKEND_CUDA_DEVICE_GRAPH_H

#include "trainer/backend/cuda/device/command.h"

#ifdef __cplusplus
extern "C" {
#endif

struct graph {
    struct commands commands; /* what it does when it runs */
    void **node;              /* [commands.count] */
    void *graph, *program;    /* NULL: not built */
};

/* Build it of its commands; 'stream' lends itself to capture work. Returns 0, or
 * -1 with 'err' and it is as before. */
int graph_build(struct graph *g, void *stream, struct error *err);

/* Let it do 'now', which is alike (commands_alike()), and take that list in
 * exchange for its own. Returns 0, or -1 with 'err': then graph_drop() it. */
int graph_become(struct graph *g, struct commands *now, struct error *err);

/* Forget what was built, or the commands as well. Not while it runs. */
void graph_drop(struct graph *g);
void graph_clear(struct graph *g);

#ifdef __cplusplus
}
#endif

#endif
