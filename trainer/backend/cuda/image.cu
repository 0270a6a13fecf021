/* image: pixels in, residual sums, and the two poolings.
 *
 * Not cuDNN's: the way back from a maximum reads its two bits, where cuDNN reads
 * the planes before and behind it again, and its calls for pooling are
 * deprecated or compiled by a driver (see norm.cu).
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/kernel.cuh"

/* Bytes have mean 128 and, in photographs, a deviation of about 64. */
static __global__ void load_pixels(size_t count, const uint8_t *pixels,
                                   float *out)
{
    for (EACH(i, count))
        out[i] = ((float)pixels[i] - 128.0f) * (1.0f / 64.0f);
}

void cuda_load_image(struct backend *b, size_t count, const uint8_t *pixels,
                     float *out)
{
    LAUNCH(b, load_pixels, blocks_for(count), THREADS, count, pixels, out);
}

/* --- residual sums --------------------------------------------------------------- */

/* Where both have a channel y += x; channels from 'both' on stay as they are. */
template <typename T>
static __global__ void add_planes(size_t places, size_t ours, size_t theirs,
                                  size_t both, float low, const float *x,
                                  float *y)
{
    for (EACH(i, places * ours)) {
        size_t place = i / ours, at = i % ours;
        vector<T> v = load<T>(y, i), w = {};

        if (at < theirs)
            w = load<T>(x, place * theirs + at);
        for (int k = 0; k < vector<T>::LANES; k++) {
            bool has = at * vector<T>::LANES + k < both;

            v.set(k, at_least(low, v.get(k) + (has ? w.get(k) : 0)));
        }
        store<T>(y, i, v);
    }
}

template <typename T>
static void run_add(struct backend *b, const struct shape *s, size_t channels,
                    const float *x, bool relu, float *y)
{
    size_t ours = vectors_of<T>(s->channels), count = places_of(s) * ours;
    size_t both = channels < s->channels ? channels : s->channels;

    LAUNCH(b, add_planes<T>, blocks_for(count), THREADS, places_of(s), ours,
           vectors_of<T>(channels), both, low_of(relu), x, y);
}

void cuda_add(struct backend *b, const struct shape *s, size_t channels,
              const float *x, bool relu, float *y)
{
    BY_TYPE(b, s, run_add, b, s, channels, x, relu, y);
}

template <typename T>
static __global__ void stop_gradient(size_t vectors, const float *y, float *dy)
{
    for (EACH(i, vectors)) {
        vector<T> v = load<T>(y, i), d = load<T>(dy, i);

        for (int k = 0; k < vector<T>::LANES; k++)
            d.set(k, v.get(k) > 0 ? d.get(k) : 0);
        store<T>(dy, i, d);
    }
}

template <typename T>
static void run_stop(struct backend *b, const struct shape *s, const float *y,
                     float *dy)
{
    size_t count = places_of(s) * vectors_of<T>(s->channels);

    LAUNCH(b, stop_gradient<T>, blocks_for(count), THREADS, count, y, dy);
}

void cuda_relu_backward(struct backend *b, const struct shape *s,
                        const float *y, float *dy)
{
    BY_TYPE(b, s, run_stop, b, s, y, dy);
}

/* --- maximum of 2x2 ---------------------------------------------------------------- */

/* 'where' keeps 32 bits a vector: 8 a float, 4 a bf16. */
template <typename T> struct places4 {
    size_t vectors, width; /* of the input */
    size_t out_height, out_width;

    /* The input's first vector of the four under output vector 'i'. */
    __device__ size_t first(size_t i, size_t height) const
    {
        size_t at = i % vectors, x = i / vectors % out_width;
        size_t y = i / vectors / out_width % out_height;
        size_t row = i / vectors / out_width / out_height;

        return ((row * height + 2 * y) * width + 2 * x) * vectors + at;
    }
    __device__ size_t step(int which) const
    {
        return ((which & 2 ? width : 0) + (which & 1)) * vectors;
    }
};

template <typename T>
static __global__ void max_of_four(struct places4<T> p, size_t height,
                                   size_t count, const float *x, float *y,
                                   uint32_t *where)
{
    const int bits = 32 / vector<T>::LANES;

    for (EACH(i, count)) {
        size_t first = p.first(i, height);
        vector<T> best = load<T>(x, first);
        uint32_t which = 0;

        for (int q = 1; q < 4; q++) {
            vector<T> v = load<T>(x, first + p.step(q));

            for (int k = 0; k < vector<T>::LANES; k++)
                if (v.get(k) > best.get(k)) {
                    best.lane[k] = v.lane[k];
                    which &= ~(3u << k * bits);
                    which |= (uint32_t)q << k * bits;
                }
        }
        store<T>(y, i, best);
        where[i] = which;
    }
}

