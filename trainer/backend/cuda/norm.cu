/* norm: batch norm and bias, each with ReLU.
 *
 * Not cuDNN's: ranks add up the sums between the two halves of a pass, for which
 * it has no place; its plans for training are compiled by a driver, so nothing
 * without a GPU can check them, and its older calls are deprecated. These read
 * and write planes as often as it does.
 *
 * A small kernel turns statistics into lines: of each channel the factors of
 * a straight line. The large kernels read planes and know lines alone. What
 * ReLU let through is found again from the input by the same arithmetic.
 *
 * A block of threads is 'wide' vectors of channels by THREADS / wide places; a
 * thread keeps its channels and walks down the places of its block's chunk.
 * Sums: each thread's in floats over at most 64 places, over the threads of a
 * warp and then of a block pairwise, over blocks in doubles (sum.cu).
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/kernel.cuh"

#define MOMENTUM 0.1f

/* --- who does which vectors ---------------------------------------------------- */

struct walk {
    size_t places, vectors, channels;
    unsigned wide;   /* vectors side by side, a power of two up to WARP */
    unsigned groups; /* of so many vectors */
    unsigned chunks; /* of places */
    size_t chunk;    /* places of one */
};

template <typename T> static struct walk walk_of(const struct shape *s)
{
    struct walk w = {};
    size_t each;

    w.places = places_of(s);
    w.vectors = vectors_of<T>(s->channels);
    w.channels = s->channels;
    for (w.wide = 1; w.wide < WARP && w.wide < w.vectors;)
        w.wide *= 2;
    w.groups = (unsigned)((w.vectors + w.wide - 1) / w.wide);
    each = w.places / (THREADS / w.wide * 256); /* about 256 chunks ... */
    each = each < 4 ? 4 : each > 64 ? 64 : each;
    w.chunk = each * (THREADS / w.wide);
    w.chunks = (unsigned)((w.places + w.chunk - 1) / w.chunk);
    return w;
}

/* A thread's vector (idle: there is none), and its place of the chunk. */
struct thread {
    size_t vector, first, end, step;
};

static __device__ struct thread thread_of(const struct walk &w)
{
    unsigned group = blockIdx.x % w.groups, chunk = blockIdx.x / w.groups;
    struct thread t;

    t.vector = group * (size_t)w.wide + threadIdx.x % w.wide;
    t.step = THREADS / w.wide;
    t.first = chunk * w.chunk + threadIdx.x / w.wide;
    t.end = (chunk + 1) * w.chunk;
    t.end = t.end < w.places ? t.end : w.places;
    if (t.vector >= w.vectors)
        t.first = t.end;
    return t;
}

/* --- lines ----------------------------------------------------------------------- */

/* Lines of 'stride' values one behind the other, zero where no channel is. */
enum { SCALE, SHIFT, SLOPE, START, LINES };

static float *lines_room(struct backend *b, size_t channels, size_t more)
{
    return (float *)cuda_scratch(
        b, LINES * cuda_channels(channels) * sizeof(float) + more);
}

template <typename T>
static __device__ void lane_values(const float *line, size_t at, float *to)
{
    for (int k = 0; k < vector<T>::LANES; k++)
        to[k] = line[at * vector<T>::LANES + k];
}

/* What training keeps of a channel, and its line. */
static __global__ void keep_moments(size_t channels, size_t stride,
                                    const double *sums, double count,
                                    const float *gamma, const float *beta,
                                    float *running, float *saved, float *line)
{
    for (EACH(c, stride)) {
        float scale = 0, shift = 0;

        if (c < channels) {
            double mean = sums[c] / count;
            double variance =
                fmax(sums[channels + c] / count - mean * mean, 0.0);
            double wide = count > 1 ? variance * count / (count - 1) : variance;

            saved[c] = (float)mean;
            saved[channels + c] = (float)(1 / sqrt(variance + NORM_EPSILON));
            running[c] += MOMENTUM * ((float)mean - running[c]);
            running[channels + c] +=
                MOMENTUM * ((float)wide - running[channels + c]);
            scale = gamma[c] * saved[channels + c];
            shift = beta[c] - saved[c] * scale;
        }
        line[SCALE * stride + c] = scale;
        line[SHIFT * stride + c] = shift;
    }
}

/* The line of running statistics, or of a bias alone where 'gamma' is NULL. */
static __global__ void fixed_line(size_t channels, size_t stride,
                                  const float *gamma, const float *beta,
                                  const float *running, float *line)
{
    for (EACH(c, stride)) {
        float scale = 0, shift = 0;

        if (c < channels) {
            scale = gamma ? gamma[c] / sqrtf(running[channels + c] +
                                             (float)NORM_EPSILON)
                          : 1;
            shift = beta[c] - (gamma ? running[c] * scale : 0);
        }
        line[SCALE * stride + c] = scale;
        line[SHIFT * stride + c] = shift;
    }
}

