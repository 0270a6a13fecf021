/* candidates: see candidates.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/models/candidates.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/models/coordinates.h"
#include "search/parameter.h"

enum {
    SPREAD = 192,  /* from all over the space */
    NEAR = 192,    /* near good ones */
    ROUNDS = 3,    /* of refining a start */
    AXES_MAX = 12, /* axes gone through in a round */
    STEPS = 2      /* blocks of random steps in a round */
};
static const double BELOW_ONE = 1 - 1e-12;

/* What a search works on. */
struct search {
    struct candidates *c;
    struct random *random;
    candidates_score score;
    void *context;
};

int candidates_init(struct candidates *c, const struct space *space)
{
    size_t d = space->count, block = CANDIDATES_BLOCK * d;

    *c = (struct candidates){ .space = space };
    c->unordered = calloc(d + 1, sizeof *c->unordered);
    c->block = calloc(2 * block + d + 2 * (size_t)CANDIDATES_STARTS * d + 1,
                      sizeof *c->block);
    if (c->unordered == NULL || c->block == NULL)
        return -1;
    c->points = c->block;
    c->values = c->points + block;
    c->fixed = c->values + block;
    for (size_t i = 0; i < CANDIDATES_STARTS; i++) {
        c->starts[i].point = c->fixed + (1 + 2 * i) * d;
        c->starts[i].values = c->fixed + (2 + 2 * i) * d;
    }
    for (size_t i = 0; i < d; i++)
        c->unordered[i] = coordinate_unordered(&space->parameters[i]);
    return 0;
}

void candidates_clear(struct candidates *c)
{
    free(c->unordered);
    free(c->block);
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
    for (size_t i = 0; i < d; i++)
        point[i] = coordinate_of(&c->space->parameters[i], value[i]);
}

static void draw_anywhere(struct candidates *c, struct random *random, size_t b)
{
    size_t d = c->space->count;

    for (size_t i = 0; i < d; i++)
        c->points[b * d + i] = random_uniform(random);
    settle(c, b);
}

/* A coordinate in 0..1, of an unordered choice and an inactive one too. */
static double unit_of(const struct candidates *c, size_t axis, double v)
{
    if (isnan(v))
        return 0.5;
    if (c->unordered[axis])
        v = parameter_to_unit(&c->space->parameters[axis], v);
    return fmax(0, fmin(v, BELOW_ONE));
}

/* Some coordinates of a good point move, by a bit or a lot. */
static void draw_near(struct candidates *c, struct random *random,
                      const double *centre, double widest, size_t b)
{
    size_t d = c->space->count;
    double width = widest * pow(0.02, random_uniform(random));
    double share = fmax(2.0 / (double)d, random_uniform(random));

    for (size_t i = 0; i < d; i++) {
        double u = unit_of(c, i, centre[i]);
        bool moves = random_uniform(random) < share;

        if (moves && (c->unordered[i] || isnan(centre[i])))
            u = random_uniform(random);
        else if (moves)
            u += width * random_normal(random);
        c->points[b * d + i] = fmax(0, fmin(u, BELOW_ONE));
    }
    settle(c, b);
}

/* A block that differs from a point on one axis: both ends, anywhere, and steps
 * that become shorter. */
static void draw_along(struct candidates *c, struct random *random,
                       const double *centre, size_t axis)
{
    size_t d = c->space->count;
    double width = 1;

    for (size_t b = 0; b < CANDIDATES_BLOCK; b++) {
        double *point = c->points + b * d, u;

        for (size_t i = 0; i < d; i++)
            point[i] = unit_of(c, i, centre[i]);
        if (c->unordered[axis] || b == 2)
            u = random_uniform(random);
        else if (b < 2)
            u = (double)b;
        else
            u = point[axis] + (width *= 0.3) * random_normal(random);
        point[axis] = fmax(0, fmin(u, BELOW_ONE));
        settle(c, b);
    }
}

/* Put point 'b' into its place among 'count' starts. */
static void enter(struct candidates *c, size_t b, double score,
                  struct candidate *starts, size_t count)
{
    size_t d = c->space->count, place = count - 1;
    struct candidate last = starts[count - 1];

    while (place > 0 && starts[place - 1].score < score)
        place--;
    if (place > 0 &&
        coordinates_equal(starts[place - 1].point, c->points + b * d, d))
        return;
    memmove(starts + place + 1, starts + place,
            (count - 1 - place) * sizeof *starts);
    last.score = score;
    memcpy(last.point, c->points + b * d, d * sizeof *last.point);
    memcpy(last.values, c->values + b * d, d * sizeof *last.values);
    starts[place] = last;
}

/* Keep the best of the block and the 'count' starts. */
static void weigh(const struct search *s, struct candidate *starts,
                  size_t count)
{
    double scores[CANDIDATES_BLOCK];

    s->score(s->context, s->c->points, CANDIDATES_BLOCK, scores);
    for (size_t b = 0; b < CANDIDATES_BLOCK; b++)
        if (scores[b] > starts[count - 1].score)
            enter(s->c, b, scores[b], starts, count);
}

static void refine(const struct search *s, struct candidate *start)
{
    size_t d = s->c->space->count, axes = d < AXES_MAX ? d : AXES_MAX;

    for (int round = 0; round < ROUNDS; round++) {
        for (size_t k = 0; k < axes; k++) {
            size_t axis = d == axes ? k : random_below(s->random, d);
            draw_along(s->c, s->random, start->point, axis);
            weigh(s, start, 1);
        }
        for (int i = 0; i < STEPS; i++) {
            for (size_t b = 0; b < CANDIDATES_BLOCK; b++)
                draw_near(s->c, s->random, start->point, 0.25, b);
            weigh(s, start, 1);
        }
    }
}

/* Fill the starts with the best of many. */
static void explore(const struct search *s, const double *good,
                    size_t good_count)
{
    struct candidates *c = s->c;
    size_t d = c->space->count;

    for (int i = 0; i < SPREAD; i += CANDIDATES_BLOCK) {
        for (size_t b = 0; b < CANDIDATES_BLOCK; b++)
            draw_anywhere(c, s->random, b);
        weigh(s, c->starts, CANDIDATES_STARTS);
    }
    for (int i = 0; i < NEAR && good_count > 0; i += CANDIDATES_BLOCK) {
        for (size_t b = 0; b < CANDIDATES_BLOCK; b++)
            draw_near(c, s->random,
                      good + random_below(s->random, good_count) * d, 0.5, b);
        weigh(s, c->starts, CANDIDATES_STARTS);
    }
}

void candidates_search(struct candidates *c, struct random *random,
                       const double *good, size_t good_count,
                       candidates_score score, void *context, double *x)
{
    const struct search s = { c, random, score, context };
    size_t d = c->space->count, best = 0;

    memcpy(c->fixed, x, d * sizeof *x);
    draw_anywhere(c, random, 0); /* should no score be a number */
    for (size_t i = 0; i < CANDIDATES_STARTS; i++) {
        c->starts[i].score = -INFINITY;
        memcpy(c->starts[i].point, c->points, d * sizeof *x);
        memcpy(c->starts[i].values, c->values, d * sizeof *x);
    }
    explore(&s, good, good_count);
    for (size_t i = 0; i < CANDIDATES_STARTS; i++) {
        refine(&s, &c->starts[i]);
        if (c->starts[i].score > c->starts[best].score)
            best = i;
    }
    memcpy(x, c->starts[best].values, d * sizeof *x);
}
