/* cpu: the operations of the CPU backend, file by file.
 *
 * An activation is stored in blocks of 16 channels, the widest vector of this
 * family of machines: [row][channel / 16][height][width][16], oneDNN's
 * nChw16c. The last block is filled up with zeros. Own loops keep one
 * accumulator a lane, so their results do not depend on the vector width.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BACKEND_CPU_CPU_H
#define TRAINER_BACKEND_CPU_CPU_H

#include "trainer/backend/backend.h"

enum { CPU_BLOCK = 16, CPU_ALIGNMENT = 64 };

struct cpu {
    struct backend base;
    enum precision precision; /* fp32 or bf16 */
};

/* Compile a loop for the vector units there may be; the best is chosen when
 * the program starts. Left out under sanitizers, which run too late for it. */
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define CPU_VECTOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define CPU_VECTOR
#endif

/* A block in registers, for loops that compilers would not vectorise by
 * themselves: of each lane 'a' where the mask is set, else 'b'. */
typedef float cpu_vector
    __attribute__((vector_size(CPU_BLOCK * 4), may_alias, aligned(4)));
typedef int32_t cpu_mask
    __attribute__((vector_size(CPU_BLOCK * 4), may_alias, aligned(4)));
typedef uint8_t cpu_bytes
    __attribute__((vector_size(CPU_BLOCK), may_alias, aligned(1)));
#define CPU_SELECT(mask, a, b) \
    ((cpu_vector)(((cpu_mask)(a) & (mask)) | ((cpu_mask)(b) & ~(mask))))

/* The loop that follows is shared among the threads that oneDNN has; in order:
 * what stands under CPU_NEXT is done for one after the other, so that a sum's
 * bits do not depend on how many there are. */
#ifdef _OPENMP
#define CPU_SHARED   _Pragma("omp parallel for schedule(static)")
#define CPU_IN_ORDER _Pragma("omp parallel for ordered schedule(static, 1)")
#define CPU_NEXT     _Pragma("omp ordered")
#else
#define CPU_SHARED
#define CPU_IN_ORDER
#define CPU_NEXT
#endif

static inline size_t cpu_blocks(size_t channels)
{
    return (channels + CPU_BLOCK - 1) / CPU_BLOCK;
}

/* Convolutions and gemm in dnnl.c, the door to oneDNN;
 * the rest in the file that its name begins with, loops over rows in rows.c. */
BACKEND_ARITHMETIC(BACKEND_PROTOTYPE, cpu)

/* How many convolutions, products and loops take. */
void cpu_threads(int threads);

#endif
