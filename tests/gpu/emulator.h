/* emulator: kernels on this machine's processor, so that tests need no GPU.
 *
 * Put before a .cu file that a C++ compiler reads. A launch runs its blocks one
 * after another, each thread of a block on a stack of its own; a thread that
 * reaches a barrier or an exchange waits there until all others of its block
 * have reached one or ended. Memory is the host's, so ASan and UBSan see what a
 * kernel does to it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_GPU_EMULATOR_H
#define TESTS_GPU_EMULATOR_H

#include <functional>

#define __global__
#define __device__
#define __shared__ static

struct emulated_index {
    unsigned x;
};
extern struct emulated_index blockIdx, threadIdx, blockDim, gridDim;

/* Run 'thread' for each thread of each block. */
void emulate(unsigned blocks, unsigned threads,
             const std::function<void()> &thread);

void __syncthreads();
float __shfl_xor_sync(unsigned mask, float value, unsigned lane_mask);

#define LAUNCH(b, kernel, blocks, threads, ...) \
    ((void)(b), emulate((blocks), (threads), [&] { kernel(__VA_ARGS__); }))

#endif
