/* nsga2: the genetic algorithm with non-dominated sorting.
 *
 * Deb, Pratap, Agarwal & Meyarivan, A fast and elitist multiobjective genetic
 * algorithm: NSGA-II, IEEE Trans. Evol. Comput. 2002. The population is the
 * best trials of the whole history in the order of ranking.h: feasible ones
 * first, by front, then by crowding. So each child competes as soon as it has
 * ended (Nebro & Durillo, On the effect of the steady-state selection scheme,
 * 2009), and no worker waits for a generation. Two parents win a tournament
 * each; numbers cross by SBX and mutate by Deb's polynomial in unit
 * coordinates, choices are taken from either parent and mutate uniformly.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "search/parameter.h"
#include "search/sampler.h"
#include "search/models/coordinates.h"
#include "search/models/ranking.h"

/* Axes of so few values mutate to any of them, like choices. */
enum { FEW = 8 };

struct nsga2 {
    const struct space *space;
    int64_t population;
    double crossover, swapping; /* probabilities: of a child, of a parameter */
    double mutation;            /* 0: 1 / parameters */
    double eta_crossover, eta_mutation;
    struct ranking ranking;
    size_t *members; /* best first */
};

static void nsga2_destroy(void *state)
{
    struct nsga2 *n = state;

    if (n == NULL)
        return;
    ranking_clear(&n->ranking);
    free(n->members);
    free(n);
}

static int nsga2_create(void **state, const struct space *space,
                        struct reader *options, struct error *err)
{
    struct nsga2 *n = calloc(1, sizeof *n);

    *state = n;
    if (n == NULL)
        return error_memory(err);
    *n = (struct nsga2){
        .space = space,
        .population = 32,
        .crossover = 0.9,
        .swapping = 0.5,
        .eta_crossover = 15,
        .eta_mutation = 20,
        .ranking = RANKING_INIT,
    };
    reader_int(options, "population", 2, 10000, &n->population);
    reader_float(options, "crossover", 0, 1, &n->crossover);
    reader_float(options, "swapping", 0, 1, &n->swapping);
    reader_float(options, "mutation", 0, 1, &n->mutation);
    reader_float(options, "eta_crossover", 0, 1000, &n->eta_crossover);
    reader_float(options, "eta_mutation", 0, 1000, &n->eta_mutation);
    if (n->mutation == 0)
        n->mutation = 1 / fmax(1, (double)space->count);
    n->members = calloc((size_t)n->population, sizeof *n->members);
    return n->members ? 0 : error_memory(err);
}

/* The better of two members drawn: the one that stands first. */
static const double *tournament(const struct nsga2 *n, const struct history *h,
                                size_t count, struct random *random)
{
    size_t a = random_below(random, count), b = random_below(random, count);

    return h->trials[n->members[a < b ? a : b]].x;
}

/* --- one parameter ------------------------------------------------------- */

static bool few_values(const struct parameter *p)
{
    return coordinate_unordered(p) || parameter_count(p) <= FEW;
}

/* Simulated binary crossover of a and b, bounded to 0..1: the child beside a
 * (Deb & Agrawal 1995, with the bounds of NSGA-II's own code). */
static double cross(double a, double b, double eta, double u)
{
    double distance = fabs(a - b);

    if (distance < 1e-14)
        return a;
    double room = a < b ? a : 1 - a; /* to the bound on the far side */
    double alpha = 2 - pow(1 + 2 * room / distance, -(eta + 1));
    double spread = u <= 1 / alpha ? pow(u * alpha, 1 / (eta + 1))
                                   : pow(1 / (2 - u * alpha), 1 / (eta + 1));
    return 0.5 * (a + b) + 0.5 * spread * (a - b);
}

/* Polynomial mutation, bounded to 0..1. */
static double mutate(double x, double eta, double u)
{
    double power = 1 / (eta + 1);

    if (u < 0.5) {
        double xy = pow(1 - x, eta + 1);
        return x + pow(2 * u + (1 - 2 * u) * xy, power) - 1;
    }
    double xy = pow(x, eta + 1);
    return x + 1 - pow(2 * (1 - u) + (2 * u - 1) * xy, power);
}

/* A child's value from its parents' values, one of them or both of which may
 * be NAN. */
static double inherit(const struct nsga2 *n, const struct parameter *p,
                      double a, double b, bool crossing, struct random *random)
{
    bool crosses = crossing && random_uniform(random) < n->swapping;
    bool mutates = random_uniform(random) < n->mutation;
    double u = random_uniform(random), v = random_uniform(random);

    if (isnan(a) || (!isnan(b) && crosses && random_uniform(random) < 0.5)) {
        double other = a;
        a = b;
        b = other;
    }
    if (isnan(a) || (mutates && few_values(p)))
        return parameter_from_unit(p, v);
    if (few_values(p) || !(crosses || mutates))
        return a;
    double x = parameter_to_unit(p, a);
    if (crosses && !isnan(b))
        x = cross(x, parameter_to_unit(p, b), n->eta_crossover, u);
    if (mutates)
        x = mutate(fmax(0, fmin(x, 1)), n->eta_mutation, v);
    return parameter_from_unit(p, fmax(0, fmin(x, 1)));
}

/* --- suggesting ---------------------------------------------------------- */

static int nsga2_suggest(void *state, const struct history *h,
                         struct random *random, struct suggestion *s,
                         struct error *err)
{
    struct nsga2 *n = state;
    const struct space *space = n->space;

    if (ranking_update(&n->ranking, h))
        return error_memory(err);
    size_t count = ranking_best(&n->ranking, h, TIER_INFEASIBLE,
                                (size_t)n->population, n->members);
    if (count < (size_t)n->population) {
        random_fill(space, random, s->x);
        return 0;
    }
    const double *mother = tournament(n, h, count, random);
    const double *father = tournament(n, h, count, random);
    bool crossing = random_uniform(random) < n->crossover;

    for (size_t k = 0; k < space->count; k++) {
        size_t i = space->order[k];
        if (!space_active(space, i, s->x))
            s->x[i] = NAN;
        else if (isnan(s->x[i]))
            s->x[i] = inherit(n, &space->parameters[i], mother[i], father[i],
                              crossing, random);
    }
    return 0;
}

static void nsga2_describe(const void *state, struct text *out)
{
    const struct nsga2 *n = state;

    text_format(out, "a population of %lld, mutation %g",
                (long long)n->population, n->mutation);
}

const struct sampler sampler_nsga2 = {
    .name = "nsga-ii",
    .create = nsga2_create,
    .suggest = nsga2_suggest,
    .describe = nsga2_describe,
    .destroy = nsga2_destroy,
};
