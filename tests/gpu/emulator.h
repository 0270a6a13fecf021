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

#include <cstddef>
#include <functional>
#include <type_traits>
#include <utility>

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

/* A kernel's entry: runs a thread of it with arguments at these places. */
template <auto kernel> struct emulated_kernel;
template <typename... P, void (*kernel)(P...)> struct emulated_kernel<kernel> {
    template <size_t... i>
    static void spread(void **argument, std::index_sequence<i...>)
    {
        kernel(*static_cast<std::remove_reference_t<P> *>(argument[i])...);
    }
    static void run(void **argument)
    {
        spread(argument, std::index_sequence_for<P...>());
    }
};

#define ENTRY(kernel) \
    (reinterpret_cast<const void *>(&emulated_kernel<(kernel)>::run))

#endif
