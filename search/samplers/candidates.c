/* candidates: see candidates.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/samplers/candidates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/parameter.h"

enum {
    SPREAD = 192, /* from all over the space */
    NEAR = 192,   /* near good ones */
    REFINED = 160 /* near the best so far */
};

int candidates_init(struct candidates *c, const struct space *space)
{
    size_t d = space->count, block = CANDIDATES_BLOCK * d;

    *c = (struct candidates){ .space = space };
    c->unordered = calloc(d + 1, sizeof *c->unordered);
    c->block = calloc(2 * block + 3 * d + 1, sizeof *c->block);
    if (c->unordered == NULL || c->block == NULL)
        return -1;
    c->points = c->block;
    c->values = c->points + block;
    c->best_point = c->values + block;
    c->best_values = c->best_point + d;
    c->fixed = c->best_values + d;
    for (size_t i = 0; i < d; i++)
        c->unordered[i] = space->parameters[i].kind == PARAMETER_CATEGORICAL &&
                          !space->parameters[i].ordered;
    return 0;
}

void candidates_clear(struct candidates *c)
{
    free(c->unordered);
    free(c->block);
}

void candidates_coordinates(const struct candidates *c, const double *x,
                            double *point)
{
    for (size_t i = 0; i < c->space->count; i++)
        point[i] = isnan(x[i]) || c->unordered[i]
                       ? x[i]
                       : parameter_to_unit(&c->space->parameters[i], x[i]);
}

/* Make point 'b' legal: values from its units, coordinates from the values. */
static void settle(struct candidates *c, size_t b)
{
    size_t d = c->space->count;
    double *point = c->points + b * d, *value = c->values + b * d;

    for (size_t k = 0; k < d; k++) {
        size_t i = c->space->order[k];

        if (!space_active(c->space, i, value))
            value[i] = NAN;
        else if (!isnan(c->fixed[i]))
            value[i] = c->fixed[i];
        else
            value[i] = parameter_from_unit(&c->space->parameters[i], point[i]);
    }
    candidates_coordinates(c, value, point);
}

static void draw_anywhere(struct candidates *c, struct random *random, size_t b)
{
    size_t d = c->space->count;

    for (size_t i = 0; i < d; i++)
        c->points[b * d + i] = random_uniform(random);
    settle(c, b);
}

/* Some coordinates of a good point move, by a bit or a lot. */
static void draw_near(struct candidates *c, struct random *random,
                      const double *centre, double widest, size_t b)
{
    size_t d = c->space->count;
    double width = widest * pow(0.02, random_uniform(random));
    double share = fmax(2.0 / (double)d, random_uniform(random));

    for (size_t i = 0; i < d; i++) {
        const struct parameter *p = &c->space->parameters[i];
        double u = isnan(centre[i])  ? 0.5
                   : c->unordered[i] ? parameter_to_unit(p, centre[i])
                                     : centre[i];
        bool moves = random_uniform(random) < share;

        if (moves && (c->unordered[i] || isnan(centre[i])))
            u = random_uniform(random);
        else if (moves)
            u += width * random_normal(random);
        c->points[b * d + i] = fmax(0, fmin(u, 1 - 1e-12));
    }
    settle(c, b);
}

static void weigh(struct candidates *c, candidates_score score, void *context)
{
    double scores[CANDIDATES_BLOCK];
    size_t d = c->space->count;

    score(context, c->points, CANDIDATES_BLOCK, scores);
    for (size_t b = 0; b < CANDIDATES_BLOCK; b++)
        if (scores[b] > c->highest) {
            c->highest = scores[b];
            memcpy(c->best_point, c->points + b * d, d * sizeof *c->points);
            memcpy(c->best_values, c->values + b * d, d * sizeof *c->values);
        }
}

void candidates_search(struct candidates *c, struct random *random,
                       const double *good, size_t good_count,
                       candidates_score score, void *context, double *x)
{
    size_t d = c->space->count;

    memcpy(c->fixed, x, d * sizeof *x);
    draw_anywhere(c, random, 0); /* should no score be a number */
    memcpy(c->best_point, c->points, d * sizeof *x);
    memcpy(c->best_values, c->values, d * sizeof *x);
    c->highest = -INFINITY;
    for (int i = 0; i < SPREAD; i += CANDIDATES_BLOCK) {
        for (size_t b = 0; b < CANDIDATES_BLOCK; b++)
            draw_anywhere(c, random, b);
        weigh(c, score, context);
    }
    for (int i = 0; i < NEAR && good_count > 0; i += CANDIDATES_BLOCK) {
        for (size_t b = 0; b < CANDIDATES_BLOCK; b++)
            draw_near(c, random, good + random_below(random, good_count) * d,
                      0.5, b);
        weigh(c, score, context);
    }
    for (int i = 0; i < REFINED; i += CANDIDATES_BLOCK) {
        for (size_t b = 0; b < CANDIDATES_BLOCK; b++)
            draw_near(c, random, c->best_point, 0.25, b);
        weigh(c, score, context);
    }
    memcpy(x, c->best_values, d * sizeof *x);
}
