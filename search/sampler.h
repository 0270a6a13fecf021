/* sampler: one way of choosing the next point; each is a row in a table.
 *
 * A sampler is a pure function of (space, options, history, random stream). It
 * may keep caches in its state, filled through history_follow(). The engine
 * repairs what it proposes and sees to it that a finite space never gets the
 * same point twice, so a sampler may repeat itself.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_SAMPLER_H
#define SEARCH_SAMPLER_H

#include <stdint.h>

#include "base/error.h"
#include "base/random.h"
#include "base/reader.h"
#include "base/text.h"
#include "search/engine.h"
#include "search/history.h"
#include "search/space.h"

struct pruner;

struct sampler {
    const char *name;
    /* The pruner that belongs to it, made from the same options; it says itself
     * when a paused trial goes on (SUGGEST_RESUME). NULL: any pruner will do. */
    const struct pruner *pruner;
    /* Read the options and make '*state' (which may stay NULL). The caller
     * opens and closes 'options'. Returns 0, or -1 with 'err' when this space
     * cannot be searched so. */
    int (*create)(void **state, const struct space *space,
                  struct reader *options, struct error *err);
    /* Take the study's seed, for what must be the same at every ask; called
     * once after create(). NULL: the random stream of each ask is enough. */
    void (*seed)(void *state, uint64_t seed);
    /* Fill the entries of 's->x' that are NAN and active, parents first; keep
     * the others. On entry s->kind is SUGGEST_NEW, s->parent -1. Returns 0, or
     * -1 with 'err'. */
    int (*suggest)(void *state, const struct history *h, struct random *random,
                   struct suggestion *s, struct error *err);
    /* Append its settings, for people. */
    void (*describe)(const void *state, struct text *out);
    void (*destroy)(void *state); /* NULL is fine */
};

extern const struct sampler sampler_random, sampler_grid, sampler_qmc,
    sampler_tpe, sampler_cmaes, sampler_nsga2, sampler_gp, sampler_ehvi,
    sampler_pbt, sampler_auto;

/* Choose uniformly every entry of 'x' that is NAN and active. */
void random_fill(const struct space *space, struct random *random, double *x);

#endif
