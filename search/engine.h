/* engine: what to try next, and whether a trial goes on.
 *
 * A pure function of (space, options, seed, history): the same history in the
 * same order gives the same answer, after a restart, in a replay and in a
 * simulation. Caches may be kept, results may not depend on them.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_ENGINE_H
#define SEARCH_ENGINE_H

#include <stdint.h>

#include "base/error.h"
#include "base/text.h"
#include "base/tree.h"
#include "search/history.h"
#include "search/space.h"

/* The study file's 'search:' map, read. Trees are borrowed; the option maps
 * hold no 'type' key, that is the name beside them. */
struct engine_options {
    const char *sampler; /* "auto", "random", "grid", ...: docs/search.md */
    const struct tree *sampler_options; /* map or NULL */
    const char *pruner;                 /* "auto" or a name of docs/search.md */
    const struct tree *pruner_options;  /* map or NULL */
    uint64_t seed;
    const char *file; /* the study file's name, for messages */
};

enum suggestion_kind {
    SUGGEST_NEW,      /* try the point 'x' */
    SUGGEST_RESUME,   /* go on with paused trial 'trial' */
    SUGGEST_WAIT,     /* nothing now; ask again when a result has come */
    SUGGEST_EXHAUSTED /* the space has no untried point left */
};

struct suggestion {
    enum suggestion_kind kind;
    double *x;      /* caller's array of space->count; filled for NEW */
    int64_t trial;  /* for RESUME */
    int64_t parent; /* for NEW: begins from this trial's checkpoint; or -1 */
};

enum decision { DECISION_CONTINUE, DECISION_PRUNE, DECISION_PAUSE };

/* "continue", "prune", "pause"; and back (-1). */
const char *decision_name(enum decision decision);
int decision_parse(const char *name);

struct engine;

/* Make an engine; borrows 'space' and reads 'options' now. Returns 0, or -1
 * with 'err' (kind USAGE): an unknown sampler or option (nearest named), a
 * sampler that cannot search this space. */
int engine_create(struct engine **out, const struct space *space,
                  const struct engine_options *options, struct error *err);
void engine_destroy(struct engine *e);

/* What a free worker should do. Deterministic in (seed, history). Values of
 * 's->x' that are not NAN on entry are kept (a partly fixed point) when
 * 'partial' is nonzero. Returns 0, or -1 with 'err'. */
int engine_suggest(struct engine *e, const struct history *h, int partial,
                   struct suggestion *s, struct error *err);

/* A paused trial that is to go on before anything new begins, or -1. */
int64_t engine_promote(struct engine *e, const struct history *h);

/* Whether running trial 'number' goes on after its last report. */
enum decision engine_judge(struct engine *e, const struct history *h,
                           int64_t number);

/* Append what was chosen and why ("sampler tpe (multivariate): ..."). */
void engine_describe(const struct engine *e, struct text *out);

#endif
