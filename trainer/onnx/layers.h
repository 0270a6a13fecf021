/* layers: the parts of a model as nodes of a graph, weights included.
 *
 * They are named as in model/, which says what each computes; inputs and results
 * are names of values. A weight that is not there makes 'missing'.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_ONNX_LAYERS_H
#define TRAINER_ONNX_LAYERS_H

#include "trainer/checkpoint/safetensors.h"
#include "trainer/data/dataset.h"
#include "trainer/model/model.h"
#include "trainer/onnx/graph.h"

/* What all layers need: where nodes go, and one fold's numbers. Borrowed. */
struct layers {
    struct graph *graph;
    const struct tensor *tensor;
    size_t tensor_count;
    char missing[96]; /* the first name that had no numbers, or "" */
};

/* The constant of this name. */
const char *layers_weight(struct layers *l, const char *name);

/* Rows of the weight 'name' by id. */
const char *layers_gather(struct layers *l, const char *name, const char *id);

/* [rows][many] ids and weights to sums of rows of the table 'name'. */
const char *layers_bag(struct layers *l, const char *name, const char *id,
                       const char *weight);

/* A number [rows] to its bucket [rows], see number_bucket(). */
const char *layers_bucket(struct layers *l, const struct number_field *f,
                          const char *number);

/* A number [rows] to its two dense columns, see batch/dense.c. */
const char *layers_value(struct layers *l, const char *number);

/* Values brought to the standard "<name>.mean", "<name>.scale"; 0 for NaN. */
const char *layers_standard(struct layers *l, const char *name, const char *x);

const char *layers_image(struct layers *l, const struct image_tower *t,
                         const char *pixels);

/* Positions [rows][positions][channels], of which 'length' [rows] are there. */
const char *layers_sequence(struct layers *l, const struct sequence_tower *t,
                            const char *name, size_t positions, const char *x,
                            const char *length);

const char *layers_fusion(struct layers *l, const struct fusion *f,
                          const char *features);

#endif
