/* gpu: what the backend needs of the CUDA runtime; gpu.c is the door to it.
 *
 * Streams are passed as pointers to nothing in particular, so that
 * tests can put threads of this machine's processor in the device's place.
 * Work on a stream runs in the order it was given; calls that give work return
 * before it is done.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BACKEND_CUDA_DEVICE_GPU_H
#define TRAINER_BACKEND_CUDA_DEVICE_GPU_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What there is on this machine, as far as the runtime can say. */
struct gpu_facts {
    char trouble[256]; /* what the runtime says instead, or "" */
    int devices;
    int driver, runtime; /* CUDA versions, 1000 major + 10 minor */
    char name[256];      /* of the device asked for, as what follows */
    int major, minor;    /* compute capability */
    int multiprocessors;
    size_t memory;      /* bytes */
    double bandwidth;   /* bytes a second, by the data sheet; 0: not told */
    bool runs_our_code; /* the plug-in has code for it */
    int device;         /* its number among those there are */
};

/* Which of 'devices' visible ones is for the process that is number 'local' of
 * its node, taken round. 'visible' and 'step' are CUDA_VISIBLE_DEVICES and
 * SLURM_STEP_GPUS, or NULL: where Slurm binds a step to some GPUs of a node and
 * hides none, only the second tells which. */
int gpu_place(int local, int devices, const char *visible, const char *step);

/* Look at the device that is for number 'local' of this node, see gpu_place(). */
void gpu_look(int local, struct gpu_facts *f);

/* 0 when the facts allow the backend to run, else -1 with 'err' (kind USAGE):
 * what is missing and what to do about it. */
int gpu_judge(const struct gpu_facts *f, struct error *err);

/* Use the device of this number in this thread from now on. */
int gpu_use(int device, struct error *err);

/* The functions below put the first failure down in '*e' (once it holds one
 * they do nothing) and return NULL or false then. */
void *gpu_stream_create(struct error *e);
void gpu_stream_destroy(void *stream);

/* Wait for all that was given to the stream. */
void gpu_wait(void *stream, struct error *e);

/* From now on gpu_wait() asks 'check' while it waits and ends when that puts a
 * failure down: what a stream waits for may never come, when it is another
 * rank's. NULL: no more. One for a process. */
void gpu_watch(void (*check)(struct error *e));

/* A mark in a stream, for gpu_follow(). */
void *gpu_event_create(struct error *e);
void gpu_event_destroy(void *event);

/* Put the mark at the end of what was given to the stream; wait until it is
 * reached. */
void gpu_mark(void *event, void *stream, struct error *e);
void gpu_event_wait(void *event, struct error *e);

/* What is given to 'stream' from now on begins when all that was given to
 * 'before' is done; 'event' may be used again at once. Nobody waits here. */
void gpu_follow(void *stream, void *before, void *event, struct error *e);

/* Device memory, and memory of the host that the device can read. */
void *gpu_allocate(size_t bytes, struct error *e);
void gpu_release(void *memory);
void *gpu_pinned_allocate(size_t bytes, struct error *e);
void gpu_pinned_release(void *memory);

void gpu_upload(void *to, const void *from, size_t bytes, void *stream,
                struct error *e);
void gpu_download(void *to, const void *from, size_t bytes, void *stream,
                  struct error *e);
/* From one place of the device to another. */
void gpu_move(void *to, const void *from, size_t bytes, void *stream,
              struct error *e);
void gpu_zero(void *memory, size_t bytes, void *stream, struct error *e);

/* A kernel and what it is given, in the host's memory until the call returns. */
enum { GPU_ARGUMENTS = 16 }; /* at most */

struct gpu_kernel {
    const char *name;
    const void *entry;
    unsigned blocks, threads, count; /* 'count' arguments */
    void *argument[GPU_ARGUMENTS];
    size_t size[GPU_ARGUMENTS];
};

void gpu_launch(const struct gpu_kernel *k, void *stream, struct error *e);

/* --- CUDA graphs -------------------------------------------------------------
 * A graph is a description of work: nodes, each after the one of 'after' (NULL:
 * the first). A program is made of a graph, which stays until the program was
 * destroyed, and gives all of its work to a stream in one call. */

/* Work that libraries give to a stream themselves. */
typedef void gpu_give(const void *arguments, void *stream, struct error *e);

struct gpu_work {
    gpu_give *give;
    const void *arguments;
    size_t bytes;
};

void *gpu_graph_create(struct error *e);
void gpu_graph_destroy(void *graph);
void *gpu_graph_kernel(void *graph, void *after, const struct gpu_kernel *k,
                       struct error *e);
void *gpu_graph_zero(void *graph, void *after, void *memory, size_t bytes,
                     struct error *e);
void *gpu_graph_move(void *graph, void *after, void *to, const void *from,
                     size_t bytes, struct error *e);

/* What it gives, captured: 'stream' lends itself for it and is given nothing. */
void *gpu_graph_work(void *graph, void *after, const struct gpu_work *w,
                     void *stream, struct error *e);

void *gpu_program_create(void *graph, struct error *e);
void gpu_program_destroy(void *program);

/* From the next run on a node does this: a kernel of the same entry and threads,
 * as many bytes of zeros, any move. */
void gpu_program_kernel(void *program, void *node, const struct gpu_kernel *k,
                        struct error *e);
void gpu_program_zero(void *program, void *node, void *memory, size_t bytes,
                      struct error *e);
void gpu_program_move(void *program, void *node, void *to, const void *from,
                      size_t bytes, struct error *e);
void gpu_program_run(void *program, void *stream, struct error *e);

#ifdef __cplusplus
}
#endif

#endif
