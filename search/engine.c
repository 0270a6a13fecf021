/* engine: the tables of samplers and pruners, and what holds for all of them:
 * a random stream for each suggestion, and no point twice in a finite space.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/engine.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/random.h"
#include "base/reader.h"
#include "search/pruner.h"
#include "search/sampler.h"
#include "search/seen.h"

/* Finite spaces up to this many points are searched whole by 'auto'. */
enum { AUTO_GRID_POINTS = 32 };

/* How often a sampler is asked for a point that is not there yet. */
enum { TRIES = 16 };

static const struct sampler *const samplers[] = {
    &sampler_random, &sampler_grid, &sampler_qmc,  &sampler_tpe, &sampler_cmaes,
    &sampler_nsga2,  &sampler_gp,   &sampler_ehvi, &sampler_pbt,
};
enum { SAMPLERS = sizeof samplers / sizeof *samplers };

static const struct pruner *const pruners[] = {
    &pruner_none,      &pruner_median,    &pruner_percentile,
    &pruner_patient,   &pruner_threshold, &pruner_asha,
    &pruner_hyperband, &pruner_wilcoxon,  &pruner_curve,
};
enum { PRUNERS = sizeof pruners / sizeof *pruners };

static const char *const decision_names[] = {
    [DECISION_CONTINUE] = "continue",
    [DECISION_PRUNE] = "prune",
    [DECISION_PAUSE] = "pause",
};

struct engine {
    const struct space *space;
    uint64_t seed;
    double size; /* of the space */
    const struct sampler *sampler;
    const struct pruner *pruner;
    void *sampler_state, *pruner_state;
    const char *sampler_why, *pruner_why; /* "" unless chosen by 'auto' */
    struct seen seen;
    double *fixed; /* a copy of the caller's partly fixed point */
};

const char *decision_name(enum decision decision)
{
    assert((unsigned)decision <= DECISION_PAUSE);
    return decision_names[decision];
}

int decision_parse(const char *name)
{
    for (int i = 0; i <= DECISION_PAUSE; i++)
        if (strcmp(name, decision_names[i]) == 0)
            return i;
    return -1;
}

/* --- making -------------------------------------------------------------- */

/* "unknown sampler 'tpee'", with the nearest of 'names' as a hint. */
static int unknown(const char *what, const char *name, const char *const *names,
                   size_t count, struct error *err)
{
    struct text list = TEXT_INIT;
    const char *near = text_nearest(name, names, count);

    for (size_t i = 0; i < count; i++)
        text_format(&list, "%s%s", i ? ", " : "", names[i]);
    error_usage(err, "there is no %s '%s'; there are %s", what, name,
                text_get(&list));
    if (near != NULL)
        error_hint(err, "did you mean '%s'?", near);
    text_clear(&list);
    return -1;
}

static int choose_sampler(struct engine *e, const char *name, struct error *err)
{
    const char *names[SAMPLERS + 1] = { "auto" };

    e->sampler_why = "";
    if (name == NULL || strcmp(name, "auto") == 0) {
        bool small = e->size <= AUTO_GRID_POINTS;
        e->sampler = small ? &sampler_grid : &sampler_auto;
        e->sampler_why = small ? "auto: few points, try all; " : "";
        return 0;
    }
    for (size_t i = 0; i < SAMPLERS; i++) {
        names[i + 1] = samplers[i]->name;
        if (strcmp(name, samplers[i]->name) == 0) {
            e->sampler = samplers[i];
            return 0;
        }
    }
    return unknown("sampler", name, names, SAMPLERS + 1, err);
}

const struct pruner *pruner_find(const char *name, struct error *err)
{
    const char *names[PRUNERS + 1] = { "auto" };

    if (strcmp(name, "auto") == 0)
        return &pruner_asha;
    for (size_t i = 0; i < PRUNERS; i++) {
        names[i + 1] = pruners[i]->name;
        if (strcmp(name, pruners[i]->name) == 0)
            return pruners[i];
    }
    unknown("pruner", name, names, PRUNERS + 1, err);
    return NULL;
}

static int choose_pruner(struct engine *e, const char *name, struct error *err)
{
    const struct pruner *own = e->sampler->pruner;
    bool automatic = name == NULL || strcmp(name, "auto") == 0;

    e->pruner_why = automatic && own == NULL ? "auto: losers end early; " : "";
    if (own && !automatic && strcmp(name, "none") != 0)
        return error_usage(err,
                           "sampler %s ends trials itself: leave the "
                           "pruner out",
                           e->sampler->name);
    e->pruner =
        own && automatic ? own : pruner_find(automatic ? "auto" : name, err);
    return e->pruner ? 0 : -1;
}

/* Begin to read an options map, in which "type" was read by the caller. */
static void open_options(struct reader *r, const struct tree *options,
                         const char *file, const char *path, struct error *err)
{
    const char *type;

    reader_open(r, options, file ? file : "", path, err);
    reader_string(r, "type", &type);
}

static int create_sampler(struct engine *e, const struct engine_options *o,
                          struct error *err)
{
    struct reader r;

