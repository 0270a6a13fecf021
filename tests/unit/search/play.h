/* play: an engine with its history, for tests that run a small study.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_SEARCH_PLAY_H
#define TESTS_UNIT_SEARCH_PLAY_H

#include <math.h>
#include <stdlib.h>

#include "base/json.h"
#include "search/engine.h"
#include "tests/unit/search/build.h"

struct play {
    struct engine *engine;
    struct history history;
    struct tree *sampler_options, *pruner_options;
    double x[16]; /* the last suggestion */
};

static inline struct tree *play_options(const char *text)
{
    struct error err = ERROR_INIT;

    return text ? json_parse(text, strlen(text), "options", &err) : NULL;
}

/* Begin with options in JSON, or NULL. Dies on an error. */
static inline void play_begin(struct play *p, const struct space *s,
                              const char *sampler, const char *sampler_options,
                              const char *pruner, const char *pruner_options,
                              uint64_t seed)
{
    struct error err = ERROR_INIT;

    p->sampler_options = play_options(sampler_options);
    p->pruner_options = play_options(pruner_options);
    const struct engine_options options = {
        .sampler = sampler,
        .sampler_options = p->sampler_options,
        .pruner = pruner,
        .pruner_options = p->pruner_options,
        .seed = seed,
        .file = "study.yaml",
    };
    history_init(&p->history, s, 1, 0);
    if (engine_create(&p->engine, s, &options, &err)) {
        error_print(&err, "play_begin");
        abort();
    }
}

static inline void play_end(struct play *p)
{
    engine_destroy(p->engine);
    history_clear(&p->history);
    tree_destroy(p->sampler_options);
    tree_destroy(p->pruner_options);
}

/* Ask; the new point is in p->x. Dies on an error. */
static inline enum suggestion_kind play_ask(struct play *p)
{
    struct suggestion s = { .x = p->x, .trial = -1 };
    struct error err = ERROR_INIT;

    if (engine_suggest(p->engine, &p->history, 0, &s, &err)) {
        error_print(&err, "play_ask");
        abort();
    }
    return s.kind;
}

/* Start a trial at p->x; returns its number. */
static inline int64_t play_start(struct play *p)
{
    int64_t number = history_add(&p->history, p->x);

    history_set_state(&p->history, number, TRIAL_RUNNING);
    return number;
}

static inline void play_finish(struct play *p, int64_t number,
                               enum trial_state state, double loss)
{
    history_finish(&p->history, number, &loss, NULL);
    history_set_state(&p->history, number, state);
}

/* Report and judge. */
static inline enum decision play_report(struct play *p, int64_t number,
                                        int64_t step, double loss)
{
    history_report(&p->history, number, step, loss, (double)step);
    return engine_judge(p->engine, &p->history, number);
}

#endif
