/* See emulated_graph.h. A graph is a list of what its nodes were told, a program a
 * copy of that list; running it does what the list says. Arguments are copied, as
 * CUDA does.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/gpu/emulated_graph.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { MOST_NODES = 1 << 14, ROOM = 512 };

struct node {
    struct gpu_kernel kernel; /* entry NULL: none */
    gpu_give *give;           /* or NULL */
    void *to;
    const void *from; /* NULL: zeros */
    size_t bytes;
    _Alignas(16) char room[ROOM]; /* of arguments */
};

/* A graph, or a program made of one. */
struct emulated {
    const struct emulated *of; /* a program's graph */
    struct node *node;         /* [MOST_NODES], which stay where they are */
    size_t count;
};

struct emulated_graphs emulated_graphs;

static struct emulated *create(const struct emulated *like, struct error *e)
{
    struct emulated *g = calloc(1, sizeof *g);

    if (g)
        g->node = calloc(MOST_NODES, sizeof *g->node);
    if (!g || !g->node) {
        error_memory(e);
        free(g);
        return NULL;
    }
    if (like) {
        g->of = like;
        g->count = like->count;
        memcpy(g->node, like->node, like->count * sizeof *g->node);
    }
    return g;
}

static void destroy(void *of)
{
    struct emulated *g = of;

    if (g)
        free(g->node);
    free(g);
}

void *gpu_graph_create(struct error *e)
{
    return create(NULL, e);
}

void gpu_graph_destroy(void *graph)
{
    destroy(graph);
}

/* Nodes come one after the other. */
static struct node *add_node(void *graph, void *after, struct error *e)
{
    struct emulated *g = graph;

    if (g->count == MOST_NODES ||
        after != (g->count > 0 ? &g->node[g->count - 1] : NULL)) {
        error_set(e, "the emulated graph has no place for a node");
        return NULL;
    }
    return &g->node[g->count++];
}

static void set_kernel(struct node *n, const struct gpu_kernel *k,
                       struct error *e)
{
    size_t used = 0;
    unsigned i;

    n->kernel = *k;
    for (i = 0; i < k->count; i++) {
        if (used + k->size[i] > ROOM) {
            error_set(e, "%s: no room for its arguments", k->name);
            return;
        }
        memcpy(n->room + used, k->argument[i], k->size[i]);
        n->kernel.argument[i] = (void *)used; /* the place in 'room' */
        used += (k->size[i] + 15) / 16 * 16;
    }
}

void *gpu_graph_kernel(void *graph, void *after, const struct gpu_kernel *k,
                       struct error *e)
{
    struct node *n = add_node(graph, after, e);

    if (n)
        set_kernel(n, k, e);
    return n;
}

static void *add_copy(void *graph, void *after, void *to, const void *from,
                      size_t bytes, struct error *e)
{
    struct node *n = add_node(graph, after, e);

    if (n) {
        n->to = to;
        n->from = from;
        n->bytes = bytes;
    }
    return n;
}

void *gpu_graph_zero(void *graph, void *after, void *memory, size_t bytes,
                     struct error *e)
{
    return add_copy(graph, after, memory, NULL, bytes, e);
}

void *gpu_graph_move(void *graph, void *after, void *to, const void *from,
                     size_t bytes, struct error *e)
{
    return add_copy(graph, after, to, from, bytes, e);
}

void *gpu_graph_work(void *graph, void *after, const struct gpu_work *w,
                     void *stream, struct error *e)
{
    struct node *n = add_node(graph, after, e);

    (void)stream;
    if (!n)
        return NULL;
    emulated_graphs.captured++;
    if (emulated_graphs.cannot_capture) {
        error_set(e, "operation not permitted when stream is capturing");
        return NULL;
    }
    if (w->bytes > ROOM) {
        error_set(e, "no room for the arguments of a library's work");
        return NULL;
    }
    n->give = w->give;
    memcpy(n->room, w->arguments, w->bytes);
    return n;
}

void *gpu_program_create(void *graph, struct error *e)
{
    emulated_graphs.built++;
    return create(graph, e);
}

void gpu_program_destroy(void *program)
{
    destroy(program);
}

/* The program's node for one of its graph, which is about to be changed. */
static struct node *to_change(void *program, const void *node, struct error *e)
{
    struct emulated *p = program;

    emulated_graphs.changed++;
    if (emulated_graphs.cannot_change)
        error_set(e, "the emulated program cannot be changed");
    return &p->node[(const struct node *)node - p->of->node];
}

void gpu_program_kernel(void *program, void *node, const struct gpu_kernel *k,
                        struct error *e)
{
    set_kernel(to_change(program, node, e), k, e);
}

void gpu_program_zero(void *program, void *node, void *memory, size_t bytes,
                      struct error *e)
{
    gpu_program_move(program, node, memory, NULL, bytes, e);
}

void gpu_program_move(void *program, void *node, void *to, const void *from,
                      size_t bytes, struct error *e)
{
    struct node *n = to_change(program, node, e);

    n->to = to;
    n->from = from;
    n->bytes = bytes;
}

static void run_node(const struct node *n, void *stream, struct error *e)
{
    struct gpu_kernel k = n->kernel;
    unsigned i;

    for (i = 0; i < k.count; i++)
        k.argument[i] =
            (void *)(uintptr_t)(n->room + (uintptr_t)n->kernel.argument[i]);
    if (k.entry)
        gpu_launch(&k, stream, e);
    else if (n->give)
        n->give(n->room, stream, e);
    else if (n->from)
        gpu_move(n->to, n->from, n->bytes, stream, e);
    else
        gpu_zero(n->to, n->bytes, stream, e);
}

void gpu_program_run(void *program, void *stream, struct error *e)
{
    const struct emulated *p = program;
    size_t i;

    emulated_graphs.run++;
    if (emulated_graphs.cannot_run)
        error_set(e, "the emulated program cannot run");
    emulated_graphs.running = true;
    for (i = 0; i < p->count && e->kind == ERROR_NONE; i++)
        run_node(&p->node[i], stream, e);
    emulated_graphs.running = false;
}