    assert(e->sampler);
    open_options(&r, o->sampler_options, o->file, "search.sampler", err);
    if (r.failed)
        return reader_close(&r);
    if (e->sampler->create(&e->sampler_state, e->space, &r, err))
        return -1;
    if (e->sampler->seed != NULL)
        e->sampler->seed(e->sampler_state, e->seed);
    return reader_close(&r);
}

static int create_pruner(struct engine *e, const struct engine_options *o,
                         struct error *err)
{
    struct reader r;

    assert(e->pruner);
    if (e->pruner == e->sampler->pruner)
        open_options(&r, o->sampler_options, o->file, "search.sampler", err);
    else
        open_options(&r, o->pruner_options, o->file, "search.pruner", err);
    if (r.failed)
        return reader_close(&r);
    if (e->pruner->create(&e->pruner_state, &r, err))
        return -1;
    return reader_close(&r);
}

int engine_create(struct engine **out, const struct space *space,
                  const struct engine_options *options, struct error *err)
{
    struct engine *e = calloc(1, sizeof *e);

    *out = NULL;
    if (e == NULL)
        return error_memory(err);
    e->space = space;
    e->seed = options->seed;
    e->size = space_size(space);
    e->seen = (struct seen)SEEN_INIT;
    e->fixed = malloc((space->count + 1) * sizeof *e->fixed);
    if (e->fixed == NULL) {
        error_memory(err);
        goto error;
    }
    if (choose_sampler(e, options->sampler, err) ||
        choose_pruner(e, options->pruner, err) ||
        create_sampler(e, options, err) || create_pruner(e, options, err))
        goto error;
    *out = e;
    return 0;
error:
    engine_destroy(e);
    return -1;
}

void engine_destroy(struct engine *e)
{
    if (e == NULL)
        return;
    if (e->sampler != NULL)
        e->sampler->destroy(e->sampler_state);
    if (e->pruner != NULL)
        e->pruner->destroy(e->pruner_state);
    seen_clear(&e->seen);
    free(e->fixed);
    free(e);
}

/* --- asking -------------------------------------------------------------- */

/* Let the sampler fill what is not fixed. */
static int propose(struct engine *e, const struct history *h,
                   struct random *random, struct suggestion *s,
                   struct error *err)
{
    for (size_t i = 0; i < e->space->count; i++)
        s->x[i] = e->fixed[i];
    s->kind = SUGGEST_NEW;
    s->parent = -1;
    if (e->sampler->suggest(e->sampler_state, h, random, s, err))
        return -1;
    if (s->kind == SUGGEST_NEW)
        space_repair(e->space, s->x);
    return 0;
}

/* A point that is not in the history, unless nothing but repetition is left
 * to what is fixed (or the sampler is set on it, in an infinite space). */
static int suggest_new(struct engine *e, const struct history *h, bool partial,
                       struct suggestion *s, struct error *err)
{
    struct random random;

    random_seed(&random, e->seed, h->count);
    if (e->sampler->pruner) /* it plans for itself, and may repeat a point */
        return propose(e, h, &random, s, err);
    if (seen_update(&e->seen, h))
        return error_memory(err);
    if (!partial && (double)e->seen.count >= e->size) {
        s->kind = SUGGEST_EXHAUSTED;
        return 0;
    }
    for (int i = 0; i < TRIES; i++) {
        if (propose(e, h, &random, s, err))
            return -1;
        if (s->kind != SUGGEST_NEW || !seen_has(&e->seen, h, s->x))
            return 0;
    }
    if (partial || isinf(e->size))
        return 0;
    double start = floor(random_uniform(&random) * e->size);
    return seen_find_new(&e->seen, h, e->size, start, s->x) ? error_memory(err)
                                                            : 0;
}

int64_t engine_promote(struct engine *e, const struct history *h)
{
    return e->pruner->promote && h->objective_count == 1
               ? e->pruner->promote(e->pruner_state, h)
               : -1;
}

int engine_suggest(struct engine *e, const struct history *h, int partial,
                   struct suggestion *s, struct error *err)
{
    for (size_t i = 0; i < e->space->count; i++)
        e->fixed[i] = partial ? s->x[i] : NAN;
    s->trial = partial || e->sampler->pruner ? -1 : engine_promote(e, h);
    if (s->trial >= 0) {
        s->kind = SUGGEST_RESUME;
        return 0;
    }
    return suggest_new(e, h, partial != 0, s, err);
}

enum decision engine_judge(struct engine *e, const struct history *h,
                           int64_t number)
{
    assert(number >= 0 && (size_t)number < h->count);
    /* intermediate values are of the first objective alone: they cannot tell
     * who is worse in all of several */
    if (h->objective_count > 1 || h->trials[number].curve_count == 0)
        return DECISION_CONTINUE;
    return e->pruner->judge(e->pruner_state, h, number);
}

void engine_describe(const struct engine *e, struct text *out)
{
    text_format(out, "sampler %s (%s", e->sampler->name, e->sampler_why);
    e->sampler->describe(e->sampler_state, out);
    text_format(out, "), pruner %s (%s", e->pruner->name, e->pruner_why);
    e->pruner->describe(e->pruner_state, out);
    text_append(out, ")");
}
