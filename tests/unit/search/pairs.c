/* pairs: every sampler with every pruner on every kind of parameter, whatever
 * becomes of the trials. Nothing crashes (the test runs under sanitizers), and
 * no value is outside its range.
 *
 * SENTEI_TEST_ASKS=1000000 plays on with other seeds until so many points were
 * asked for; without it each pair is played a few
 * times.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>

#include "base/json.h"
#include "base/random.h"
#include "search/engine.h"
#include "tests/unit/search/build.h"

enum { NAMES_MAX = 32, AXES_MAX = 16, RUNNING_MAX = 5 };
enum { CHEAP_TRIALS = 40, DEAR_TRIALS = 18 };

/* --- spaces -------------------------------------------------------------- */

static void add_thousand(struct space *s, const char *name)
{
    struct parameter p = { .name = text_copy(name),
                           .kind = PARAMETER_CATEGORICAL,
                           .choices = tree_list() };

    for (int i = 0; i < 1000; i++)
        tree_append(p.choices, tree_int(i));
    build_add(s, p);
}

static void make_wide(struct space *s)
{
    struct parameter ordered = build_choice("ordered", "s m l xl");
    struct parameter width = build_int("width", 1, 0x1p52);

    ordered.ordered = true;
    width.log = true;
    build_add(s, build_float("huge", -1e300, 1e300));
    build_add(s, build_log("scale", 1e-300, 1e300));
    build_add(s, build_int("whole", -0x1p51, 0x1p51));
    build_add(s, width);
    build_add(s, build_float("only", 0.25, 0.25));
    build_add(s, build_int("one", 7, 7));
    build_add(s, build_choice("sole", "x"));
    build_add(s, ordered);
    build_add(s, build_step(build_float("stepped", 0, 1), 0.1));
    add_thousand(s, "thousand");
}

static void make_conditional(struct space *s)
{
    build_add(s, build_choice("model", "tree net none"));
    build_add(s, build_when(build_int("depth", 1, 12), "model", "tree"));
    build_add(s, build_when(build_log("rate", 1e-5, 1), "model", "net"));
    build_add(s, build_when(build_choice("kind", "a b"), "model", "net"));
    build_add(s, build_when(build_float("a", 0, 1), "kind", "a"));
    build_add(s, build_between(build_float("deep", 0, 1), "depth", 6, 12));
    build_add(s, build_float("always", -1, 1));
}

static void make_finite(struct space *s)
{
    build_add(s, build_int("i", 0, 3));
    build_add(s, build_choice("c", "a b c"));
    build_add(s, build_when(build_choice("d", "x y"), "c", "b c"));
}

static void make_single(struct space *s)
{
    build_add(s, build_float("x", 3, 3));
}

static void (*const makers[])(struct space *s) = { make_wide, make_conditional,
                                                   make_finite, make_single };
enum { SPACES = sizeof makers / sizeof *makers };

/* --- what becomes of trials ---------------------------------------------- */

enum weather {
    MIXED,
    EQUAL,
    FAILING,
    NOT_A_NUMBER,
    ENDLESS,
    EXTREME,
    WEATHERS
};

static double draw_loss(enum weather w, struct random *r)
{
    static const double extremes[] = { 1e308, -1e308, INFINITY, 0, 5e-324 };

    if (w == EQUAL)
        return 1;
    if (w == NOT_A_NUMBER || (w == MIXED && random_below(r, 8) == 0))
        return INFINITY; /* what the history keeps a NaN as */
    if (w == EXTREME)
        return extremes[random_below(r, 5)];
    return random_normal(r);
}

static enum trial_state draw_end(enum weather w, struct random *r)
{
    if (w == FAILING || (w == MIXED && random_below(r, 4) == 0))
        return TRIAL_FAILED;
    return TRIAL_COMPLETE;
}

/* --- playing ------------------------------------------------------------- */

struct game {
    struct engine *engine;
    struct history history;
    const struct space *space;
    enum weather weather;
    struct random random;
    int64_t running[RUNNING_MAX];
    size_t running_count;
    double x[AXES_MAX];
    const char *what; /* of the pair, for messages */
};

