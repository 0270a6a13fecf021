/* When the steps of a training are given piece by piece, made a graph, changed
 * and run again, and that the device does the same in any case. The files are
 * not in a library that tests link; a device of a few numbers stands here.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "trainer/backend/cuda/command.c"
#include "trainer/backend/cuda/graph.c"
#include "trainer/backend/cuda/queue.c"

/* --- a device ------------------------------------------------------------------- */

enum { MOST = 16 };

static long cells[4], other[4];
static struct {
    unsigned launched, built, changed, run, captured, waited, followed, marked;
} seen;
static bool cannot_capture, cannot_change, cannot_run;

/* cell = cell * factor + term; blocks are added, to see that they change too. */
static void compute(const struct gpu_kernel *k)
{
    long *cell = *(long **)k->argument[0];

    *cell = *cell * *(const long *)k->argument[1] +
            *(const int *)k->argument[2] + (long)k->blocks;
}

void gpu_launch(const struct gpu_kernel *k, void *stream, struct error *e)
{
    (void)stream, (void)e;
    seen.launched++;
    compute(k);
}

void gpu_zero(void *memory, size_t bytes, void *stream, struct error *e)
{
    (void)stream, (void)e;
    memset(memory, 0, bytes);
}

void gpu_move(void *to, const void *from, size_t bytes, void *stream,
              struct error *e)
{
    (void)stream, (void)e;
    memcpy(to, from, bytes);
}

void *gpu_stream_create(struct error *e)
{
    (void)e;
    return malloc(1);
}

void gpu_stream_destroy(void *stream)
{
    free(stream);
}

void gpu_wait(void *stream, struct error *e)
{
    (void)stream, (void)e;
    seen.waited++;
}

void gpu_event_wait(void *event, struct error *e)
{
    (void)event, (void)e;
    assert_int_not_equal(seen.marked, 0);
}

void gpu_mark(void *event, void *stream, struct error *e)
{
    (void)event, (void)stream, (void)e;
    seen.marked++;
}

void gpu_follow(void *stream, void *before, void *event, struct error *e)
{
    (void)stream, (void)before, (void)event, (void)e;
    seen.followed++;
}

/* --- its graphs: a program is the graph, with copies of all arguments ------------ */

struct node {
    struct gpu_kernel kernel; /* entry NULL: none */
    struct gpu_work work;
    long room[GPU_ARGUMENTS];
    void *to;
    const void *from;
    size_t bytes;
};

struct made {
    struct node node[MOST];
    size_t count;
};

void *gpu_graph_create(struct error *e)
{
    (void)e;
    return calloc(1, sizeof(struct made));
}

void gpu_graph_destroy(void *graph)
{
    free(graph);
}

static struct node *add_node(void *graph, void *after)
{
    struct made *g = graph;

    assert_ptr_equal(after, g->count > 0 ? &g->node[g->count - 1] : NULL);
    assert_true(g->count < MOST);
    return &g->node[g->count++];
}

void gpu_program_kernel(void *program, void *node, const struct gpu_kernel *k,
                        struct error *e)
{
    struct node *n = node;
    unsigned i;

    (void)program;
    seen.changed++;
    if (cannot_change) {
        error_set(e, "cannot change");
        return;
    }
    n->kernel = *k;
    for (i = 0; i < k->count; i++) {
        memcpy(&n->room[i], k->argument[i], k->size[i]);
        n->kernel.argument[i] = &n->room[i];
    }
}

void *gpu_graph_kernel(void *graph, void *after, const struct gpu_kernel *k,
                       struct error *e)
{
    bool was = cannot_change;
    struct node *n = add_node(graph, after);

    cannot_change = false;
    gpu_program_kernel(NULL, n, k, e);
    cannot_change = was;
    seen.changed--;
    return n;
}

void gpu_program_move(void *program, void *node, void *to, const void *from,
                      size_t bytes, struct error *e)
{
    struct node *n = node;

    (void)program, (void)e;
    seen.changed++;
    n->to = to;
    n->from = from;
    n->bytes = bytes;
}

void *gpu_graph_move(void *graph, void *after, void *to, const void *from,
                     size_t bytes, struct error *e)
{
    struct node *n = add_node(graph, after);

    gpu_program_move(NULL, n, to, from, bytes, e);
    seen.changed--;
    return n;
}

void *gpu_graph_zero(void *graph, void *after, void *memory, size_t bytes,
                     struct error *e)
{
    return gpu_graph_move(graph, after, memory, NULL, bytes, e);
}

void gpu_program_zero(void *program, void *node, void *memory, size_t bytes,
                      struct error *e)
{
    gpu_program_move(program, node, memory, NULL, bytes, e);
}

