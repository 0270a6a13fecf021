/* forecast: what trials that have not run to their end would have reached.
 *
 * Losses are put on one scale first: 0 the best there is, 1 the median trial's,
 * beyond that logarithmic, so that a diverged trial does not drown the rest. At
 * rungs of the steps a Gaussian process over the parameters, the loss by then
 * and its recent fall learns how much trials still gained, from the longest
 * curves down: a trial that ended at one rung teaches the rungs below through
 * its own forecast. Ended trials are learned from, all can be asked for.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MODELS_FORECAST_H
#define SEARCH_MODELS_FORECAST_H

#include <stdbool.h>

#include "search/history.h"
#include "search/math/gp.h"
#include "search/models/coordinates.h"

enum { FORECAST_RUNGS = 18 };

struct forecast_rung {
    double step;
    struct gp gp;
    bool known;           /* enough trials went on from here */
    double mean, scale;   /* of the gains */
    double anchor, slope; /* deviations of the two inputs */
};

/* What is to be known of a trial, beside those of all others: a look at every
 * trial of a long history costs little. */
struct forecast_trial {
    double shown;          /* its loss, else the best of its curve; or NAN */
    int64_t first, last;   /* steps it reported, or -1 */
    double mean, variance; /* where it ended; NAN: it did not, or is not
                              learned from */
    enum trial_state state;
};

struct forecast {
    struct history_cursor cursor;
    struct coordinates coordinates;
    struct forecast_trial *trials; /* all up to 'known' */
    size_t *window;                /* those learned from, in their order */
    double *losses;                /* room to find the median */
    size_t capacity, known, window_count;
    size_t ended;       /* trials with a mean */
    double good;        /* few losses are lower */
    double best, scale; /* of the losses */
    int64_t horizon;    /* the last step of complete trials, or -1 */
    struct forecast_rung rungs[FORECAST_RUNGS]; /* from the horizon down */
    size_t rung_count;
    bool *unordered; /* of the inputs: parameters, loss, fall */
    double *work;
    bool fitted; /* to the ended trials as they are */
};

void forecast_init(struct forecast *f);
void forecast_clear(struct forecast *f);

/* Catch up with the history. Returns 0, or -1 when out of memory. */
int forecast_update(struct forecast *f, const struct history *h);

/* Whether a trial is worth a look: it is new or good. Of a long history that
 * bounds what an answer costs. */
bool forecast_relevant(const struct forecast *f, size_t trial);

/* Whether a trial runs or is about to. */
bool forecast_pending(const struct forecast *f, size_t trial);

/* The lowest loss that any trial but 'other' has shown; INFINITY when there is
 * none. */
double forecast_lowest(const struct forecast *f, size_t other);

/* A loss on the common scale. */
double forecast_scaled(const struct forecast *f, double loss);

/* The loss that stands at a place of the common scale. */
double forecast_loss(const struct forecast *f, double scaled);

/* The expected best loss of a trial at its end, scaled, and how uncertain that
 * is. Returns false when it has not reported. */
bool forecast_of(struct forecast *f, const struct history *h, size_t trial,
                 double *mean, double *variance);

/* Whether the trial's last report is its first at or after some rung (or there
 * are no rungs). */
bool forecast_rung_reached(const struct forecast *f, const struct trial *t);

#endif
