/* acquisition: see acquisition.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/samplers/acquisition.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "search/math/normal.h"
#include "search/parameter.h"

enum {
    SPREAD = 192, /* candidates from all over the space */
    NEAR = 192,   /* and near good trials */
    STARTS = 4,   /* the best of them are refined */
    ROUNDS = 3,
    AXES_MAX = 12, /* axes gone through in a round */
    STEPS = 2      /* blocks of random steps in a round */
};
static const double THRIFT = 0.5; /* the power of the cost */
static const double BELOW_ONE = 1 - 1e-12;

/* A candidate that was good so far. */
struct start {
    double score;
    double *point, *values; /* coordinates, and the values there */
};

struct hunt {
    const struct acquisition *a;
    struct random *random;
    size_t d;
    double *points, *values; /* of GP_BLOCK candidates */
    double *scratch, *fixed;
    struct start starts[STARTS];
};

/* ---- candidates --------------------------------------------------------- */

/* Make candidate 'b' legal: values from its coordinates, and the coordinates of
 * those values; what is fixed stays. */
static void settle(struct hunt *h, size_t b)
{
    const struct space *s = h->a->space;
    double *point = h->points + b * h->d, *value = h->values + b * h->d;

    for (size_t k = 0; k < h->d; k++) {
        size_t i = s->order[k];
        const struct parameter *p = &s->parameters[i];

        if (!space_active(s, i, value)) {
            value[i] = point[i] = NAN;
            continue;
        }
        value[i] =
            isnan(h->fixed[i]) ? parameter_from_unit(p, point[i]) : h->fixed[i];
        point[i] =
            h->a->unordered[i] ? value[i] : parameter_to_unit(p, value[i]);
    }
}

/* A coordinate in 0..1 for an unordered choice and an inactive one too. */
static double to_unit(const struct hunt *h, size_t axis, double v)
{
    if (isnan(v))
        return 0.5;
    if (h->a->unordered[axis])
        v = parameter_to_unit(&h->a->space->parameters[axis], v);
    return fmax(0, fmin(v, BELOW_ONE));
}

static void draw_anywhere(struct hunt *h)
{
    for (size_t b = 0; b < GP_BLOCK; b++) {
        for (size_t i = 0; i < h->d; i++)
            h->points[b * h->d + i] = random_uniform(h->random);
        settle(h, b);
    }
}

/* Candidate 'b' near a point: some coordinates move, by a bit or a lot. */
static void draw_near(struct hunt *h, const double *centre, double widest,
                      size_t b)
{
    double *point = h->points + b * h->d;
    double width = widest * pow(0.02, random_uniform(h->random));
    double share = fmax(2.0 / (double)h->d, random_uniform(h->random));

    for (size_t i = 0; i < h->d; i++) {
        double u = to_unit(h, i, centre[i]);
        if (random_uniform(h->random) < share)
            u = h->a->unordered[i] ? random_uniform(h->random)
                                   : u + width * random_normal(h->random);
        point[i] = fmax(0, fmin(u, BELOW_ONE));
    }
    settle(h, b);
}

/* Candidates that differ from a point on one axis: both ends, anywhere, and
 * steps that become shorter. */
static void draw_along(struct hunt *h, const double *centre, size_t axis)
{
    double width = 1;

    for (size_t b = 0; b < GP_BLOCK; b++) {
        double *point = h->points + b * h->d, u;

        for (size_t i = 0; i < h->d; i++)
            point[i] = to_unit(h, i, centre[i]);
        if (h->a->unordered[axis] || b == 2)
            u = random_uniform(h->random);
        else if (b < 2)
            u = (double)b;
        else
            u = point[axis] + (width *= 0.3) * random_normal(h->random);
        point[axis] = fmax(0, fmin(u, BELOW_ONE));
        settle(h, b);
    }
}

/* ---- their worth -------------------------------------------------------- */

/* log of the expected improvement over 'bar', for minimization. */
static double log_improvement(double mean, double variance, double bar)
{
    double s = sqrt(variance), z = (bar - mean) / s;

    if (z > -5)
        return log(s) + log(exp(-0.5 * z * z) * 0.39894228040143267794 +
                            z * normal_cdf(z));
    return log(s) - 0.5 * z * z - 0.91893853320467274178 - 2 * log(-z);
}

static bool same(const double *a, const double *b, size_t d)
{
    for (size_t i = 0; i < d; i++)
        if (!(a[i] == b[i] || (isnan(a[i]) && isnan(b[i]))))
            return false;
    return true;
}

