/* See calibration.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/fold/calibration.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

enum { SLOPE, OFFSET };
enum { STEPS = 50 };

const char *const calibration_names[] = { "none", "prior", "fit", NULL };

int calibration_init(struct calibration *c, size_t outputs, struct error *err)
{
    *c = (struct calibration){ .outputs = outputs, .line = { 1, 0 } };
    c->shift = calloc(outputs, sizeof *c->shift);
    return c->shift ? 0 : error_memory(err);
}

void calibration_clear(struct calibration *c)
{
    free(c->shift);
    *c = (struct calibration){ 0 };
}

/* What class k's logit was lifted by. */
static double lift(const double *natural, const double *seen,
                   const float *weight, size_t k)
{
    double by = weight ? log((double)weight[k]) : 0;

    return natural[k] > 0 && seen[k] > 0 ? by + log(seen[k] / natural[k]) : by;
}

void calibration_set_prior(struct calibration *c, const double *natural,
                           const double *seen, const float *weight)
{
    size_t k;

    for (k = 0; k < c->outputs; k++)
        c->shift[k] =
            (float)(c->outputs == 1 ? lift(natural, seen, weight, 0) -
                                          lift(natural, seen, weight, 1)
                                    : -lift(natural, seen, weight, k));
}

/* Probabilities with a given line, and the place of the logits before it. */
static void answer(const struct calibration *c, const double line[2],
                   const double *moved, double *probability)
{
    double high = line[SLOPE] * moved[0], sum = 0;
    size_t k;

    if (c->outputs == 1) {
        probability[0] = 1 / (1 + exp(-(high + line[OFFSET])));
        return;
    }
    for (k = 1; k < c->outputs; k++)
        high = fmax(high, line[SLOPE] * moved[k]);
    for (k = 0; k < c->outputs; k++)
        sum += probability[k] = exp(line[SLOPE] * moved[k] - high);
    for (k = 0; k < c->outputs; k++)
        probability[k] /= sum;
}

static void move(const struct calibration *c, bool shifted, const float *logit,
                 double *moved)
{
    size_t k;

    for (k = 0; k < c->outputs; k++)
        moved[k] = (double)logit[k] + (shifted ? (double)c->shift[k] : 0);
}

/* --- fitting --------------------------------------------------------------- */

/* The log loss's slope and curvature by the line's two numbers. */
struct newton {
    double slope[2], curve[3]; /* curve: by SLOPE twice, both, OFFSET twice */
};

static void add_binary(struct newton *n, double x, double p, double label)
{
    double d = p - label, w = p * (1 - p);

    n->slope[SLOPE] += d * x;
    n->slope[OFFSET] += d;
    n->curve[0] += w * x * x;
    n->curve[1] += w * x;
    n->curve[2] += w;
}

static void add_many(struct newton *n, const struct calibration *c,
                     const double *x, const double *p, size_t label)
{
    double mean = 0, square = 0;
    size_t k;

    for (k = 0; k < c->outputs; k++) {
        mean += p[k] * x[k];
        square += p[k] * x[k] * x[k];
    }
    n->slope[SLOPE] += mean - x[label];
    n->curve[0] += square - mean * mean;
}

/* One step of Newton's method, a little damped; false when there is none. */
static bool improve(const struct newton *n, bool offset, double line[2])
{
    double a = n->curve[0] + 1e-6, b = n->curve[1], d = n->curve[2] + 1e-6;
    double step[2] = { n->slope[SLOPE] / a, 0 };

    if (offset) {
        double det = a * d - b * b;

        step[SLOPE] = (d * n->slope[SLOPE] - b * n->slope[OFFSET]) / det;
        step[OFFSET] = (a * n->slope[OFFSET] - b * n->slope[SLOPE]) / det;
    }
    if (!isfinite(step[SLOPE]) || !isfinite(step[OFFSET]))
        return false;
    line[SLOPE] -= fmax(fmin(step[SLOPE], 1), -1);
    line[OFFSET] -= fmax(fmin(step[OFFSET], 1), -1);
    return fabs(step[SLOPE]) + fabs(step[OFFSET]) > 1e-9;
}

static struct newton look(const struct calibration *c, const double line[2],
                          const float *logit, const float *label, size_t count,
                          double *room)
{
    struct newton n = { { 0 }, { 0 } };
    double *moved = room, *p = room + c->outputs;
    size_t i;

    for (i = 0; i < count; i++) {
        move(c, true, logit + i * c->outputs, moved);
        answer(c, line, moved, p);
        if (c->outputs == 1)
            add_binary(&n, moved[0], p[0], (double)label[i]);
        else
            add_many(&n, c, moved, p, (size_t)label[i]);
    }
    return n;
}

static bool one_class(const float *label, size_t count)
{
    size_t i;

    for (i = 1; i < count; i++)
        if (label[i] != label[0])
            return false;
    return true;
}

void calibration_fit(struct calibration *c, const float *logit,
                     const float *label, size_t count)
{
    double *room = calloc(2 * c->outputs, sizeof *room), line[2] = { 1, 0 };
    int step;

    c->line[SLOPE] = 1;
    c->line[OFFSET] = 0;
    for (step = 0; room && !one_class(label, count) && step < STEPS; step++) {
        struct newton n = look(c, line, logit, label, count, room);

        if (!improve(&n, c->outputs == 1, line))
            break;
    }
    free(room);
    if (isfinite(line[SLOPE]) && isfinite(line[OFFSET]) && line[SLOPE] > 0) {
        c->line[SLOPE] = (float)line[SLOPE];
        c->line[OFFSET] = (float)line[OFFSET];
    }
}

void calibration_apply(const struct calibration *c, enum calibration_kind kind,
                       const float *logit, double *probability)
{
    static const double plain[2] = { 1, 0 };
    const double fitted[2] = { (double)c->line[SLOPE],
                               (double)c->line[OFFSET] };
    size_t k;

    move(c, kind != CALIBRATION_NONE, logit, probability);
    if (c->outputs == 1) {
        answer(c, kind == CALIBRATION_FIT ? fitted : plain, probability,
               probability);
        return;
    }
    for (k = 0; k < c->outputs; k++)
        probability[k] *= kind == CALIBRATION_FIT ? fitted[SLOPE] : 1;
    answer(c, plain, probability, probability);
}
