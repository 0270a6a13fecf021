/* layout: planes and weights between the plain order and channels last.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/kernel.cuh"

enum { TAPS = 9 }; /* 3x3 */

template <typename T>
static __global__ void planes_in(size_t rows, size_t places, size_t channels,
                                 size_t vectors, const float *plain, T *planes)
{
    for (EACH(i, rows * places * vectors)) {
        size_t at = i % vectors, place = i / vectors % places;
        size_t row = i / vectors / places;
        vector<T> v;

        for (int k = 0; k < vector<T>::LANES; k++) {
            size_t c = at * vector<T>::LANES + k;

            v.set(k, c < channels ? plain[(row * channels + c) * places + place]
                                  : 0);
        }
        store<T>(planes, i, v);
    }
}

template <typename T>
static void run_planes(struct backend *b, const struct shape *s,
                       const float *plain, void *planes)
{
    size_t vectors = vectors_of<T>(s->channels);

    LAUNCH(b, planes_in<T>, blocks_for(places_of(s) * vectors), THREADS,
           s->rows, s->height * s->width, s->channels, vectors, plain,
           (T *)planes);
}

void cuda_planes_in(struct backend *b, const struct shape *s, bool half,
                    const float *plain, void *planes)
{
    if (half)
        run_planes<bf16>(b, s, plain, planes);
    else
        run_planes<float>(b, s, plain, planes);
}

/* Weight (o, i, tap) of [wide_out][TAPS][wide_in]; zero where there is none. */
template <typename T>
static __global__ void weights_in(size_t out, size_t in, size_t wide_in,
                                  size_t count, const float *plain, T *weights)
{
    for (EACH(n, count)) {
        size_t i = n % wide_in, tap = n / wide_in % TAPS;
        size_t o = n / wide_in / TAPS;
        bool is = o < out && i < in;

        from_float(is ? plain[(o * in + i) * TAPS + tap] : 0, &weights[n]);
    }
}

template <typename T>
static __global__ void weights_out(size_t in, size_t wide_in, size_t count,
                                   const T *weights, float *plain)
{
    for (EACH(n, count)) {
        size_t tap = n % TAPS, i = n / TAPS % in, o = n / TAPS / in;

        plain[n] = to_float(weights[(o * TAPS + tap) * wide_in + i]);
    }
}

void cuda_weights_in(struct backend *b, size_t out, size_t in, bool half,
                     const float *plain, void *weights)
{
    size_t wide = cuda_channels(in), count = cuda_channels(out) * TAPS * wide;

    if (half)
        LAUNCH(b, weights_in<bf16>, blocks_for(count), THREADS, out, in, wide,
               count, plain, (bf16 *)weights);
    else
        LAUNCH(b, weights_in<float>, blocks_for(count), THREADS, out, in, wide,
               count, plain, (float *)weights);
}

void cuda_weights_out(struct backend *b, size_t out, size_t in, bool half,
                      const void *weights, float *plain)
{
    size_t wide = cuda_channels(in), count = out * in * TAPS;

    if (half)
        LAUNCH(b, weights_out<bf16>, blocks_for(count), THREADS, in, wide,
               count, (const bf16 *)weights, plain);
    else
        LAUNCH(b, weights_out<float>, blocks_for(count), THREADS, in, wide,
               count, (const float *)weights, plain);
}
