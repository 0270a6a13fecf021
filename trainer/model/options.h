/* options: the shape of a model, as the configuration and the data give it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_MODEL_OPTIONS_H
#define TRAINER_MODEL_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Stages of 'blocks' times conv 3x3, batch norm, ReLU; the width doubles from
 * stage to stage; maximum pooling 2x2 between stages, the mean at the end. A
 * residual tower has one convolution first, and its blocks are two with a
 * short cut around them. */
struct image_options {
    int64_t width, stages, blocks;
    bool batch_norm;
    bool residual;
};

/* 'depth' times linear, batch norm, ReLU, dropout; then the logits. */
struct fusion_options {
    int64_t depth, width;
    double dropout;
    bool batch_norm;
};

enum initial_scheme {
    INITIAL_HE,
    INITIAL_XAVIER,
    INITIAL_ORTHOGONAL,
    INITIAL_NORMAL
};
extern const char *const initial_names[]; /* ends with NULL */
struct initial_options {
    enum initial_scheme scheme;
    double gain;
};

/* See struct loss. 'balance' weighs class k by (rows / (classes rows[k])) ^
 * balance: 0 not at all, 1 so that all classes weigh the same. */
struct loss_options {
    double smoothing, focus, balance;
};

struct model_options {
    struct image_options image;
    /* of embeddings */
    int64_t text_dimension, character_dimension;
    int64_t category_dimension; /* 0: min(50, 1.6 n^0.56) for n values */
    int64_t number_dimension;
    struct fusion_options fusion;
    struct initial_options initial;
    struct loss_options loss;
};

#endif
