/* See queue.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/device/queue.h"

#include "base/log.h"

int queue_init(struct queue *q, bool graphs, struct error *err)
{
    *q = (struct queue){ .graphs = graphs };
    q->stream = gpu_stream_create(err);
    return q->stream ? 0 : -1;
}

static void clear_graphs(struct queue *q)
{
    size_t i;

    for (i = 0; i < QUEUE_GRAPHS; i++)
        graph_clear(&q->kept[i]);
}

void queue_clear(struct queue *q)
{
    clear_graphs(q);
    commands_clear(&q->now);
    gpu_stream_destroy(q->stream);
    *q = (struct queue){ 0 };
}

/* --- giving what was noted ------------------------------------------------------ */

/* What comes before and behind the commands of a step, in a graph or not. */
static void open_gate(struct queue *q, struct error *e)
{
    if (q->before)
        gpu_follow(q->stream, q->before, q->event, e);
    q->before = NULL;
}

static void set_marks(struct queue *q, struct error *e)
{
    size_t i;

    for (i = 0; i < q->mark_count; i++)
        gpu_mark(q->marks[i], q->stream, e);
    q->mark_count = 0;
}

void queue_give(struct queue *q, struct error *e)
{
    if (!q->noting)
        return;
    q->noting = false;
    open_gate(q, e);
    commands_give(&q->now, q->stream, e);
    set_marks(q, e);
}

/* --- graphs ---------------------------------------------------------------------- */

static void give_up(struct queue *q, const struct error *why)
{
    q->graphs = false;
    log_note("steps are no CUDA graphs from here on, and slower for it: %s",
             why->what);
}

/* The kept one that is like this step, which is not empty, or NULL. */
static struct graph *find(struct queue *q)
{
    size_t i;

    for (i = 0; i < QUEUE_GRAPHS && q->now.count > 0; i++)
        if (commands_alike(&q->kept[i].commands, &q->now)) {
            q->used_at[i] = ++q->clock;
            return &q->kept[i];
        }
    return NULL;
}

/* Forget what was built; it may run still. */
static void drop(struct queue *q, struct graph *g, struct error *e)
{
    if (g->program)
        gpu_wait(q->stream, e);
    graph_drop(g);
}

/* Give a step of a new kind piece by piece, and keep its list in place of the
 * one that was not used for longest. */
static void keep(struct queue *q, struct error *e)
{
    size_t oldest = 0, i;

    for (i = 1; i < QUEUE_GRAPHS; i++)
        if (q->used_at[i] < q->used_at[oldest])
            oldest = i;
    drop(q, &q->kept[oldest], e);
    q->used_at[oldest] = ++q->clock;
    commands_give(&q->now, q->stream, e);
    graph_become(&q->kept[oldest], &q->now, e);
}

/* Give the step as graph 'g'. */
static void run(struct queue *q, struct graph *g, struct error *e)
{
    struct error why = ERROR_INIT;
    bool built = g->program != NULL;

    if (graph_become(g, &q->now, &why) < 0)
        drop(q, g, e); /* it may be built anew */
    why = (struct error)ERROR_INIT;
    if (!g->program && graph_build(g, q->stream, &why) == 0)
        log_trace("cuda", "a step of %zu commands is %s graph",
                  g->commands.count, built ? "another" : "a");
    if (g->program)
        gpu_program_run(g->program, q->stream, &why);
    if (why.kind == ERROR_NONE)
        return;
    give_up(q, &why);
    commands_give(&g->commands, q->stream, e);
}

void queue_begin(struct queue *q)
{
    q->noting = q->graphs;
    q->now.used = q->now.count = q->mark_count = 0;
    q->before = NULL;
}

void queue_end(struct queue *q, struct error *e)
{
    struct graph *g;

    if (!q->noting)
        return;
    q->noting = false;
    open_gate(q, e);
    g = find(q);
    if (g && e->kind == ERROR_NONE)
        run(q, g, e);
    else if (q->now.count > 0)
        keep(q, e);
    set_marks(q, e);
}

void queue_straight(struct queue *q, struct error *e)
{
    queue_give(q, e);
    q->graphs = false;
}

/* --- work -------------------------------------------------------------------------- */

/* Where memory for a note is out, what was noted is given and this at once. */
static bool noted(struct queue *q, int rc, struct error *e)
{
    if (q->noting && rc == 0)
        return true;
    queue_give(q, e);
    return false;
}

void queue_kernel(struct queue *q, const struct gpu_kernel *k, struct error *e)
{
    if (!noted(q, q->noting ? commands_kernel(&q->now, k) : 0, e))
        gpu_launch(k, q->stream, e);
}

void queue_zero(struct queue *q, void *memory, size_t bytes, struct error *e)
{
    if (bytes > 0 &&
        !noted(q, q->noting ? commands_zero(&q->now, memory, bytes) : 0, e))
        gpu_zero(memory, bytes, q->stream, e);
}

void queue_move(struct queue *q, void *to, const void *from, size_t bytes,
                struct error *e)
{
    if (bytes > 0 &&
        !noted(q, q->noting ? commands_move(&q->now, to, from, bytes) : 0, e))
        gpu_move(to, from, bytes, q->stream, e);
}

void queue_work(struct queue *q, const struct gpu_work *w, struct error *e)
{
    if (!noted(q, q->noting ? commands_work(&q->now, w) : 0, e) &&
        e->kind == ERROR_NONE)
        w->give(w->arguments, q->stream, e);
}

void queue_follow(struct queue *q, void *before, void *event, struct error *e)
{
    if (q->noting && q->before && q->before != before)
        queue_give(q, e);
    if (!q->noting) {
        gpu_follow(q->stream, before, event, e);
        return;
    }
    q->before = before;
    q->event = event;
}

void queue_mark(struct queue *q, void *event, struct error *e)
{
    if (q->noting && q->mark_count == QUEUE_MARKS)
        queue_give(q, e);
    if (q->noting)
        q->marks[q->mark_count++] = event;
    else
        gpu_mark(event, q->stream, e);
}

void queue_event_wait(struct queue *q, void *event, struct error *e)
{
    size_t i;

    for (i = 0; i < q->mark_count; i++)
        if (q->marks[i] == event) {
            queue_give(q, e);
            break;
        }
    gpu_event_wait(event, e);
}

void queue_wait(struct queue *q, struct error *e)
{
    queue_give(q, e);
    gpu_wait(q->stream, e);
}

void queue_forget(struct queue *q, struct error *e)
{
    queue_wait(q, e);
    clear_graphs(q);
}
