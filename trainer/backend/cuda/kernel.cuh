/* kernel: what the kernels share: launching, 16 bytes at a time, bf16.
 *
 * Kernels know blocks of 256 threads in one dimension and use no more of the
 * device than tests/gpu/emulator.h can stand in for: all threads of a block
 * reach each __syncthreads() and each exchange within a warp.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BACKEND_CUDA_KERNEL_CUH
#define TRAINER_BACKEND_CUDA_KERNEL_CUH

#include <math.h>
#include <stdint.h>

#include "trainer/backend/cuda/cuda.h"

enum { THREADS = 256, WARP = 32, VECTOR_BYTES = 16 };

/* Run 'kernel' in 'blocks' blocks of 'threads' threads. */
#define LAUNCH(b, kernel, blocks, threads, ...) \
    launch(b, #kernel, ENTRY(kernel), kernel, blocks, threads, __VA_ARGS__)

#ifdef __CUDACC__
#define ENTRY(kernel) ((const void *)(kernel))
#endif

/* 'value': as the kernel has its parameters. */
template <typename... P>
static void launch_with(struct backend *b, const char *name, const void *entry,
                        unsigned blocks, unsigned threads, P... value)
{
    static_assert(sizeof...(P) <= GPU_ARGUMENTS, "room for the arguments");
    struct gpu_kernel k = {
        name,         entry,         blocks,          threads,
        sizeof...(P), { &value... }, { sizeof(P)... }
    };

    queue_kernel(&cuda_of(b)->queue, &k, &b->failure);
}

template <typename... P, typename... A>
static void launch(struct backend *b, const char *name, const void *entry,
                   void (*)(P...), unsigned blocks, unsigned threads,
                   A... value)
{
    launch_with<P...>(b, name, entry, blocks, threads, value...);
}

/* Blocks for 'count' threads; kernels with more to do go round. */
static inline unsigned blocks_for(size_t count)
{
    size_t blocks = (count + THREADS - 1) / THREADS;

    return (unsigned)(blocks == 0 ? 1 : blocks > 1u << 20 ? 1u << 20 : blocks);
}

/* for (each 'i' below 'count' that is this thread's) */
#define EACH(i, count)                                        \
    size_t i = blockIdx.x * (size_t)blockDim.x + threadIdx.x; \
    i < (count);                                              \
    i += (size_t)gridDim.x * blockDim.x

/* --- bf16: the upper half of a float -------------------------------------------- */

struct bf16 {
    uint16_t bits;
};

static __device__ inline float to_float(float x)
{
    return x;
}

static __device__ inline float to_float(bf16 x)
{
    union {
        uint32_t bits;
        float value;
    } u;

    u.bits = (uint32_t)x.bits << 16;
    return u.value;
}

static __device__ inline void from_float(float x, float *to)
{
    *to = x;
}

/* To the nearest, ties to even; a NaN stays one. */
static __device__ inline void from_float(float x, bf16 *to)
{
#if defined(__CUDA_ARCH__) && __CUDA_ARCH__ >= 800
    asm("cvt.rn.bf16.f32 %0, %1;" : "=h"(to->bits) : "f"(x));
#else
    union {
        float value;
        uint32_t bits;
    } u;

    u.value = x;
    to->bits = x != x
                   ? 0x7fc0
                   : (uint16_t)((u.bits + 0x7fff + (u.bits >> 16 & 1)) >> 16);
#endif
}

/* --- vectors: 16 bytes of values, loaded and stored at once ---------------------- */

struct alignas(VECTOR_BYTES) words {
    uint32_t word[4];
};

template <typename T> struct vector {
    enum { LANES = VECTOR_BYTES / sizeof(T) };

    union {
        words all;
        T lane[LANES];
    };

    __device__ float get(int k) const
    {
        return to_float(lane[k]);
    }
    __device__ void set(int k, float value)
    {
        from_float(value, &lane[k]);
    }
};

template <typename T>
static __device__ inline vector<T> load(const void *base, size_t index)
{
    vector<T> v;

    v.all = ((const words *)base)[index];
    return v;
}

template <typename T>
static __device__ inline void store(void *base, size_t index,
                                    const vector<T> &v)
{
    ((words *)base)[index] = v.all;
}

/* Vectors of a place, and of whole planes. */
template <typename T> static inline size_t vectors_of(size_t channels)
{
    return cuda_channels(channels) / vector<T>::LANES;
}

static inline size_t places_of(const struct shape *s)
{
    return s->rows * s->height * s->width;
}

/* Call 'operation'<float> or <bf16>, as the planes are. */
#define BY_TYPE(b, s, operation, ...)      \
    do {                                   \
        if (cuda_is_half(b, s))            \
            operation<bf16>(__VA_ARGS__);  \
        else                               \
            operation<float>(__VA_ARGS__); \
    } while (0)

/* What ReLU lets through where low is 0; NaN stays. */
static __device__ inline float at_least(float low, float value)
{
    return value < low ? low : value;
}

static inline float low_of(bool relu)
{
    return relu ? 0.0f : -INFINITY;
}

#endif
