/* trained: a model that was trained, opened to be used on a data set.
 *
 * The file best.safetensors says all that is needed: the configuration, the
 * fields of the set it was trained on, weights, statistics and calibration of
 * each fold. The answer is the mean of the folds' probabilities.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_USE_TRAINED_H
#define TRAINER_USE_TRAINED_H

#include "base/tree.h"
#include "trainer/config.h"
#include "trainer/fold/fold.h"

struct trained {
    char *path;
    struct tree *fields, *source; /* of the set it was trained on */
    struct config config;
    struct comm comm;
    struct backend *backend;
    struct dataset *data;
    struct inputs inputs;
    struct model *model;
    struct batch batch;
    struct fold *fold;
    size_t fold_count;
};

/* Open the model in 'path' (a file, or a folder with best.safetensors) on the
 * packed set in 'data' (NULL: that of its training), whose fields and
 * categories must be those it was trained on. It computes on 'backend', one of
 * backend_names, in the precision of its training or, where the backend does
 * not have it, fp32. Returns 0, or -1 with 'err'; trained_close() in any
 * case. */
int trained_open(struct trained *t, const char *path, const char *data,
                 const char *backend, struct error *err);
void trained_close(struct trained *t);

/* Probabilities of rows of the set, [count][outputs]: one output gives that of
 * label 1, more those of all classes. Returns 0, or -1 with 'err'. */
int trained_predict(struct trained *t, enum calibration_kind kind,
                    const uint32_t *row, size_t count, double *probability,
                    struct error *err);

/* The rows of one split, or all (-1), in their order; '*count' of them. The
 * caller frees; NULL with 'err' when there are none or memory is out. */
uint32_t *trained_rows(const struct trained *t, int split, size_t *count,
                       struct error *err);

/* The name of a class: as the data has it, or its number. 'room' is where the
 * number goes. */
const char *trained_class(const struct trained *t, size_t k, char room[24]);

#endif
