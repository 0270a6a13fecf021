/* See input.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/device/input.h"

#include <string.h>

#include "trainer/backend/cuda/device/gpu.h"

int input_init(struct input *in, struct error *err)
{
    const size_t bytes = (size_t)INPUT_HALVES * INPUT_HALF;
    size_t i;

    *in = (struct input){ 0 };
    in->stream = gpu_stream_create(err);
    in->arrived = gpu_event_create(err);
    for (i = 0; i < INPUT_HALVES; i++)
        in->taken[i] = gpu_event_create(err);
    in->pinned = gpu_pinned_allocate(bytes, err);
    in->stage = gpu_allocate(bytes, err);
    return in->pinned && in->stage ? 0 : -1;
}

void input_clear(struct input *in)
{
    size_t i;

    gpu_release(in->stage);
    gpu_pinned_release(in->pinned);
    for (i = 0; i < INPUT_HALVES; i++)
        gpu_event_destroy(in->taken[i]);
    gpu_event_destroy(in->arrived);
    gpu_stream_destroy(in->stream);
    *in = (struct input){ 0 };
}

/* This half is full: go on in the other, once all of it has been taken. */
static void turn(struct input *in, struct queue *q, struct error *e)
{
    queue_mark(q, in->taken[in->half], e);
    in->full[in->half] = true;
    in->half = (in->half + 1) % INPUT_HALVES;
    in->used = 0;
    if (in->full[in->half])
        queue_event_wait(q, in->taken[in->half], e);
}

void input_give(struct input *in, void *to, const void *from, size_t bytes,
                struct queue *q, struct error *e)
{
    size_t done, piece, at;

    for (done = 0; done < bytes; done += piece) {
        piece = bytes - done < INPUT_HALF ? bytes - done : INPUT_HALF;
        if (in->used + piece > INPUT_HALF)
            turn(in, q, e);
        at = in->half * INPUT_HALF + in->used;
        memcpy(in->pinned + at, (const char *)from + done, piece);
        gpu_upload(in->stage + at, in->pinned + at, piece, in->stream, e);
        queue_follow(q, in->stream, in->arrived, e);
        queue_move(q, (char *)to + done, in->stage + at, piece, e);
        in->used +=
            (piece + INPUT_ALIGNMENT - 1) / INPUT_ALIGNMENT * INPUT_ALIGNMENT;
    }
}
