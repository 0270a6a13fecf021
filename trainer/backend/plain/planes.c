/* planes: convolution and pooling.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "trainer/backend/plain/plain.h"

struct conv {
    struct conv_shape s;
};

struct conv *plain_conv_create(struct backend *b, const struct conv_shape *s,
                               struct error *err)
{
    struct conv *c = calloc(1, sizeof *c);

    (void)b;
    if (c)
        c->s = *s;
    else
        error_memory(err);
    return c;
}

void plain_conv_destroy(struct conv *c)
{
    free(c);
}

/* Where the input's value is that tap (ky, kx) of place (y, x) looks at, or -1
 * where that is outside. */
static ptrdiff_t input_at(const struct conv_shape *s, size_t n, size_t i,
                          size_t y, size_t x)
{
    if (y < 1 || y > s->height || x < 1 || x > s->width)
        return -1;
    y--, x--;
    return (ptrdiff_t)(s->plain_input
                           ? ((n * s->in + i) * s->height + y) * s->width + x
                           : ((n * s->height + y) * s->width + x) * s->in + i);
}

static size_t output_at(const struct conv_shape *s, size_t n, size_t o,
                        size_t y, size_t x)
{
    return ((n * s->height + y) * s->width + x) * s->out + o;
}

void plain_conv_forward(struct conv *c, size_t rows, const float *x,
                        const float *w, float *y)
{
    const struct conv_shape *s = &c->s;
    size_t n, o, i, py, px, tap;

    for (n = 0; n < rows; n++)
        for (o = 0; o < s->out; o++)
            for (py = 0; py < s->height; py++)
                for (px = 0; px < s->width; px++) {
                    double sum = 0;

                    for (i = 0; i < s->in; i++)
                        for (tap = 0; tap < 9; tap++) {
                            ptrdiff_t at =
                                input_at(s, n, i, py + tap / 3, px + tap % 3);

                            if (at >= 0)
                                sum += (double)x[at] *
                                       (double)w[(o * s->in + i) * 9 + tap];
                        }
                    y[output_at(s, n, o, py, px)] = (float)sum;
                }
}

void plain_conv_backward_data(struct conv *c, size_t rows, const float *dy,
                              const float *w, float *dx)
{
    const struct conv_shape *s = &c->s;
    size_t n, o, i, py, px, tap;

    memset(dx, 0, rows * s->in * s->height * s->width * sizeof *dx);
    for (n = 0; n < rows; n++)
        for (o = 0; o < s->out; o++)
            for (py = 0; py < s->height; py++)
                for (px = 0; px < s->width; px++)
                    for (i = 0; i < s->in; i++)
                        for (tap = 0; tap < 9; tap++) {
                            ptrdiff_t at =
                                input_at(s, n, i, py + tap / 3, px + tap % 3);

                            if (at >= 0)
                                dx[at] += dy[output_at(s, n, o, py, px)] *
                                          w[(o * s->in + i) * 9 + tap];
                        }
}

void plain_conv_backward_weights(struct conv *c, size_t rows, const float *x,
                                 const float *dy, float *dw)
{
    const struct conv_shape *s = &c->s;
    size_t n, o, i, py, px, tap;

    for (o = 0; o < s->out; o++)
        for (i = 0; i < s->in; i++)
            for (tap = 0; tap < 9; tap++) {
                double sum = 0;

                for (n = 0; n < rows; n++)
                    for (py = 0; py < s->height; py++)
                        for (px = 0; px < s->width; px++) {
                            ptrdiff_t at =
                                input_at(s, n, i, py + tap / 3, px + tap % 3);

                            if (at >= 0)
                                sum += (double)x[at] *
                                       (double)dy[output_at(s, n, o, py, px)];
                        }
                dw[(o * s->in + i) * 9 + tap] = (float)sum;
            }
}

void plain_load_image(struct backend *b, size_t count, const uint8_t *pixels,
                      float *out)
{
    size_t i;

    (void)b;
    for (i = 0; i < count; i++)
        out[i] = ((float)pixels[i] - 128.0F) / 64.0F;
}

/* The first input value of the four under output value 'i'. */
static size_t first_of_four(const struct shape *s, size_t i)
{
    size_t c = i % s->channels, x = i / s->channels % (s->width / 2);
    size_t line = i / s->channels / (s->width / 2);
    size_t y = line % (s->height / 2), n = line / (s->height / 2);

    return ((n * s->height + 2 * y) * s->width + 2 * x) * s->channels + c;
}

static size_t step_to(const struct shape *s, size_t which)
{
    return ((which / 2) * s->width + which % 2) * s->channels;
}

static size_t quarter(const struct shape *s)
{
    return s->rows * (s->height / 2) * (s->width / 2) * s->channels;
}

void plain_max_forward(struct backend *b, const struct shape *s, const float *x,
                       float *y, uint8_t *where)
{
    size_t i, which, first;

    (void)b;
    for (i = 0; i < quarter(s); i++) {
        first = first_of_four(s, i);
        y[i] = x[first];
        where[i] = 0;
        for (which = 1; which < 4; which++)
            if (x[first + step_to(s, which)] > y[i]) {
                y[i] = x[first + step_to(s, which)];
                where[i] = (uint8_t)which;
            }
    }
}

void plain_max_backward(struct backend *b, const struct shape *s,
                        const float *dy, const uint8_t *where, float *dx)
{
    size_t i;

    (void)b;
    memset(dx, 0, s->rows * s->height * s->width * s->channels * sizeof *dx);
    for (i = 0; i < quarter(s); i++)
        dx[first_of_four(s, i) + step_to(s, where[i])] = dy[i];
}

void plain_mean_forward(struct backend *b, const struct shape *s,
                        const float *x, float *out, size_t stride)
{
    size_t places = s->height * s->width, n, c, place;

    (void)b;
    for (n = 0; n < s->rows; n++)
        for (c = 0; c < s->channels; c++) {
            double sum = 0;

            for (place = 0; place < places; place++)
                sum += (double)x[(n * places + place) * s->channels + c];
            out[n * stride + c] = (float)(sum / (double)places);
        }
}

void plain_mean_backward(struct backend *b, const struct shape *s,
                         const float *dout, size_t stride, float *dx)
{
    size_t places = s->height * s->width, i;

    (void)b;
    for (i = 0; i < s->rows * places * s->channels; i++)
        dx[i] = dout[i / s->channels / places * stride + i % s->channels] /
                (float)places;
}