template <typename T>
static __global__ void spread_to_four(struct places4<T> p, size_t height,
                                      size_t count, const float *dy,
                                      const uint32_t *where, float *dx)
{
    const int bits = 32 / vector<T>::LANES;

    for (EACH(i, count)) {
        size_t first = p.first(i, height);
        vector<T> d = load<T>(dy, i), r;
        uint32_t which = where[i];

        for (int q = 0; q < 4; q++) {
            for (int k = 0; k < vector<T>::LANES; k++)
                r.set(k, (int)(which >> k * bits & 3) == q ? d.get(k) : 0);
            store<T>(dx, first + p.step(q), r);
        }
    }
}

template <typename T>
static struct places4<T> places4_of(const struct shape *s) {
    struct places4<T> p;

    p.vectors = vectors_of<T>(s->channels);
    p.width = s->width;
    p.out_height = s->height / 2;
    p.out_width = s->width / 2;
    return p;
}

template <typename T>
static void run_max(struct backend *b, const struct shape *s, const float *x,
                    float *y, uint8_t *where)
{
    struct places4<T> p = places4_of<T>(s);
    size_t count = s->rows * p.out_height * p.out_width * p.vectors;

    LAUNCH(b, max_of_four<T>, blocks_for(count), THREADS, p, s->height, count,
           x, y, (uint32_t *)where);
}

void cuda_max_forward(struct backend *b, const struct shape *s, const float *x,
                      float *y, uint8_t *where)
{
    BY_TYPE(b, s, run_max, b, s, x, y, where);
}

template <typename T>
static void run_spread(struct backend *b, const struct shape *s,
                       const float *dy, const uint8_t *where, float *dx)
{
    struct places4<T> p = places4_of<T>(s);
    size_t count = s->rows * p.out_height * p.out_width * p.vectors;

    if (s->height % 2 || s->width % 2)
        queue_zero(&cuda_of(b)->queue, dx,
                   places_of(s) * p.vectors * VECTOR_BYTES, &b->failure);
    LAUNCH(b, spread_to_four<T>, blocks_for(count), THREADS, p, s->height,
           count, dy, (const uint32_t *)where, dx);
}

void cuda_max_backward(struct backend *b, const struct shape *s,
                       const float *dy, const uint8_t *where, float *dx)
{
    BY_TYPE(b, s, run_spread, b, s, dy, where, dx);
}

/* --- mean over places ---------------------------------------------------------------- */

template <typename T>
static __global__ void mean_of(size_t rows, size_t places, size_t vectors,
                               size_t channels, const float *x, float *out,
                               size_t stride)
{
    for (EACH(i, rows * vectors)) {
        size_t row = i / vectors, at = i % vectors;
        float sum[vector<T>::LANES] = {};

        for (size_t place = 0; place < places; place++) {
            vector<T> v = load<T>(x, (row * places + place) * vectors + at);

            for (int k = 0; k < vector<T>::LANES; k++)
                sum[k] += v.get(k);
        }
        for (int k = 0; k < vector<T>::LANES; k++)
            if (at * vector<T>::LANES + k < channels)
                out[row * stride + at * vector<T>::LANES + k] =
                    sum[k] / (float)places;
    }
}

template <typename T>
static __global__ void share_mean(size_t rows, size_t places, size_t vectors,
                                  size_t channels, const float *dout,
                                  size_t stride, float *dx)
{
    for (EACH(i, rows * places * vectors)) {
        size_t row = i / vectors / places, at = i % vectors;
        vector<T> v;

        for (int k = 0; k < vector<T>::LANES; k++) {
            size_t c = at * vector<T>::LANES + k;

            v.set(k, c < channels ? dout[row * stride + c] / (float)places : 0);
        }
        store<T>(dx, i, v);
    }
}

template <typename T>
static void run_mean(struct backend *b, const struct shape *s, const float *x,
                     float *out, size_t stride)
{
    size_t vectors = vectors_of<T>(s->channels);

    LAUNCH(b, mean_of<T>, blocks_for(s->rows * vectors), THREADS, s->rows,
           s->height * s->width, vectors, s->channels, x, out, stride);
}

void cuda_mean_forward(struct backend *b, const struct shape *s, const float *x,
                       float *out, size_t stride)
{
    BY_TYPE(b, s, run_mean, b, s, x, out, stride);
}

template <typename T>
static void run_share(struct backend *b, const struct shape *s,
                      const float *dout, size_t stride, float *dx)
{
    size_t vectors = vectors_of<T>(s->channels);

    LAUNCH(b, share_mean<T>, blocks_for(places_of(s) * vectors), THREADS,
           s->rows, s->height * s->width, vectors, s->channels, dout, stride,
           dx);
}

void cuda_mean_backward(struct backend *b, const struct shape *s,
                        const float *dout, size_t stride, float *dx)
{
    BY_TYPE(b, s, run_share, b, s, dout, stride, dx);
}
