/* dnn: 3x3 convolutions by cuDNN's graph interface; dnn.c is the door to it.
 *
 * A plan is one pass for one number of rows. Planes are channels last, weights
 * [out][3][3][in], channels multiples of 8 (see cuda.h). A plan can be made
 * for a device that is not there, from a description of it: then it cannot be
 * run.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BACKEND_CUDA_DNN_H
#define TRAINER_BACKEND_CUDA_DNN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

enum dnn_pass { DNN_FORWARD, DNN_BACKWARD_DATA, DNN_BACKWARD_WEIGHTS };
enum { DNN_PASSES = 3 };

/* Values of planes and weights, and how products may round. */
enum dnn_type { DNN_FP32, DNN_TF32, DNN_BF16 };

struct dnn_problem {
    enum dnn_pass pass;
    enum dnn_type type;
    size_t rows, in, out, height, width;
};

struct dnn;
struct dnn_plan;

/* Make it for the device in use, or, with 'device' (a description in cuDNN's
 * JSON), for one that is not there. NULL with 'err'. */
struct dnn *dnn_create(const char *device, struct error *err);
void dnn_destroy(struct dnn *d);

/* The first plan cuDNN proposes that gives the same bits each time. NULL with
 * 'err' when there is none. */
struct dnn_plan *dnn_plan_create(struct dnn *d, const struct dnn_problem *p,
                                 struct error *err);
void dnn_plan_destroy(struct dnn_plan *p);

/* Bytes of scratch a run needs. */
size_t dnn_plan_workspace(const struct dnn_plan *p);

/* Run on 'stream': of input, weights and output the pass writes one. Returns
 * 0, or -1 with 'err'. */
int dnn_plan_run(struct dnn *d, const struct dnn_plan *p, void *input,
                 void *weights, void *output, void *workspace, void *stream,
                 struct error *err);

#endif
