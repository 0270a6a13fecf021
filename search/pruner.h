/* pruner: one way of deciding whether a trial goes on; each is a row in a
 * table. Like samplers, pruners are pure and keep only caches.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_PRUNER_H
#define SEARCH_PRUNER_H

#include "base/error.h"
#include "base/reader.h"
#include "base/text.h"
#include "search/engine.h"
#include "search/history.h"

struct pruner {
    const char *name;
    /* Read the options and make '*state' (which may stay NULL). The caller
     * opens and closes 'options'. Returns 0, or -1 with 'err'. */
    int (*create)(void **state, struct reader *options, struct error *err);
    /* Decide about a trial after its last report. When memory is short, the
     * trial goes on. */
    enum decision (*judge)(void *state, const struct history *h,
                           int64_t number);
    /* A paused trial that shall go on before anything new begins, or -1. NULL:
     * this pruner never pauses. */
    int64_t (*promote)(void *state, const struct history *h);
    /* Append its settings, for people. */
    void (*describe)(const void *state, struct text *out);
    void (*destroy)(void *state); /* NULL is fine */
};

extern const struct pruner pruner_none, pruner_median, pruner_percentile,
    pruner_patient, pruner_threshold, pruner_asha, pruner_hyperband,
    pruner_wilcoxon, pruner_curve, pruner_pbt;

/* The one with this name in the table (engine.c), "auto" among them. NULL with 'err' (kind USAGE,
 * the nearest named) when there is none. */
const struct pruner *pruner_find(const char *name, struct error *err);

#endif