static void finish(struct game *g, int64_t number, enum trial_state state)
{
    double losses[2], constraint = random_normal(&g->random);

    for (size_t o = 0; o < 2; o++)
        losses[o] = draw_loss(g->weather, &g->random);
    if (state != TRIAL_FAILED)
        history_finish(&g->history, number, losses, &constraint);
    history_set_state(&g->history, number, state);
}

/* A few reports, then the end or what the pruner wants. */
static void run(struct game *g, int64_t number)
{
    int64_t step = trial_last_step(&g->history.trials[number]);

    for (int i = 0; i < 3; i++) {
        step = step < 0 ? 1 : step + 1 + (int64_t)random_below(&g->random, 3);
        history_report(&g->history, number, step,
                       draw_loss(g->weather, &g->random), (double)step);
        enum decision d = engine_judge(g->engine, &g->history, number);
        if (d == DECISION_PRUNE) {
            finish(g, number, TRIAL_PRUNED);
            return;
        }
        if (d == DECISION_PAUSE) {
            history_set_state(&g->history, number, TRIAL_PAUSED);
            return;
        }
    }
    finish(g, number, draw_end(g->weather, &g->random));
}

/* Let one of the running trials come to an end when there are many. */
static void make_room(struct game *g)
{
    if (g->running_count < RUNNING_MAX)
        return;
    size_t slot = random_below(&g->random, g->running_count);
    int64_t number = g->running[slot];

    g->running[slot] = g->running[--g->running_count];
    if (g->weather != ENDLESS)
        run(g, number);
}

/* Fix a few parameters at random legal values. Returns whether any is. */
static int fix_some(struct game *g, double *fixed)
{
    int any = 0;

    for (size_t i = 0; i < g->space->count; i++)
        fixed[i] = NAN;
    if (random_below(&g->random, 6) > 0 || g->history.count == 0)
        return 0;
    const double *x =
        g->history.trials[random_below(&g->random, g->history.count)].x;
    for (size_t k = 0; k < g->space->count; k++) {
        size_t i = g->space->order[k];
        if (space_active(g->space, i, fixed) && !isnan(x[i]) &&
            random_below(&g->random, 2)) {
            fixed[i] = x[i];
            any = 1;
        }
    }
    return any;
}

/* One ask and what follows. Returns false when there is nothing left. */
static bool move(struct game *g)
{
    struct suggestion s = { .x = g->x, .trial = -1 };
    struct error err = ERROR_INIT;
    double fixed[AXES_MAX];
    int partial = fix_some(g, fixed);

    memcpy(g->x, fixed, g->space->count * sizeof *fixed);
    if (engine_suggest(g->engine, &g->history, partial, &s, &err))
        fail_msg("%s: %s", g->what, err.what);
    if (s.kind == SUGGEST_EXHAUSTED || s.kind == SUGGEST_WAIT)
        return false;
    if (s.kind == SUGGEST_RESUME) {
        if (s.trial < 0 || (size_t)s.trial >= g->history.count ||
            g->history.trials[s.trial].state != TRIAL_PAUSED)
            fail_msg("%s: resumes what is not paused", g->what);
    } else {
        if (!space_contains(g->space, g->x))
            fail_msg("%s: outside its range", g->what);
        for (size_t i = 0; i < g->space->count; i++)
            if (!isnan(fixed[i]) && g->x[i] != fixed[i])
                fail_msg("%s: '%s' was fixed", g->what,
                         g->space->parameters[i].name);
        s.trial = history_add(&g->history, g->x);
    }
    history_set_state(&g->history, s.trial, TRIAL_RUNNING);
    g->running[g->running_count++] = s.trial;
    make_room(g);
    return true;
}

/* The options that some cannot do without. */
static const char *options_of(const char *name)
{
    static const struct {
        const char *name, *options;
    } needs[] = { { "threshold", "{\"upper\": 1}" },
                  { "patient", "{\"patience\": 2}" },
                  { "pbt", "{\"interval\": 2}" } };

    for (size_t i = 0; i < sizeof needs / sizeof *needs; i++)
        if (strcmp(name, needs[i].name) == 0)
            return needs[i].options;
    return "{}";
}

static struct tree *parse_options(const char *name)
{
    const char *text = options_of(name);
    struct error err = ERROR_INIT;

    return json_parse(text, strlen(text), "options", &err);
}

/* Pairs that the engine does not take: grid in an infinite space, a pruner for
 * a sampler that has its own. */