/* The line of the forward pass, and where 'sums' is given that of the
 * gradient: dx = dy scale + x slope + start. */
static __global__ void saved_line(size_t channels, size_t stride,
                                  const float *gamma, const float *beta,
                                  const float *saved, const double *sums,
                                  double count, float *line)
{
    for (EACH(c, stride)) {
        float scale = 0, shift = 0, slope = 0, start = 0;

        if (c < channels) {
            scale = gamma[c] * saved[channels + c];
            shift = beta[c] - saved[c] * scale;
        }
        if (c < channels && sums) {
            double d = (double)scale * saved[channels + c] *
                       sums[channels + c] / count;

            slope = (float)-d;
            start = (float)(d * saved[c] - (double)scale * sums[c] / count);
        }
        line[SCALE * stride + c] = scale;
        line[SHIFT * stride + c] = shift;
        line[SLOPE * stride + c] = slope;
        line[START * stride + c] = start;
    }
}

/* --- the large passes ------------------------------------------------------------ */

template <typename T>
static __global__ void affine(struct walk w, const float *line, float low,
                              const float *x, float *y)
{
    struct thread t = thread_of(w);
    const size_t stride = w.vectors * vector<T>::LANES;
    float scale[vector<T>::LANES], shift[vector<T>::LANES];

    if (t.first >= t.end)
        return;
    lane_values<T>(line + SCALE * stride, t.vector, scale);
    lane_values<T>(line + SHIFT * stride, t.vector, shift);
    for (size_t i = t.first; i < t.end; i += t.step) {
        vector<T> v = load<T>(x, i * w.vectors + t.vector);

        for (int k = 0; k < vector<T>::LANES; k++)
            v.set(k, at_least(low, fmaf(v.get(k), scale[k], shift[k])));
        store<T>(y, i * w.vectors + t.vector, v);
    }
}

/* Give the block's sums of 'first' and 'second', lane by lane, to 'part'
 * [2][channels][chunks]. */
template <typename T>
static __device__ void give_sums(const struct walk &w, float *first,
                                 float *second, double *part)
{
    enum { N = vector<T>::LANES };
    __shared__ float of_warp[THREADS / WARP][WARP][2 * N];
    unsigned warp = threadIdx.x / WARP, lane = threadIdx.x % WARP;
    unsigned group = blockIdx.x % w.groups, chunk = blockIdx.x / w.groups;

    for (unsigned far = WARP / 2; far >= w.wide; far /= 2)
        for (int k = 0; k < N; k++) {
            first[k] += __shfl_xor_sync(~0u, first[k], far);
            second[k] += __shfl_xor_sync(~0u, second[k], far);
        }
    for (int k = 0; k < N && lane < w.wide; k++) {
        of_warp[warp][lane][k] = first[k];
        of_warp[warp][lane][N + k] = second[k];
    }
    __syncthreads();
    for (unsigned i = threadIdx.x; i < w.wide * 2 * N; i += THREADS) {
        unsigned at = i / (2 * N), k = i % (2 * N);
        size_t channel = (group * (size_t)w.wide + at) * N + k % N;
        double sum = 0;

        for (unsigned r = 0; r < THREADS / WARP; r++)
            sum += of_warp[r][at][k];
        if (channel < w.channels)
            part[(k / N * w.channels + channel) * w.chunks + chunk] = sum;
    }
}

template <typename T>
static __global__ void moments(struct walk w, const float *x, double *part)
{
    struct thread t = thread_of(w);
    float sum[vector<T>::LANES] = {}, square[vector<T>::LANES] = {};

    for (size_t i = t.first; i < t.end; i += t.step) {
        vector<T> v = load<T>(x, i * w.vectors + t.vector);

        for (int k = 0; k < vector<T>::LANES; k++) {
            sum[k] += v.get(k);
            square[k] = fmaf(v.get(k), v.get(k), square[k]);
        }
    }
    give_sums<T>(w, sum, square, part);
}

/* The lines of a thread that walks nowhere are not read. */
template <typename T>
static __global__ void products(struct walk w, const float *line, float low,
                                const float *x, const float *dy, double *part)
{
    struct thread t = thread_of(w);
    const size_t stride = w.vectors * vector<T>::LANES;
    float sum[vector<T>::LANES] = {}, product[vector<T>::LANES] = {};
    float scale[vector<T>::LANES], shift[vector<T>::LANES];

    if (t.vector < w.vectors) {
        lane_values<T>(line + SCALE * stride, t.vector, scale);
        lane_values<T>(line + SHIFT * stride, t.vector, shift);
    }
    for (size_t i = t.first; i < t.end; i += t.step) {
        vector<T> v = load<T>(x, i * w.vectors + t.vector);
        vector<T> d = load<T>(dy, i * w.vectors + t.vector);

        for (int k = 0; k < vector<T>::LANES; k++) {
            bool open = fmaf(v.get(k), scale[k], shift[k]) > low;
            float g = open ? d.get(k) : 0;

            sum[k] += g;
            product[k] = fmaf(g, v.get(k), product[k]);
        }
    }
    give_sums<T>(w, sum, product, part);
}

