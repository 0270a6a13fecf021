/* gpu: the door to the CUDA runtime.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/gpu.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include <cuda_runtime_api.h>

/* Any kernel of the plug-in: whether it can be loaded says whether there is
 * code for the device. */
const void *kernel_of_ours(void);

/* The runtime keeps an error until it is asked for; ask, so that the next call
 * does not find ours. True when the call went well. */
static bool good(cudaError_t code, const char *call, const char *file, int line,
                 struct error *e)
{
    if (code == cudaSuccess)
        return true;
    cudaGetLastError();
    if (e && e->kind == ERROR_NONE) {
        error_set(e, "%s: %s", call, cudaGetErrorString(code));
        error_where(e, "%s:%d", file, line);
        if (code == cudaErrorMemoryAllocation)
            error_hint(e, "take a smaller batch.size or model");
    }
    return false;
}

/* Do the call unless something failed before. */
#define TRY(e, call)                                                           \
    good((e)->kind == ERROR_NONE ? (call) : cudaErrorUnknown, #call, __FILE__, \
         __LINE__, e)

static bool ask(struct gpu_facts *f, cudaError_t code)
{
    if (code == cudaSuccess)
        return true;
    cudaGetLastError();
    snprintf(f->trouble, sizeof f->trouble, "%s", cudaGetErrorString(code));
    return false;
}

static int attribute(enum cudaDeviceAttr which, int device)
{
    int value = 0;

    if (cudaDeviceGetAttribute(&value, which, device) != cudaSuccess)
        cudaGetLastError();
    return value;
}

static bool has_our_code(void)
{
    struct cudaFuncAttributes attributes;
    bool yes =
        cudaFuncGetAttributes(&attributes, kernel_of_ours()) == cudaSuccess;

    cudaGetLastError();
    return yes;
}

void gpu_look(int local, struct gpu_facts *f)
{
    struct cudaDeviceProp p;
    int device;

    *f = (struct gpu_facts){ 0 };
    cudaDriverGetVersion(&f->driver);
    cudaRuntimeGetVersion(&f->runtime);
    if (!ask(f, cudaGetDeviceCount(&f->devices)) || f->devices == 0)
        return;
    f->device = device =
        gpu_place(local, f->devices, getenv("CUDA_VISIBLE_DEVICES"),
                  getenv("SLURM_STEP_GPUS"));
    if (!ask(f, cudaGetDeviceProperties(&p, device)) ||
        !ask(f, cudaSetDevice(device)))
        return;
    snprintf(f->name, sizeof f->name, "%s", p.name);
    f->major = p.major;
    f->minor = p.minor;
    f->multiprocessors = p.multiProcessorCount;
    f->memory = p.totalGlobalMem;
    f->bandwidth = 2e3 * attribute(cudaDevAttrMemoryClockRate, device) *
                   p.memoryBusWidth / 8;
    f->runs_our_code = has_our_code();
}

int gpu_use(int device, struct error *err)
{
    return TRY(err, cudaSetDevice(device)) ? 0 : -1;
}

void *gpu_stream_create(struct error *e)
{
    cudaStream_t stream = NULL;

    return TRY(e, cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking))
               ? stream
               : NULL;
}

void gpu_stream_destroy(void *stream)
{
    if (stream)
        cudaStreamDestroy(stream);
}

static void (*watch)(struct error *e);

void gpu_watch(void (*check)(struct error *e))
{
    watch = check;
}

static cudaError_t query_stream(void *stream)
{
    return cudaStreamQuery(stream);
}

static cudaError_t query_event(void *event)
{
    return cudaEventQuery(event);
}

/* A kernel that waits for another rank cannot be left once the host waits in
 * cudaStreamSynchronize(). "Not ready" counts as an error of the runtime, too. */
static void wait_watched(cudaError_t (*query)(void *), void *of,
                         struct error *e)
{
    cudaError_t state = cudaErrorNotReady;

    while (e->kind == ERROR_NONE && (state = query(of)) == cudaErrorNotReady) {
        cudaGetLastError();
        watch(e);
        sched_yield();
    }
    if (state != cudaErrorNotReady)
        TRY(e, state);
}

void gpu_wait(void *stream, struct error *e)
{
    if (watch)
        wait_watched(query_stream, stream, e);
    else
        TRY(e, cudaStreamSynchronize(stream));
}

void *gpu_event_create(struct error *e)
{
    cudaEvent_t event = NULL;

    return TRY(e, cudaEventCreateWithFlags(&event, cudaEventDisableTiming))
               ? event
               : NULL;
}

void gpu_event_destroy(void *event)
{
    if (event)
        cudaEventDestroy(event);
}

void gpu_mark(void *event, void *stream, struct error *e)
{
    TRY(e, cudaEventRecord(event, stream));
}

void gpu_event_wait(void *event, struct error *e)
{
    if (watch)
        wait_watched(query_event, event, e);
    else
        TRY(e, cudaEventSynchronize(event));
}

void gpu_follow(void *stream, void *before, void *event, struct error *e)
{
    gpu_mark(event, before, e);
    TRY(e, cudaStreamWaitEvent(stream, event, 0));
}

void *gpu_allocate(size_t bytes, struct error *e)
{
    void *memory = NULL;

    return TRY(e, cudaMalloc(&memory, bytes)) ? memory : NULL;
}

void gpu_release(void *memory)
{
    if (memory)
        cudaFree(memory);
}

void *gpu_pinned_allocate(size_t bytes, struct error *e)
{
    void *memory = NULL;

    return TRY(e, cudaMallocHost(&memory, bytes)) ? memory : NULL;
}

void gpu_pinned_release(void *memory)
{
    if (memory)
        cudaFreeHost(memory);
}

void gpu_upload(void *to, const void *from, size_t bytes, void *stream,
                struct error *e)
{
    TRY(e, cudaMemcpyAsync(to, from, bytes, cudaMemcpyHostToDevice, stream));
}

void gpu_download(void *to, const void *from, size_t bytes, void *stream,
                  struct error *e)
{
    TRY(e, cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToHost, stream));
}

void gpu_move(void *to, const void *from, size_t bytes, void *stream,
              struct error *e)
{
    TRY(e, cudaMemcpyAsync(to, from, bytes, cudaMemcpyDeviceToDevice, stream));
}

void gpu_zero(void *memory, size_t bytes, void *stream, struct error *e)
{
    TRY(e, cudaMemsetAsync(memory, 0, bytes, stream));
}

void gpu_launched(const char *kernel, const char *file, int line,
                  struct error *e)
{
    good(cudaGetLastError(), kernel, file, line, e);
}
