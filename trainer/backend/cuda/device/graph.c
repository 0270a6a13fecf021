/* See graph.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/device/graph.h"

#include <stdlib.h>

void graph_drop(struct graph *g)
{
    gpu_program_destroy(g->program);
    gpu_graph_destroy(g->graph);
    free(g->node);
    g->program = g->graph = NULL;
    g->node = NULL;
}

void graph_clear(struct graph *g)
{
    graph_drop(g);
    commands_clear(&g->commands);
}

static void *node_of(struct graph *g, void *after, const struct command *c,
                     void *stream, struct error *err)
{
    struct gpu_kernel k;
    struct gpu_work w;

    switch (c->kind) {
    case COMMAND_KERNEL:
        k = command_kernel(c);
        return gpu_graph_kernel(g->graph, after, &k, err);
    case COMMAND_ZERO:
        return gpu_graph_zero(g->graph, after, c->to, c->bytes, err);
    case COMMAND_MOVE:
        return gpu_graph_move(g->graph, after, c->to, c->from, c->bytes, err);
    case COMMAND_WORK:
        w = command_work(c);
        return gpu_graph_work(g->graph, after, &w, stream, err);
    }
    return NULL;
}

int graph_build(struct graph *g, void *stream, struct error *err)
{
    const struct command *c = NULL;
    void *after = NULL;
    size_t i = 0;

    g->node = calloc(g->commands.count + 1, sizeof *g->node);
    if (!g->node)
        return error_memory(err);
    g->graph = gpu_graph_create(err);
    while (err->kind == ERROR_NONE && (c = commands_next(&g->commands, c)))
        after = g->node[i++] = node_of(g, after, c, stream, err);
    if (err->kind == ERROR_NONE)
        g->program = gpu_program_create(g->graph, err);
    if (err->kind == ERROR_NONE)
        return 0;
    graph_drop(g);
    return -1;
}

static void change(struct graph *g, void *node, const struct command *c,
                   struct error *err)
{
    struct gpu_kernel k;

    if (c->kind == COMMAND_KERNEL) {
        k = command_kernel(c);
        gpu_program_kernel(g->program, node, &k, err);
    } else if (c->kind == COMMAND_ZERO) {
        gpu_program_zero(g->program, node, c->to, c->bytes, err);
    } else {
        gpu_program_move(g->program, node, c->to, c->from, c->bytes, err);
    }
}

int graph_become(struct graph *g, struct commands *now, struct error *err)
{
    const struct command *was = NULL, *is = NULL;
    struct commands old = g->commands;
    size_t i = 0;

    while ((was = commands_next(&g->commands, was)) &&
           (is = commands_next(now, is))) {
        if (g->program && !command_same(was, is))
            change(g, g->node[i], is, err);
        i++;
    }
    g->commands = *now;
    *now = old;
    return err->kind == ERROR_NONE ? 0 : -1;
}