void *gpu_graph_work(void *graph, void *after, const struct gpu_work *w,
                     void *stream, struct error *e)
{
    struct node *n = add_node(graph, after);

    (void)stream;
    seen.captured++;
    if (cannot_capture) {
        error_set(e, "operation not permitted when stream is capturing");
        return NULL;
    }
    assert_true(w->bytes <= sizeof n->room);
    memcpy(n->room, w->arguments, w->bytes);
    n->work = (struct gpu_work){ w->give, n->room, w->bytes };
    return n;
}

void *gpu_program_create(void *graph, struct error *e)
{
    (void)e;
    seen.built++;
    return graph;
}

void gpu_program_destroy(void *program)
{
    (void)program; /* it is the graph */
}

void gpu_program_run(void *program, void *stream, struct error *e)
{
    struct made *g = program;
    size_t i;

    seen.run++;
    if (cannot_run) {
        error_set(e, "cannot run");
        return;
    }
    for (i = 0; i < g->count; i++) {
        struct node *n = &g->node[i];

        if (n->kernel.entry)
            compute(&n->kernel);
        else if (n->work.give)
            n->work.give(n->work.arguments, stream, e);
        else if (n->from)
            memcpy(n->to, n->from, n->bytes);
        else
            memset(n->to, 0, n->bytes);
    }
}

/* --- steps ------------------------------------------------------------------------ */

static void add_up(const void *arguments, void *stream, struct error *e)
{
    long *cell = *(long *const *)arguments;

    (void)stream, (void)e;
    cell[3] += cell[0] + cell[1] + cell[2];
}

static void give_kernel(struct queue *q, long *cell, long factor, int term,
                        unsigned blocks, struct error *e)
{
    static const char entry;
    struct gpu_kernel k = { "compute",
                            &entry,
                            blocks,
                            1,
                            3,
                            { &cell, &factor, &term },
                            { sizeof cell, sizeof factor, sizeof term } };

    queue_kernel(q, &k, e);
}

/* What a step does, with numbers of its own; some have a kernel more. */
static void step(struct queue *q, long *cell, long number, bool longer,
                 struct error *e)
{
    static long input[8]; /* stays as it is while it may be read */
    struct gpu_work work = { add_up, &cell, sizeof cell };

    input[number % 8] = number;
    queue_begin(q);
    queue_zero(q, &cell[0], sizeof *cell, e);
    queue_move(q, &cell[1], &input[number % 8], sizeof *cell, e);
    give_kernel(q, &cell[0], 1, (int)number, (unsigned)(number % 3), e);
    if (longer)
        give_kernel(q, &cell[1], 2, 1, 1, e);
    give_kernel(q, &cell[2], 3, 5, 1, e);
    queue_work(q, &work, e);
    queue_end(q, e);
}

/* The same steps given at once, whose numbers are right. */
static void step_plainly(long number, bool longer)
{
    struct error err = ERROR_INIT;
    struct queue q;

    assert_int_equal(queue_init(&q, false, &err), 0);
    step(&q, other, number, longer, &err);
    queue_clear(&q);
}

static void start(struct queue *q, struct error *err)
{
    memset(cells, 0, sizeof cells);
    memset(other, 0, sizeof other);
    *err = (struct error)ERROR_INIT;
    cannot_capture = cannot_change = cannot_run = false;
    assert_int_equal(queue_init(q, true, err), 0);
    memset(&seen, 0, sizeof seen);
}

static void steps(struct queue *q, long first, long end, bool longer,
                  struct error *err)
{
    for (; first < end; first++) {
        unsigned launched;

        step(q, cells, first, longer, err);
        launched = seen.launched;
        step_plainly(first, longer);
        seen.launched = launched;
        assert_memory_equal(cells, other, sizeof cells);
    }
}

static void test_the_second_step_of_a_kind_is_a_graph_and_later_ones_run_it(
    void **state)
{
    struct error err;
    struct queue q;

    (void)state;
    start(&q, &err);
    steps(&q, 1, 2, false, &err);
    assert_int_equal(seen.built, 0);
    assert_int_equal(seen.launched, 2);
    steps(&q, 2, 7, false, &err);
    assert_int_equal(seen.built, 1);
    assert_int_equal(seen.launched, 2);
    assert_int_equal(seen.run, 5);
    assert_int_equal(seen.captured, 1);
    assert_int_equal(seen.changed, 2 * 4); /* a move and a kernel of four */
    assert_int_equal(err.kind, ERROR_NONE);
    queue_clear(&q);
}

