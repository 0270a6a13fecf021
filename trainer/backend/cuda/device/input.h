/* input: what the host gives the device, on a stream of its own.
 *
 * Bytes go by pinned memory and a stage on the device, each in two halves, so
 * that they travel while the device still computes with those before them; only
 * the way from the stage to their place, at the speed of the device's memory,
 * takes its turn among the computations. The host waits when it is two halves
 * ahead. What fits into a half is not cut, so that steps look alike.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BACKEND_CUDA_DEVICE_INPUT_H
#define TRAINER_BACKEND_CUDA_DEVICE_INPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "trainer/backend/cuda/device/queue.h"

enum { INPUT_HALF = 64 << 20, INPUT_HALVES = 2, INPUT_ALIGNMENT = 256 };

struct input {
    void *stream;
    char *pinned, *stage;      /* [INPUT_HALVES][INPUT_HALF] */
    void *arrived;             /* events: at the stage, ... */
    void *taken[INPUT_HALVES]; /* ... and from it, all of a half */
    bool full[INPUT_HALVES];   /* there was a 'taken' for it */
    size_t half, used;         /* the one at hand, and bytes in it */
};

/* Returns 0, or -1 with 'err'; input_clear() in any case. */
int input_init(struct input *in, struct error *err);
void input_clear(struct input *in);

/* Bring 'bytes' to 'to' before what is given to 'q' from now on; 'from' may
 * change after the call. */
void input_give(struct input *in, void *to, const void *from, size_t bytes,
                struct queue *q, struct error *e);

#endif