static bool is_refused(const struct error *err)
{
    return strstr(err->what, "finite space") ||
           strstr(err->what, "too many points") ||
           strstr(err->what, "leave the pruner out");
}

/* Returns how many points were asked for. */
static size_t play(const struct space *space, const char *sampler,
                   const char *pruner, enum weather weather, size_t trials,
                   uint64_t seed)
{
    struct tree *sampler_options = parse_options(sampler);
    struct tree *pruner_options = parse_options(pruner);
    const struct engine_options options = { .sampler = sampler,
                                            .sampler_options = sampler_options,
                                            .pruner = pruner,
                                            .pruner_options = pruner_options,
                                            .seed = seed };
    struct error err = ERROR_INIT;
    struct game g = { .space = space, .weather = weather };
    char what[80];
    size_t asks = 0;

    snprintf(what, sizeof what, "%s + %s, seed %llu", sampler, pruner,
             (unsigned long long)seed);
    g.what = what;
    random_seed(&g.random, seed, weather);
    history_init(&g.history, space, 1 + seed % 2, seed / 2 % 2);
    if (engine_create(&g.engine, space, &options, &err) == 0)
        for (; asks < trials && move(&g); asks++)
            ;
    else if (!is_refused(&err))
        fail_msg("%s: %s", what, err.what);
    engine_destroy(g.engine);
    history_clear(&g.history);
    tree_destroy(sampler_options);
    tree_destroy(pruner_options);
    return asks;
}

/* --- all of them --------------------------------------------------------- */

/* The names that the engine knows, from what it says to one it does not. */
static size_t list_names(const char *sampler, const char *pruner, char *text,
                         size_t size, const char **names)
{
    struct engine_options options = { .sampler = sampler, .pruner = pruner };
    struct error err = ERROR_INIT;
    struct engine *e;
    struct space s;
    size_t count = 0;

    space_init(&s);
    build_finish(&s);
    assert_int_equal(engine_create(&e, &s, &options, &err), -1);
    const char *list = strstr(err.what, "there are ");
    assert_non_null(list);
    snprintf(text, size, "%s", list + strlen("there are "));
    for (char *rest = text, *word; (word = strtok_r(rest, ", ", &rest));)
        if (count < NAMES_MAX)
            names[count++] = word;
    space_clear(&s);
    return count;
}

static bool is_dear(const char *sampler)
{
    return strcmp(sampler, "gp") == 0 || strcmp(sampler, "ehvi") == 0 ||
           strcmp(sampler, "auto") == 0;
}

static void every_pair_keeps_to_its_space(void **unused)
{
    const char *wanted = getenv("SENTEI_TEST_ASKS");
    const char *samplers[NAMES_MAX], *pruners[NAMES_MAX];
    char sampler_text[500], pruner_text[500];
    size_t least = wanted ? strtoul(wanted, NULL, 10) : 20000, asks = 0;
    struct space spaces[SPACES];

    (void)unused;
    size_t sampler_count =
        list_names("?", "none", sampler_text, sizeof sampler_text, samplers);
    size_t pruner_count =
        list_names("random", "?", pruner_text, sizeof pruner_text, pruners);
    assert_true(sampler_count >= 9 && pruner_count >= 4);
    for (size_t k = 0; k < SPACES; k++) {
        space_init(&spaces[k]);
        makers[k](&spaces[k]);
        build_finish(&spaces[k]);
    }
    for (uint64_t seed = 0; asks < least;)
        for (size_t i = 0; i < sampler_count * pruner_count * SPACES; i++) {
            const char *sampler = samplers[i % sampler_count];
            size_t pruner = i / sampler_count % pruner_count;
            size_t space = i / sampler_count / pruner_count;
            bool dear = is_dear(sampler);

            seed++;
            if (dear && (seed / 3 + pruner) % SPACES != space)
                continue; /* one space a round, each in its turn */
            asks += play(&spaces[space], sampler, pruners[pruner],
                         (enum weather)(random_mix(seed) % WEATHERS),
                         dear ? DEAR_TRIALS : CHEAP_TRIALS, seed);
        }
    for (size_t k = 0; k < SPACES; k++)
        space_clear(&spaces[k]);
    if (wanted)
        print_message("%zu asks\n", asks);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_pair_keeps_to_its_space),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
