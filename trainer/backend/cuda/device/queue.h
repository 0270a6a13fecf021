/* queue: what the backend gives its device: at once, or, in a step of training,
 * noted down and given as one CUDA graph at the step's end.
 *
 * The first step of its kind (batch size, positions, memory) is given piece by
 * piece, which also loads every kernel; the second is made a graph; later ones
 * change what differs and run it, one call for hundreds. Several kinds are kept
 * and found again. Whatever needs the device's answer in the middle of a step
 * gives what was noted so far, and the rest of that step goes at once. So a graph
 * never does anything but what its step noted, and a step that cannot be a graph
 * is given as if there were none.
 *
 * When a graph cannot be made or run that is said once, and from then on all is
 * given at once; SENTEI_CUDA_GRAPH=0 asks for that, and with several ranks it is
 * so: their steps meet the hosts' messages in the middle, and NCCL must be able
 * to end what it is in the middle of.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BACKEND_CUDA_DEVICE_QUEUE_H
#define TRAINER_BACKEND_CUDA_DEVICE_QUEUE_H

#include "trainer/backend/cuda/device/graph.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { QUEUE_GRAPHS = 4, QUEUE_MARKS = 2 };

struct queue {
    void *stream;
    bool graphs; /* whether steps become graphs */
    bool noting; /* in such a step */
    struct commands now;
    struct graph kept[QUEUE_GRAPHS];
    size_t used_at[QUEUE_GRAPHS], clock; /* the oldest makes room */
    void *before, *event;     /* what is given next comes after 'before' */
    void *marks[QUEUE_MARKS]; /* to be set behind it */
    size_t mark_count;
};

/* With 'graphs' steps may become graphs. Returns 0, or -1 with 'err';
 * queue_clear() in any case. */
int queue_init(struct queue *q, bool graphs, struct error *err);
void queue_clear(struct queue *q);

/* A step begins and ends; at its end the device has all of it. */
void queue_begin(struct queue *q);
void queue_end(struct queue *q, struct error *e);

/* From now on nothing becomes a graph. */
void queue_straight(struct queue *q, struct error *e);

/* Give work. The arguments of queue_work() have no gaps and point to nothing that
 * may change, but on the device: they are compared byte by byte. */
void queue_kernel(struct queue *q, const struct gpu_kernel *k, struct error *e);
void queue_zero(struct queue *q, void *memory, size_t bytes, struct error *e);
void queue_move(struct queue *q, void *to, const void *from, size_t bytes,
                struct error *e);
void queue_work(struct queue *q, const struct gpu_work *w, struct error *e);

/* As gpu_follow() and gpu_mark(), for this queue. */
void queue_follow(struct queue *q, void *before, void *event, struct error *e);
void queue_mark(struct queue *q, void *event, struct error *e);

/* Give what was noted of the step so far, and what follows at once. */
void queue_give(struct queue *q, struct error *e);

/* Wait for a mark that was set; for all that was given. */
void queue_event_wait(struct queue *q, void *event, struct error *e);
void queue_wait(struct queue *q, struct error *e);

/* What calls of queue_work() refer to is about to go or change: wait, and forget
 * the graphs that were made of them. */
void queue_forget(struct queue *q, struct error *e);

#ifdef __cplusplus
}
#endif

#endif
