/* gpu: the door to the CUDA runtime.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/device/gpu.h"

#include <sched.h>
#include <stdint.h>
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

static dim3 line_of(unsigned count)
{
    return (dim3){ count, 1, 1 };
}

void gpu_launch(const struct gpu_kernel *k, void *stream, struct error *e)
{
    if (e->kind == ERROR_NONE)
        good(cudaLaunchKernel(k->entry, line_of(k->blocks), line_of(k->threads),
                              (void **)k->argument, 0, stream),
             k->name, __FILE__, __LINE__, e);
}

/* --- graphs ------------------------------------------------------------------ */

void *gpu_graph_create(struct error *e)
{
    cudaGraph_t graph = NULL;

    return TRY(e, cudaGraphCreate(&graph, 0)) ? graph : NULL;
}

void gpu_graph_destroy(void *graph)
{
    if (graph)
        cudaGraphDestroy(graph);
}

static struct cudaKernelNodeParams kernel_of(const struct gpu_kernel *k)
{
    return (struct cudaKernelNodeParams){
        .func = (void *)(uintptr_t)k->entry,
        .gridDim = line_of(k->blocks),
        .blockDim = line_of(k->threads),
        .kernelParams = (void **)k->argument,
    };
}

static struct cudaMemsetParams zeros_of(void *memory, size_t bytes)
{
    return (struct cudaMemsetParams){
        .dst = memory, .elementSize = 1, .width = bytes, .height = 1
    };
}

void *gpu_graph_kernel(void *graph, void *after, const struct gpu_kernel *k,
                       struct error *e)
{
    struct cudaKernelNodeParams p = kernel_of(k);
    cudaGraphNode_t node = NULL, before = after;

    return TRY(e,
               cudaGraphAddKernelNode(&node, graph, &before, after != NULL, &p))
               ? node
               : NULL;
}

void *gpu_graph_zero(void *graph, void *after, void *memory, size_t bytes,
                     struct error *e)
{
    struct cudaMemsetParams p = zeros_of(memory, bytes);
    cudaGraphNode_t node = NULL, before = after;

    return TRY(e,
               cudaGraphAddMemsetNode(&node, graph, &before, after != NULL, &p))
               ? node
               : NULL;
}

void *gpu_graph_move(void *graph, void *after, void *to, const void *from,
                     size_t bytes, struct error *e)
{
    cudaGraphNode_t node = NULL, before = after;

    return TRY(e, cudaGraphAddMemcpyNode1D(&node, graph, &before, after != NULL,
                                           to, from, bytes,
                                           cudaMemcpyDeviceToDevice))
               ? node
               : NULL;
}

/* Relaxed: what libraries do at the host meanwhile, like loading a kernel, is
 * theirs. A capture that was begun is ended also after a failure. */
void *gpu_graph_work(void *graph, void *after, const struct gpu_work *w,
                     void *stream, struct error *e)
{
    cudaGraphNode_t node = NULL, before = after;
    cudaGraph_t part = NULL;
    cudaError_t ended;

    if (!TRY(e, cudaStreamBeginCapture(stream, cudaStreamCaptureModeRelaxed)))
        return NULL;
    w->give(w->arguments, stream, e);
    ended = cudaStreamEndCapture(stream, &part);
    if (good(ended, "cudaStreamEndCapture", __FILE__, __LINE__, e) &&
        e->kind == ERROR_NONE)
        TRY(e, cudaGraphAddChildGraphNode(&node, graph, &before, after != NULL,
                                          part));
    gpu_graph_destroy(part);
    return node;
}

void *gpu_program_create(void *graph, struct error *e)
{
    cudaGraphExec_t program = NULL;

    return TRY(e, cudaGraphInstantiateWithFlags(&program, graph, 0)) ? program
                                                                     : NULL;
}

void gpu_program_destroy(void *program)
{
    if (program)
        cudaGraphExecDestroy(program);
}

void gpu_program_kernel(void *program, void *node, const struct gpu_kernel *k,
                        struct error *e)
{
    struct cudaKernelNodeParams p = kernel_of(k);

    TRY(e, cudaGraphExecKernelNodeSetParams(program, node, &p));
}

void gpu_program_zero(void *program, void *node, void *memory, size_t bytes,
                      struct error *e)
{
    struct cudaMemsetParams p = zeros_of(memory, bytes);

    TRY(e, cudaGraphExecMemsetNodeSetParams(program, node, &p));
}

void gpu_program_move(void *program, void *node, void *to, const void *from,
                      size_t bytes, struct error *e)
{
    TRY(e, cudaGraphExecMemcpyNodeSetParams1D(program, node, to, from, bytes,
                                              cudaMemcpyDeviceToDevice));
}

void gpu_program_run(void *program, void *stream, struct error *e)
{
    TRY(e, cudaGraphLaunch(program, stream));
}
