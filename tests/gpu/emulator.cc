/* See emulator.h. Threads are contexts of ucontext.h, each begun once and then
 * used for block after block; between them one leaves by _longjmp(), for
 * swapcontext() asks the kernel each time.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/gpu/emulator.h"

#include <csetjmp>

#include <ucontext.h>

enum { MOST_THREADS = 256, STACK = 256 << 10 };

struct emulated_index blockIdx, threadIdx, blockDim, gridDim;

static struct {
    char *stack; /* NULL: not begun */
    jmp_buf at;
    bool over;
} threads[MOST_THREADS];

static jmp_buf scheduler;
static const std::function<void()> *body;
static float exchanged[MOST_THREADS];

/* Go on at 'to'; return when somebody goes on at 'from'. */
static void leave(jmp_buf from, jmp_buf to)
{
    if (_setjmp(from) == 0)
        _longjmp(to, 1);
}

static void live()
{
    for (;;) {
        (*body)();
        threads[threadIdx.x].over = true;
        leave(threads[threadIdx.x].at, scheduler);
    }
}

/* Back to the scheduler, which goes round until all threads are over. */
void __syncthreads()
{
    leave(threads[threadIdx.x].at, scheduler);
}

float __shfl_xor_sync(unsigned, float value, unsigned lane_mask)
{
    exchanged[threadIdx.x] = value;
    __syncthreads();
    value = exchanged[threadIdx.x ^ lane_mask];
    __syncthreads();
    return value;
}

static void make_context(ucontext_t *c, char *stack, void (*run)(),
                         ucontext_t *behind)
{
    getcontext(c);
    c->uc_stack.ss_sp = stack;
    c->uc_stack.ss_size = STACK;
    c->uc_link = behind;
    makecontext(c, run, 0);
}

static void begin(unsigned t)
{
    ucontext_t first;

    threads[t].stack = new char[STACK];
    make_context(&first, threads[t].stack, live, nullptr);
    if (_setjmp(scheduler) == 0)
        setcontext(&first);
}

static void run_block()
{
    unsigned left = blockDim.x;

    for (unsigned t = 0; t < blockDim.x; t++)
        threads[t].over = false;
    while (left > 0)
        for (unsigned t = 0; t < blockDim.x; t++) {
            if (threads[t].over)
                continue;
            threadIdx.x = t;
            if (threads[t].stack)
                leave(scheduler, threads[t].at);
            else
                begin(t);
            left -= threads[t].over;
        }
}

static void run_blocks()
{
    for (blockIdx.x = 0; blockIdx.x < gridDim.x; blockIdx.x++)
        run_block();
}

/* The scheduler has a stack of its own, too: of a stack that _longjmp() is called
 * on, ASan forgets what must not be touched, but not of one it does not know. */
void emulate(unsigned blocks, unsigned count,
             const std::function<void()> &thread)
{
    static char *stack = new char[STACK];
    ucontext_t caller, rounds;

    body = &thread;
    gridDim.x = blocks;
    blockDim.x = count;
    make_context(&rounds, stack, run_blocks, &caller);
    swapcontext(&caller, &rounds);
}

extern "C" void emulate_entry(const void *entry, unsigned blocks,
                              unsigned count, void **argument)
{
    auto run = reinterpret_cast<void (*)(void **)>(const_cast<void *>(entry));

    emulate(blocks, count, [=] { run(argument); });
}
