/* model: towers over image, text, categories, numbers and frames, fused to one
 * logit, or one a class.
 *
 * A model is a shape and room to work in; the numbers it computes with are
 * 'struct weights', of which there may be many (one for each fold). Order of a
 * step: model_forward(), model_backward(), model_exchange(), then an optimiser
 * applies m->grad and the tables' gradients. Ranks sum them up while the rest of
 * backward runs; with m->late while all of the next step does (double buffering,
 * as in ChainerMN: Akiba et al. 2017).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_MODEL_MODEL_H
#define TRAINER_MODEL_MODEL_H

#include "trainer/batch/batch.h"
#include "trainer/batch/inputs.h"
#include "trainer/model/fusion.h"
#include "trainer/model/image.h"
#include "trainer/model/layout.h"
#include "trainer/model/options.h"
#include "trainer/model/sequence.h"
#include "trainer/model/table.h"

/* Values, and what an optimiser keeps of each. In the backend's memory. */
struct numbers {
    float *value, *m, *v;
    size_t count;
};

struct weights {
    struct numbers dense;
    struct numbers *table;
    size_t table_count;
    float *running;
    int64_t steps; /* optimiser steps taken */
};

enum { RIDERS = 1 }; /* ride along at the end of the gradient */

struct model {
    struct backend *backend; /* borrowed, as are: */
    struct comm *comm;       /* the ranks, about memory of the host */
    struct comm *device;     /* the same ranks, about the backend's */
    struct layout dense, running;
    bool has_image;
    struct image_tower image;
    size_t image_floats; /* its parameters stand first, so many */
    struct table *table;
    size_t table_count;
    size_t words_table; /* which table feeds 'words' */
    struct sequence_tower words, frames;
    size_t dense_count, dense_column;
    float *plain;   /* lines on their way, host memory */
    float *columns; /* the dense ones, in the backend's memory */
    struct loss loss;
    struct initial_options initial;
    struct fusion fusion;
    size_t features, stride;   /* columns, and floats between rows */
    float *feature, *dfeature; /* [rows][stride] */
    float *label, *dlogit;
    float *answer;     /* logits, one row behind the other */
    float *grad;       /* [dense.floats + RIDERS] */
    float *away;       /* the same of the step before, when late */
    struct span *span; /* [dense.count] the parameters, as an optimiser
                              wants them */
    double *loss_sum;  /* since model_count_loss(), and ... */
    double *squares;   /* ... of the gradient: the backend's memory */
    bool late;    /* the gradient comes one step late: see model_exchange() */
    bool waiting; /* there is one on its way */
    struct buckets buckets;
    size_t capacity;
    struct pass pass; /* of the batch at hand */
};

/* Make a model for up to 'capacity' examples of these inputs. 'c' must reach the
 * backend's memory, or m->device is set to what does before the first step.
 * Returns NULL with 'err' when the options do not fit the data or memory is
 * out. */
struct model *model_create(const struct model_options *o,
                           const struct inputs *in, size_t capacity,
                           struct backend *b, struct comm *c,
                           struct error *err);
void model_destroy(struct model *m);

/* How many numbers are trained. */
size_t model_parameters(const struct model *m);

/* The dimension of a category's embedding by the rule of model_options. */
size_t model_category_dimension(size_t values);

/* New weights, drawn by (seed, stream); the last biases are 'prior', one an
 * output. Returns 0, or -1 with 'err' (weights_clear() in any case). */
int weights_init(struct weights *w, const struct model *m, uint64_t seed,
                 uint64_t stream, const float *prior, struct error *err);
void weights_clear(struct weights *w, const struct model *m);

/* All that a forward pass reads, without the optimiser's: how many floats, and
 * to host memory and back. */
size_t weights_floats(const struct weights *w, const struct model *m);
void weights_download(const struct weights *w, const struct model *m,
                      float *host);
void weights_upload(struct weights *w, const struct model *m,
                    const float *host);

/* Which part of a batch of all ranks this rank has, and the step's name. */
struct step {
    bool training;
    size_t all_rows, first_row;
    uint64_t key;
    const float *class_weight; /* [classes] in the backend's memory, or NULL */
};

/* Compute the logits of 'batch' (at m->fusion.logit). Batch norm moves the
 * running statistics of 'w' in training. Returns 0, or -1 with 'err'. */
int model_forward(struct model *m, const struct weights *w,
                  const struct batch *batch, const struct step *step,
                  struct error *err);

/* The gradient of the mean loss over all ranks' rows, as far as this rank's
 * rows make it; 'step' is that of the forward pass. Nobody waits for the
 * device. */
int model_backward(struct model *m, const struct batch *batch,
                   const struct step *step, struct error *err);

/* The sum of the losses of this rank's rows: count on from 'sum'; what it is now,
 * for which the device is waited for. */
void model_count_loss(struct model *m, double sum);
double model_loss(const struct model *m);

/* Send 'value' along with the gradient at hand, before model_exchange(), and read
 * the sum over the ranks after it, for which the device is waited for. With one
 * rank nothing rides. */
void model_ride(struct model *m, float value);
float model_rider(const struct model *m);

/* From now on gradients come one step late. Before the first step. Returns 0,
 * or -1 with 'err' when memory is out. */
int model_be_late(struct model *m, struct error *err);

/* Sum the gradients and the riders over the ranks. When late, what this step
 * made is only sent on its way, and m->grad and the tables' gradients are those
 * of the step before. Returns 1 when there is a gradient to apply, 0 when not
 * (the first step, late), or -1 with 'err'. */
int model_exchange(struct model *m, struct error *err);

/* The gradient that is still on its way, if any. Returns as model_exchange(). */
int model_settle(struct model *m, struct error *err);

/* Copy the last forward pass's logits, [rows][outputs], to host memory. */
void model_logits(const struct model *m, float *out);

#endif
