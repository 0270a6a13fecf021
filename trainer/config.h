/* config: what sentei-train is asked to do, read strictly from YAML.
 *
 * The file is read first, then the trial's parameters and --set options are
 * put over it by their dotted names, then the whole is checked once: a wrong
 * value is reported at its place in the file or by the name it was set with.
 * docs/train.md lists the keys.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_CONFIG_H
#define TRAINER_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"
#include "trainer/backend/backend.h"
#include "trainer/batch/augment.h"
#include "trainer/batch/inputs.h"
#include "trainer/batch/ngram.h"
#include "trainer/batch/sampler.h"
#include "trainer/model/options.h"
#include "trainer/optim/options.h"

/* How batches are drawn; see batch/sampler.h. */
struct sampling_options {
    enum sampler_kind kind;
    struct schedule schedule;
    const char *by;   /* "label", or a category field */
    bool distinct;    /* near-duplicates into different batches ... */
    int64_t distance; /* ... whose hashes differ in so many bits at most */
    const struct tree *weights; /* a map from values of it, or NULL */
};

/* Weights from validation; see feedback.h. */
struct feedback_options {
    double strength;      /* 0: none; weight = (loss / mean loss)^strength */
    double limit;         /* weights are from 1 / limit to limit */
    int64_t needed;       /* positives below which more data is asked for */
    const char *template; /* a file with {field} and {values}, or NULL */
};

struct config {
    struct tree *source;   /* owns the strings */
    const char *data;      /* folder of a packed data set */
    const char *init_from; /* a model to begin with, or NULL */
    bool init_fresh;       /* what does not fit begins anew; else refused */
    int64_t epochs;
    int64_t seed;
    int64_t threads;
    int64_t helpers; /* ranks that judge beside the training: 0 or 1 */
    const char *backend;
    enum precision precision; /* of a backend that has the choice */
    int64_t folds; /* 0: the set's own split; else train all of its folds */
    int64_t batch_size; /* over all ranks */
    struct sampling_options sampling;
    struct feedback_options feedback;
    enum augment augment;
    struct inputs_options inputs;
    struct ngram_options ngram, characters;
    struct model_options model;
    struct optim_options optimizer;
    bool late; /* gradients are applied a step late; see model/model.h */
    int64_t checkpoint_every; /* epochs; 0: only when interrupted */
    double watchdog_s; /* a rank silent for so long is lost; 0: no watchdog */
};

/* Read 'path', put 'params' (a JSON map of dotted names; NULL: none) and
 * 'settings' ("key=value", 'count' of them) over it, check. Returns 0 and the
 * caller calls config_clear(), or -1 with 'err' (kind USAGE, where file:line:
 * column or the setting). */
int config_read(struct config *c, const char *path, const char *params,
                const char *const *settings, int count, struct error *err);

/* The same for a file's text; 'name' stands for the path in messages. */
int config_parse(struct config *c, const char *text, const char *name,
                 const char *params, const char *const *settings, int count,
                 struct error *err);
void config_clear(struct config *c);

#endif
