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

#include "tests/gpu/emulated_graph.c"
#include "trainer/backend/cuda/device/command.c"
#include "trainer/backend/cuda/device/graph.c"
#include "trainer/backend/cuda/device/queue.c"

/* --- a device ------------------------------------------------------------------- */

static long cells[4], other[4];
static struct {
    unsigned launched, waited, followed, marked; /* outside graphs */
} seen;

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
    seen.launched += !emulated_graphs.running;
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

/* --- steps ------------------------------------------------------------------------ */

static void add_up(const void *arguments, void *stream, struct error *e)
{
    long *cell = *(long *const *)arguments;

    (void)stream, (void)e;
    cell[3] += cell[0] + cell[1] + cell[2];
}

static void give_kernel(struct queue *to, long *cell, long factor, int term,
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

    queue_kernel(to, &k, e);
}

/* What a step does, with numbers of its own; it has so many kernels more as its
 * kind says. */
static void step(struct queue *q, long *cell, long number, unsigned kind,
                 struct error *e)
{
    static long input[8]; /* stays as it is while it may be read */
    struct gpu_work work = { add_up, &cell, sizeof cell };

    input[number % 8] = number;
    queue_begin(q);
    queue_zero(q, &cell[0], sizeof *cell, e);
    queue_move(q, &cell[1], &input[number % 8], sizeof *cell, e);
    give_kernel(q, &cell[0], 1, (int)number, (unsigned)(number % 3), e);
    for (; kind > 0; kind--)
        give_kernel(q, &cell[1], 2, 1, 1, e);
    give_kernel(q, &cell[2], 3, 5, 1, e);
    queue_work(q, &work, e);
    queue_end(q, e);
}

/* The same steps given at once, whose numbers are right. */
static void step_plainly(long number, unsigned kind)
{
    struct error e = ERROR_INIT;
    struct queue plain;

    assert_int_equal(queue_init(&plain, false, &e), 0);
    step(&plain, other, number, kind, &e);
    queue_clear(&plain);
}

static struct queue q;
static struct error err;

static int start(void **state)
{
    (void)state;
    memset(cells, 0, sizeof cells);
    memset(other, 0, sizeof other);
    memset(&seen, 0, sizeof seen);
    memset(&emulated_graphs, 0, sizeof emulated_graphs);
    err = (struct error)ERROR_INIT;
    return queue_init(&q, true, &err);
}

static int end(void **state)
{
    (void)state;
    queue_clear(&q);
    return err.kind == ERROR_NONE ? 0 : -1;
}

/* Steps 'first' to 'last' - 1, each compared with the same given at once. */
static void steps(long first, long last, unsigned kind)
{
    for (; first < last; first++) {
        unsigned launched;

        step(&q, cells, first, kind, &err);
        launched = seen.launched;
        step_plainly(first, kind);
        seen.launched = launched;
        assert_memory_equal(cells, other, sizeof cells);
    }
}

static void test_the_second_step_of_a_kind_is_a_graph_and_later_ones_run_it(
    void **state)
{
    (void)state;
    steps(1, 2, 0);
    assert_int_equal(emulated_graphs.built, 0);
    assert_int_equal(seen.launched, 2);
    steps(2, 7, 0);
    assert_int_equal(emulated_graphs.built, 1);
    assert_int_equal(seen.launched, 2);
    assert_int_equal(emulated_graphs.run, 5);
    assert_int_equal(emulated_graphs.captured, 1);
    /* a move and a kernel of four */
    assert_int_equal(emulated_graphs.changed, 2 * 4);
}

/* As the last batch of an epoch, which is smaller, and a few of other sizes. */
static void test_kinds_are_kept_beside_each_other(void **state)
{
    (void)state;
    steps(1, 4, 0);
    steps(4, 5, 1);
    steps(5, 8, 0);
    steps(8, 10, 1);
    assert_int_equal(emulated_graphs.built, 2);
    assert_int_equal(seen.launched, 2 + 3);
}

static void test_the_kind_not_seen_for_longest_makes_room(void **state)
{
    unsigned kind;

    (void)state;
    for (kind = 0; kind < QUEUE_GRAPHS; kind++)
        steps(1, 3, kind);
    steps(3, 4, 0);
    steps(1, 3, QUEUE_GRAPHS); /* in place of kind 1 */
    assert_int_equal(emulated_graphs.built, QUEUE_GRAPHS + 1);
    seen.launched = 0;
    steps(4, 5, 0);
    assert_int_equal(seen.launched, 0);
    steps(4, 5, 1);
    assert_int_equal(seen.launched, 3);
}

static void test_who_waits_in_a_step_is_given_what_came_before(void **state)
{
    (void)state;
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
}

static void test_other_streams_are_followed_before_and_marks_set_behind(
    void **state)
{
    char stream, event, taken;

    (void)state;
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
}

static void test_a_graph_that_cannot_be_changed_is_built_anew(void **state)
{
    (void)state;
    steps(1, 4, 0);
    emulated_graphs.cannot_change = true;
    steps(4, 6, 0);
    assert_int_equal(emulated_graphs.built, 3);
    assert_true(q.graphs);
}

static void test_what_cannot_be_captured_goes_on_without_graphs(void **state)
{
    (void)state;
    emulated_graphs.cannot_capture = true;
    steps(1, 6, 0);
    assert_false(q.graphs);
    assert_int_equal(emulated_graphs.captured, 1);
    assert_int_equal(emulated_graphs.run, 0);
}

static void test_what_cannot_run_goes_on_without_graphs(void **state)
{
    (void)state;
    emulated_graphs.cannot_run = true;
    steps(1, 6, 0);
    assert_false(q.graphs);
    assert_int_equal(emulated_graphs.captured, 1);
    assert_int_equal(emulated_graphs.run, 1);
}

static void test_graphs_of_what_goes_away_are_forgotten(void **state)
{
    (void)state;
    steps(1, 4, 0);
    queue_forget(&q, &err);
    assert_int_equal(seen.waited, 1);
    steps(4, 7, 0);
    assert_int_equal(emulated_graphs.built, 2);
    assert_int_equal(seen.launched, 2 + 2);
}

/* As steps are after a failure: the list begins anew. */
static void test_a_step_that_was_left_gives_nothing(void **state)
{
    (void)state;
    steps(1, 4, 0);
    queue_begin(&q);
    give_kernel(&q, &cells[0], 1, 7, 0, &err);
    queue_begin(&q); /* the step before was left */
    queue_end(&q, &err);
    assert_int_equal(emulated_graphs.run, 2);
    assert_int_equal(seen.launched, 2);
}

#define AROUND(test) cmocka_unit_test_setup_teardown(test, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        AROUND(test_the_second_step_of_a_kind_is_a_graph_and_later_ones_run_it),
        AROUND(test_kinds_are_kept_beside_each_other),
        AROUND(test_the_kind_not_seen_for_longest_makes_room),
        AROUND(test_who_waits_in_a_step_is_given_what_came_before),
        AROUND(test_other_streams_are_followed_before_and_marks_set_behind),
        AROUND(test_a_graph_that_cannot_be_changed_is_built_anew),
        AROUND(test_what_cannot_be_captured_goes_on_without_graphs),
        AROUND(test_what_cannot_run_goes_on_without_graphs),
        AROUND(test_graphs_of_what_goes_away_are_forgotten),
        AROUND(test_a_step_that_was_left_gives_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
