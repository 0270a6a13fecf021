/* The plain table of operations, and its memory.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/plain/plain.h"

#include <stdlib.h>
#include <string.h>

static void plain_destroy(struct backend *b)
{
    free(b);
}

static void *plain_allocate(struct backend *b, size_t bytes)
{
    (void)b;
    return calloc(1, bytes + 1);
}

static void plain_release(struct backend *b, void *memory)
{
    (void)b;
    free(memory);
}

static void plain_move(struct backend *b, void *to, const void *from,
                       size_t bytes)
{
    (void)b;
    if (bytes > 0)
        memcpy(to, from, bytes);
}

static void plain_zero(struct backend *b, void *memory, size_t bytes)
{
    (void)b;
    if (bytes > 0)
        memset(memory, 0, bytes);
}

static size_t plain_stride(const struct backend *b, size_t channels)
{
    (void)b;
    return channels;
}

static size_t plain_floats(const struct backend *b, const struct shape *s)
{
    (void)b;
    return s->rows * s->channels * s->height * s->width;
}

static const struct backend_ops plain_ops = {
    .name = "plain",
    .destroy = plain_destroy,
    .allocate = plain_allocate,
    .release = plain_release,
    .upload = plain_move,
    .download = plain_move,
    .zero = plain_zero,
    .floats = plain_floats,
    .stride = plain_stride,
    .conv_create = plain_conv_create,
    .conv_destroy = plain_conv_destroy,
    .conv_forward = plain_conv_forward,
    .conv_backward_data = plain_conv_backward_data,
    .conv_backward_weights = plain_conv_backward_weights,
    .load_image = plain_load_image,
    .norm_moments = plain_norm_moments,
    .norm_forward = plain_norm_forward,
    .norm_inference = plain_norm_inference,
    .norm_gradient_sums = plain_norm_gradient_sums,
    .norm_backward = plain_norm_backward,
    .bias_forward = plain_bias_forward,
    .bias_backward = plain_bias_backward,
    .add = plain_add,
    .relu_backward = plain_relu_backward,
    .max_forward = plain_max_forward,
    .max_backward = plain_max_backward,
    .mean_forward = plain_mean_forward,
    .mean_backward = plain_mean_backward,
    .gemm = plain_gemm,
    .copy = plain_copy,
    .lstm_forward = plain_lstm_forward,
    .lstm_backward = plain_lstm_backward,
    .peak_forward = plain_peak_forward,
    .peak_backward = plain_peak_backward,
    .dropout = plain_dropout,
    .bag = plain_bag,
    .loss = plain_loss,
    .squares = plain_squares,
    .update = plain_update,
};

struct backend *backend_plain(const struct backend_options *o,
                              struct error *err)
{
    struct backend *b = calloc(1, sizeof *b);

    (void)o;
    if (b)
        b->ops = &plain_ops;
    else
        error_memory(err);
    return b;
}