template <typename T>
static __global__ void combine(struct walk w, const float *line, float low,
                               const float *x, const float *dy, float *dx)
{
    struct thread t = thread_of(w);
    const size_t stride = w.vectors * vector<T>::LANES;
    float scale[vector<T>::LANES], shift[vector<T>::LANES];
    float slope[vector<T>::LANES], start[vector<T>::LANES];

    if (t.first >= t.end)
        return;
    lane_values<T>(line + SCALE * stride, t.vector, scale);
    lane_values<T>(line + SHIFT * stride, t.vector, shift);
    lane_values<T>(line + SLOPE * stride, t.vector, slope);
    lane_values<T>(line + START * stride, t.vector, start);
    for (size_t i = t.first; i < t.end; i += t.step) {
        vector<T> v = load<T>(x, i * w.vectors + t.vector);
        vector<T> d = load<T>(dy, i * w.vectors + t.vector), r;

        for (int k = 0; k < vector<T>::LANES; k++) {
            bool open = fmaf(v.get(k), scale[k], shift[k]) > low;
            float g = open ? d.get(k) : 0;

            r.set(k, g * scale[k] + fmaf(v.get(k), slope[k], start[k]));
        }
        store<T>(dx, i * w.vectors + t.vector, r);
    }
}

/* dx = dy where y is above 'low', and its sums. */
template <typename T>
static __global__ void pass(struct walk w, float low, const float *y,
                            const float *dy, float *dx, double *part)
{
    struct thread t = thread_of(w);
    float sum[vector<T>::LANES] = {}, none[vector<T>::LANES] = {};

    for (size_t i = t.first; i < t.end; i += t.step) {
        vector<T> v = load<T>(y, i * w.vectors + t.vector);
        vector<T> d = load<T>(dy, i * w.vectors + t.vector);

        for (int k = 0; k < vector<T>::LANES; k++) {
            float g = v.get(k) > low ? d.get(k) : 0;

            d.set(k, g);
            sum[k] += g;
        }
        store<T>(dx, i * w.vectors + t.vector, d);
    }
    give_sums<T>(w, sum, none, part);
}

/* From sums of dy x to those of dy (x - mean) / deviation, and the gradients of
 * gamma and beta. */
static __global__ void finish_gradient(size_t channels, const float *saved,
                                       double *sums, float *dgamma,
                                       float *dbeta)
{
    for (EACH(c, channels)) {
        sums[channels + c] = (sums[channels + c] - saved[c] * sums[c]) *
                             (double)saved[channels + c];
        dbeta[c] = (float)sums[c];
        dgamma[c] = (float)sums[channels + c];
    }
}

static __global__ void narrow(size_t count, const double *from, float *to)
{
    for (EACH(i, count))
        to[i] = (float)from[i];
}

/* --- operations ------------------------------------------------------------------- */

template <typename T>
static void run_affine(struct backend *b, const struct shape *s,
                       const float *line, bool relu, const float *x, float *y)
{
    struct walk w = walk_of<T>(s);

    LAUNCH(b, affine<T>, w.groups * w.chunks, THREADS, w, line, low_of(relu), x,
           y);
}

/* Room for the parts of 2 sums a channel, behind the lines. */
template <typename T>
static double *part_room(struct backend *b, const struct walk *w, float **line)
{
    size_t lines = LINES * cuda_channels(w->channels) * sizeof(float);

    *line = lines_room(b, w->channels,
                       2 * w->channels * (w->chunks + 1) * sizeof(double));
    return *line ? (double *)((char *)*line + lines) : NULL;
}

template <typename T>
static void run_moments(struct backend *b, const struct shape *s,
                        const float *x, double *sums)
{
    struct walk w = walk_of<T>(s);
    float *line;
    double *part = part_room<T>(b, &w, &line);

    if (!part)
        return;
    LAUNCH(b, moments<T>, w.groups * w.chunks, THREADS, w, x, part);
    cuda_sum(b, 2 * s->channels, w.chunks, part, sums);
}

void cuda_norm_moments(struct backend *b, const struct shape *s, const float *x,
                       double *sums)
{
    BY_TYPE(b, s, run_moments, b, s, x, sums);
}

