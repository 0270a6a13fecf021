/* regret: how much better than the best trial another could still be expected
 * to be.
 *
 * The bound of Makarova et al., Automatic termination for hyperparameter
 * optimization, AutoML 2022: by a Gaussian process over the ended trials
 * (models/outlook.h) the lowest upper confidence bound of a trial less the
 * lowest lower confidence bound of any point. When it is below the noise of the
 * results, what else is found could be luck.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MODELS_REGRET_H
#define SEARCH_MODELS_REGRET_H

#include <stdbool.h>
#include <stdint.h>

#include "search/history.h"
#include "search/models/outlook.h"

enum { REGRET_MIN_TRIALS = 20 }; /* that ended with a value */

struct regret {
    struct outlook outlook;
    uint64_t seed;
    uint64_t identity;    /* of the history that was looked at */
    size_t trials, ended; /* its trials, and how many had ended */
    bool known;           /* the two below are */
    double bound, noise;  /* of objective 0, in its own units; >= 0 */
    double width, lowest; /* of the search: deviations, what was found */
};

/* For studies over 'space', which is borrowed. Returns 0, or -1 when out of
 * memory; destroy it in any case (NULL is fine). */
int regret_create(struct regret **out, const struct space *space,
                  uint64_t seed);
void regret_destroy(struct regret *r);

/* Catch up with the history: r->known tells whether there is an answer, not
 * before REGRET_MIN_TRIALS trials, and only of one objective without
 * constraints. It is worked out anew when a trial has begun or ended. Returns
 * 0, or -1 when out of memory. */
int regret_update(struct regret *r, const struct history *h);

/* Whether no trial is expected to beat the best by more than 'tolerance', or
 * than the noise of the results. Not known, or out of memory: false. */
bool regret_is_low(struct regret *r, const struct history *h, double tolerance);

#endif