static bool tried(const struct hunt *h, const double *point)
{
    const struct gp *gp = h->a->gp;

    for (size_t i = 0; i < gp->count; i++)
        if (same(gp->rows + i * h->d, point, h->d))
            return true;
    return false;
}

/* Put candidate 'b' into its place among 'count' starts. */
static void enter(struct hunt *h, size_t b, double score, struct start *starts,
                  size_t count)
{
    struct start last = starts[count - 1];
    size_t place = count - 1;

    while (place > 0 && starts[place - 1].score < score)
        place--;
    if (place > 0 && same(starts[place - 1].point, h->points + b * h->d, h->d))
        return;
    memmove(starts + place + 1, starts + place,
            (count - 1 - place) * sizeof *starts);
    last.score = score;
    memcpy(last.point, h->points + b * h->d, h->d * sizeof *last.point);
    memcpy(last.values, h->values + b * h->d, h->d * sizeof *last.values);
    starts[place] = last;
}

/* Keep the best of the candidates and the starts. */
static void weigh(struct hunt *h, struct start *starts, size_t count)
{
    const struct acquisition *a = h->a;
    double mean[GP_BLOCK], variance[GP_BLOCK], cost[GP_BLOCK] = { 0 };

    gp_predict(a->gp, h->points, GP_BLOCK, h->scratch, mean, variance);
    if (a->cost)
        gp_predict(a->cost, h->points, GP_BLOCK, NULL, cost, NULL);
    for (size_t b = 0; b < GP_BLOCK; b++) {
        double score = log_improvement(mean[b], variance[b], a->bar) -
                       THRIFT * a->cost_deviation * cost[b];
        if (score > starts[count - 1].score && !tried(h, h->points + b * h->d))
            enter(h, b, score, starts, count);
    }
}

/* ---- the hunt ----------------------------------------------------------- */

static void refine(struct hunt *h, struct start *s)
{
    size_t axes = h->d < AXES_MAX ? h->d : AXES_MAX;

    for (int round = 0; round < ROUNDS; round++) {
        for (size_t k = 0; k < axes; k++) {
            size_t axis = h->d == axes ? k : random_below(h->random, h->d);
            draw_along(h, s->point, axis);
            weigh(h, s, 1);
        }
        for (int i = 0; i < STEPS; i++) {
            for (size_t b = 0; b < GP_BLOCK; b++)
                draw_near(h, s->point, 0.25, b);
            weigh(h, s, 1);
        }
    }
}

static void hunt(struct hunt *h)
{
    const struct acquisition *a = h->a;

    for (int i = 0; i < SPREAD; i += GP_BLOCK) {
        draw_anywhere(h);
        weigh(h, h->starts, STARTS);
    }
    for (int i = 0; a->centre_count > 0 && i < NEAR; i += GP_BLOCK) {
        for (size_t b = 0; b < GP_BLOCK; b++)
            draw_near(h, a->centres[random_below(h->random, a->centre_count)],
                      0.5, b);
        weigh(h, h->starts, STARTS);
    }
    for (size_t i = 0; i < STARTS; i++)
        refine(h, &h->starts[i]);
}

int acquisition_choose(const struct acquisition *a, struct random *random,
                       double *x)
{
    size_t d = a->space->count, best = 0;
    struct hunt h = { .a = a, .random = random, .d = d };

    h.points = malloc((2 * (size_t)GP_BLOCK * d + GP_BLOCK * a->gp->count + d +
                       2 * (size_t)STARTS * d + 1) *
                      sizeof *h.points);
    if (h.points == NULL)
        return -1;
    h.values = h.points + (size_t)GP_BLOCK * d;
    h.scratch = h.values + (size_t)GP_BLOCK * d;
    h.fixed = h.scratch + GP_BLOCK * a->gp->count;
    memcpy(h.fixed, x, d * sizeof *x);
    draw_anywhere(&h);
    for (size_t i = 0; i < STARTS; i++) {
        h.starts[i] = (struct start){ -INFINITY, h.fixed + (2 * i + 1) * d,
                                      h.fixed + (2 * i + 2) * d };
        memcpy(h.starts[i].point, h.points, d * sizeof *x);
        memcpy(h.starts[i].values, h.values, d * sizeof *x);
    }
    hunt(&h);
    for (size_t i = 1; i < STARTS; i++)
        if (h.starts[i].score > h.starts[best].score)
            best = i;
    memcpy(x, h.starts[best].values, d * sizeof *x);
    free(h.points);
    return 0;
}
