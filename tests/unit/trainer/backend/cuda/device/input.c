/* What the host gives the device arrives, and no half is written again before it
 * was taken. The file is not in a library that tests link; a device that does
 * its work when it is waited for stands here.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "trainer/backend/cuda/device/input.c"

enum { MOST = 64 };

/* Copies that were given and not done; a mark is how many had been given. */
static struct copy {
    char *to;
    const char *from;
    size_t bytes;
} copies[MOST];
static size_t given, done, waits;

static void do_up_to(size_t count)
{
    for (; done < count; done++)
        memcpy(copies[done].to, copies[done].from, copies[done].bytes);
}

static void give(void *to, const void *from, size_t bytes)
{
    assert_true(given < MOST);
    copies[given++] = (struct copy){ to, from, bytes };
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

void *gpu_event_create(struct error *e)
{
    (void)e;
    return calloc(1, sizeof(size_t));
}

void gpu_event_destroy(void *event)
{
    free(event);
}

void *gpu_allocate(size_t bytes, struct error *e)
{
    (void)e;
    return malloc(bytes);
}

void gpu_release(void *memory)
{
    free(memory);
}

void *gpu_pinned_allocate(size_t bytes, struct error *e)
{
    return gpu_allocate(bytes, e);
}

void gpu_pinned_release(void *memory)
{
    free(memory);
}

void gpu_upload(void *to, const void *from, size_t bytes, void *stream,
                struct error *e)
{
    (void)stream, (void)e;
    give(to, from, bytes);
}

void queue_move(struct queue *q, void *to, const void *from, size_t bytes,
                struct error *e)
{
    (void)q, (void)e;
    give(to, from, bytes);
}

void queue_follow(struct queue *q, void *before, void *event, struct error *e)
{
    (void)q, (void)before, (void)event, (void)e;
}

void queue_mark(struct queue *q, void *event, struct error *e)
{
    (void)q, (void)e;
    *(size_t *)event = given;
}

void queue_event_wait(struct queue *q, void *event, struct error *e)
{
    (void)q, (void)e;
    waits++;
    do_up_to(*(size_t *)event);
}

/* More than both halves, in pieces that fit none evenly. */
static void test_all_arrives_though_the_source_changes(void **state)
{
    const size_t pieces = 7, size = INPUT_HALF / 2 - 100;
    char *to = malloc(pieces * size), *from = malloc(size);
    struct error err = ERROR_INIT;
    struct input in;
    size_t i;

    (void)state;
    assert_non_null(to);
    assert_non_null(from);
    assert_int_equal(input_init(&in, &err), 0);
    for (i = 0; i < pieces; i++) {
        memset(from, (int)(1 + i), size);
        input_give(&in, to + i * size, from, size, NULL, &err);
    }
    memset(from, 0, size);
    do_up_to(given);
    for (i = 0; i < pieces; i++) {
        assert_int_equal(to[i * size], 1 + i);
        assert_memory_equal(to + i * size, to + i * size + 1, size - 1);
    }
    assert_int_equal(waits, 2); /* halves 1, 2, 1 again, 2 again */
    input_clear(&in);
    free(to);
    free(from);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_arrives_though_the_source_changes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
