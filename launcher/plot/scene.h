/* scene: what pictures are drawn of, and what they ask of it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_PLOT_SCENE_H
#define LAUNCHER_PLOT_SCENE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/tree.h"
#include "launcher/plot/axis.h"
#include "launcher/plot/canvas.h"

#define SCENE_DOT 2.6 /* a trial */

/* Trees are borrowed. */
struct scene {
    const struct tree *study, *trials; /* SUMMARY; a list of ROWs */
    const struct tree *space;          /* a list of parameters */
    const struct tree *parameter;      /* of 'slice': an item of 'space' */
    const struct tree *with;           /* of 'contour': another one */
    const struct tree *importance;     /* reply of GET /v1/importance */
    struct canvas *canvas;
    double width, height;
};

/* A trial with a value, and its place among them: 1 the best, 0 the worst. */
struct ranked {
    const struct tree *trial;
    double loss, good;
};

bool scene_has_state(const struct tree *trial, const char *state);

/* The k-th objective; NAN where there is none, and of trials that failed. */
double scene_value(const struct tree *trial, size_t k);

/* 1 where lower values of the k-th objective are better, else -1; its name. */
double scene_sign(const struct scene *s, size_t k);
const char *scene_metric(const struct scene *s, size_t k);

/* The number of the best trial, or -1. */
int64_t scene_best(const struct scene *s);

/* The colour of a trial by its state. */
enum ink scene_ink(const struct tree *trial);

/* An axis over the values of the k-th objective. */
void scene_value_axis(const struct scene *s, size_t k, struct axis *a);

/* The trials with a value, best first, '*count' of them, which the caller
 * frees; NULL without memory. */
struct ranked *scene_ranked(const struct scene *s, size_t *count);

#endif
