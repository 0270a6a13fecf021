/* onnx: a trained model as an ONNX file.
 *
 * The graph takes what feed.h lists and gives "score", what 'sentei-train predict'
 * writes, [rows][outputs]. It computes in fp32, whatever the model was trained
 * in.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_ONNX_ONNX_H
#define TRAINER_ONNX_ONNX_H

#include "trainer/fold/calibration.h"
#include "trainer/onnx/feed.h"
#include "trainer/onnx/layers.h"

/* A model of one fold. All borrowed. */
struct onnx_source {
    const struct model *model;
    const struct inputs *inputs;
    const struct dataset *data; /* for its fields */
    const struct tensor *tensor;
    size_t tensor_count;
    const struct calibration *calibration;
    enum calibration_kind kind;
};

/* Replace 'path' by the model that is fed by 'f'. Returns 0, or -1 with 'err': the
 * format cannot hold it, numbers are missing, or it cannot be written. */
int onnx_write(const struct onnx_source *s, const struct feed *f,
               const char *path, struct error *err);

#endif
