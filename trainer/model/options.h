/* options: the shape of a model, as the configuration and the data give it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_MODEL_OPTIONS_H
#define TRAINER_MODEL_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

/* Stages of 'blocks' times conv 3x3, batch norm, ReLU; the width doubles from
 * stage to stage; maximum pooling 2x2 between stages, the mean at the end. */
struct image_options {
    bool on;
    int64_t width, stages, blocks;
    bool batch_norm;
};

/* One embedding a hashed n-gram, summed by weight. */
struct text_options {
    bool on;
    int64_t dimension;
};

/* 'depth' times linear, batch norm, ReLU, dropout; then one logit. */
struct fusion_options {
    int64_t depth, width;
    double dropout;
    bool batch_norm;
};

struct model_options {
    struct image_options image;
    struct text_options text;
    int64_t category_dimension; /* 0: min(50, 1.6 n^0.56) for n values */
    int64_t number_dimension;
    struct fusion_options fusion;
};

#endif