/* As the last batch of an epoch, which is smaller, and a few of other sizes. */
static void test_kinds_are_kept_beside_each_other(void **state)
{
    struct error err;
    struct queue q;

    (void)state;
    start(&q, &err);
    steps(&q, 1, 4, false, &err);
    steps(&q, 4, 5, true, &err);
    steps(&q, 5, 8, false, &err);
    steps(&q, 8, 10, true, &err);
    assert_int_equal(seen.built, 2);
    assert_int_equal(seen.launched, 2 + 3);
    queue_clear(&q);
}

static void test_who_waits_in_a_step_is_given_what_came_before(void **state)
{
    struct error err;
    struct queue q;

    (void)state;
    start(&q, &err);
    queue_begin(&q);
    give_kernel(&q, &cells[0], 1, 7, 0, &err);
    assert_int_equal(cells[0], 0);
    queue_wait(&q, &err);
    assert_int_equal(cells[0], 7);
    give_kernel(&q, &cells[0], 1, 1, 0, &err);
    assert_int_equal(cells[0], 8);
    queue_end(&q, &err);
    assert_int_equal(cells[0], 8);
    assert_int_equal(seen.launched, 2);
    queue_clear(&q);
}

static void test_other_streams_are_followed_before_and_marks_set_behind(
    void **state)
{
    char stream, event, taken;
    struct error err;
    struct queue q;

    (void)state;
    start(&q, &err);
    queue_begin(&q);
    queue_follow(&q, &stream, &event, &err);
    give_kernel(&q, &cells[0], 1, 7, 0, &err);
    queue_mark(&q, &taken, &err);
    queue_follow(&q, &stream, &event, &err);
    assert_int_equal(seen.followed, 0);
    assert_int_equal(seen.marked, 0);
    queue_end(&q, &err);
    assert_int_equal(seen.followed, 1);
    assert_int_equal(seen.marked, 1);
    queue_begin(&q);
    give_kernel(&q, &cells[0], 1, 7, 0, &err);
    queue_mark(&q, &taken, &err);
    queue_event_wait(&q, &taken, &err); /* not without what it is behind */
    assert_int_equal(cells[0], 14);
    assert_int_equal(seen.marked, 2);
    queue_end(&q, &err);
    queue_clear(&q);
}

static void test_a_graph_that_cannot_be_changed_is_built_anew(void **state)
{
    struct error err;
    struct queue q;

    (void)state;
    start(&q, &err);
    steps(&q, 1, 4, false, &err);
    cannot_change = true;
    steps(&q, 4, 6, false, &err);
    assert_int_equal(seen.built, 3);
    assert_true(q.graphs);
    assert_int_equal(err.kind, ERROR_NONE);
    queue_clear(&q);
}

static void test_without_graphs_it_goes_on(void **state)
{
    bool *const causes[] = { &cannot_capture, &cannot_run };
    struct error err;
    struct queue q;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof causes / sizeof *causes; i++) {
        start(&q, &err);
        *causes[i] = true;
        steps(&q, 1, 6, false, &err);
        assert_false(q.graphs);
        assert_int_equal(seen.run, causes[i] == &cannot_run);
        assert_int_equal(seen.captured, 1);
        assert_int_equal(err.kind, ERROR_NONE);
        queue_clear(&q);
    }
}

static void test_graphs_of_what_goes_away_are_forgotten(void **state)
{
    struct error err;
    struct queue q;

    (void)state;
    start(&q, &err);
    steps(&q, 1, 4, false, &err);
    queue_forget(&q, &err);
    assert_int_equal(seen.waited, 1);
    steps(&q, 4, 7, false, &err);
    assert_int_equal(seen.built, 2);
    assert_int_equal(seen.launched, 2 + 2);
    queue_clear(&q);
}

/* After a failure nothing is computed, and the list begins anew. */
static void test_a_failed_step_gives_nothing(void **state)
{
    struct error err;
    struct queue q;

    (void)state;
    start(&q, &err);
    steps(&q, 1, 4, false, &err);
    queue_begin(&q);
    give_kernel(&q, &cells[0], 1, 7, 0, &err);
    queue_begin(&q); /* the step before was left */
    queue_end(&q, &err);
    assert_int_equal(seen.run, 2);
    assert_int_equal(seen.launched, 2);
    queue_clear(&q);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            test_the_second_step_of_a_kind_is_a_graph_and_later_ones_run_it),
        cmocka_unit_test(test_kinds_are_kept_beside_each_other),
        cmocka_unit_test(test_who_waits_in_a_step_is_given_what_came_before),
        cmocka_unit_test(
            test_other_streams_are_followed_before_and_marks_set_behind),
        cmocka_unit_test(test_a_graph_that_cannot_be_changed_is_built_anew),
        cmocka_unit_test(test_without_graphs_it_goes_on),
        cmocka_unit_test(test_graphs_of_what_goes_away_are_forgotten),
        cmocka_unit_test(test_a_failed_step_gives_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
