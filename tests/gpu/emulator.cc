/* See emulator.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/gpu/emulator.h"

#include <cstdlib>
#include <cstring>

#include <ucontext.h>

enum { MOST_THREADS = 256, STACK = 256 << 10 };

struct emulated_index blockIdx, threadIdx, blockDim, gridDim;

static struct {
    ucontext_t context;
    char *stack;
    bool over;
} threads[MOST_THREADS];

static ucontext_t scheduler;
static const std::function<void()> *body;
static float exchanged[MOST_THREADS];

static void run_body()
{
    (*body)();
    threads[threadIdx.x].over = true;
    setcontext(&scheduler);
}

/* Back to the scheduler, which goes round until all threads are over. */
void __syncthreads()
{
    unsigned mine = threadIdx.x;

    swapcontext(&threads[mine].context, &scheduler);
    threadIdx.x = mine;
}

float __shfl_xor_sync(unsigned, float value, unsigned lane_mask)
{
    exchanged[threadIdx.x] = value;
    __syncthreads();
    value = exchanged[threadIdx.x ^ lane_mask];
    __syncthreads();
    return value;
}

static void start_thread(unsigned t)
{
    if (!threads[t].stack)
        threads[t].stack = (char *)malloc(STACK);
    threads[t].over = false;
    getcontext(&threads[t].context);
    threads[t].context.uc_stack.ss_sp = threads[t].stack;
    threads[t].context.uc_stack.ss_size = STACK;
    makecontext(&threads[t].context, run_body, 0);
}

static void run_block()
{
    unsigned left = blockDim.x;

    for (unsigned t = 0; t < blockDim.x; t++)
        start_thread(t);
    while (left > 0)
        for (unsigned t = 0; t < blockDim.x; t++) {
            if (threads[t].over)
                continue;
            threadIdx.x = t;
            swapcontext(&scheduler, &threads[t].context);
            left -= threads[t].over;
        }
}

void emulate(unsigned blocks, unsigned count,
             const std::function<void()> &thread)
{
    body = &thread;
    gridDim.x = blocks;
    blockDim.x = count;
    for (blockIdx.x = 0; blockIdx.x < blocks; blockIdx.x++)
        run_block();
}

extern "C" void emulate_entry(const void *entry, unsigned blocks,
                              unsigned count, void **argument)
{
    auto run = reinterpret_cast<void (*)(void **)>(const_cast<void *>(entry));

    emulate(blocks, count, [=] { run(argument); });
}