void cuda_norm_forward(struct backend *b, const struct shape *s, const float *x,
                       const double *sums, double count, const float *gamma,
                       const float *beta, bool relu, float *running,
                       float *saved, float *y)
{
    size_t stride = cuda_channels(s->channels);
    float *line = lines_room(b, s->channels, 0);

    if (!line)
        return;
    LAUNCH(b, keep_moments, blocks_for(stride), THREADS, s->channels, stride,
           sums, count, gamma, beta, running, saved, line);
    BY_TYPE(b, s, run_affine, b, s, line, relu, x, y);
}

static void run_fixed(struct backend *b, const struct shape *s, const float *x,
                      const float *gamma, const float *beta,
                      const float *running, bool relu, float *y)
{
    size_t stride = cuda_channels(s->channels);
    float *line = lines_room(b, s->channels, 0);

    if (!line)
        return;
    LAUNCH(b, fixed_line, blocks_for(stride), THREADS, s->channels, stride,
           gamma, beta, running, line);
    BY_TYPE(b, s, run_affine, b, s, line, relu, x, y);
}

void cuda_norm_inference(struct backend *b, const struct shape *s,
                         const float *x, const float *gamma, const float *beta,
                         const float *running, bool relu, float *y)
{
    run_fixed(b, s, x, gamma, beta, running, relu, y);
}

void cuda_bias_forward(struct backend *b, const struct shape *s, const float *x,
                       const float *bias, bool relu, float *y)
{
    run_fixed(b, s, x, NULL, bias, NULL, relu, y);
}

template <typename T>
static void run_products(struct backend *b, const struct shape *s,
                         const float *x, const float *dy, const float *gamma,
                         const float *beta, const float *saved, bool relu,
                         double *sums)
{
    struct walk w = walk_of<T>(s);
    size_t stride = cuda_channels(s->channels);
    float *line;
    double *part = part_room<T>(b, &w, &line);

    if (!part)
        return;
    LAUNCH(b, saved_line, blocks_for(stride), THREADS, s->channels, stride,
           gamma, beta, saved, (const double *)NULL, 1.0, line);
    LAUNCH(b, products<T>, w.groups * w.chunks, THREADS, w, line, low_of(relu),
           x, dy, part);
    cuda_sum(b, 2 * s->channels, w.chunks, part, sums);
}

void cuda_norm_gradient_sums(struct backend *b, const struct shape *s,
                             const float *x, const float *dy,
                             const float *gamma, const float *beta,
                             const float *saved, bool relu, float *dgamma,
                             float *dbeta, double *sums)
{
    BY_TYPE(b, s, run_products, b, s, x, dy, gamma, beta, saved, relu, sums);
    LAUNCH(b, finish_gradient, blocks_for(s->channels), THREADS, s->channels,
           saved, sums, dgamma, dbeta);
}

template <typename T>
static void run_combine(struct backend *b, const struct shape *s,
                        const float *line, bool relu, const float *x,
                        const float *dy, float *dx)
{
    struct walk w = walk_of<T>(s);

    LAUNCH(b, combine<T>, w.groups * w.chunks, THREADS, w, line, low_of(relu),
           x, dy, dx);
}

void cuda_norm_backward(struct backend *b, const struct shape *s,
                        const float *x, const float *dy, const float *gamma,
                        const float *beta, const float *saved, bool relu,
                        const double *sums, double count, float *dx)
{
    size_t stride = cuda_channels(s->channels);
    float *line = lines_room(b, s->channels, 0);

    if (!line)
        return;
    LAUNCH(b, saved_line, blocks_for(stride), THREADS, s->channels, stride,
           gamma, beta, saved, sums, count, line);
    BY_TYPE(b, s, run_combine, b, s, line, relu, x, dy, dx);
}

template <typename T>
static void run_pass(struct backend *b, const struct shape *s, const float *y,
                     const float *dy, bool relu, float *dbias, float *dx)
{
    struct walk w = walk_of<T>(s);
    float *line;
    double *part = part_room<T>(b, &w, &line), *sums;

    if (!part)
        return;
    sums = part + 2 * s->channels * w.chunks;
    LAUNCH(b, pass<T>, w.groups * w.chunks, THREADS, w, low_of(relu), y, dy, dx,
           part);
    cuda_sum(b, s->channels, w.chunks, part, sums);
    LAUNCH(b, narrow, blocks_for(s->channels), THREADS, s->channels, sums,
           dbias);
}

void cuda_bias_backward(struct backend *b, const struct shape *s,
                        const float *y, const float *dy, bool relu,
                        float *dbias, float *dx)
{
    BY_TYPE(b, s, run_pass, b, s, y, dy, relu, dbias, dx);
}
