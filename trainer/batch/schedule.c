/* See schedule.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/batch/schedule.h"

#include <math.h>
#include <stddef.h>

const char *const schedule_names[] = { "natural", "linear",      "cosine",
                                       "step",    "exponential", NULL };

double schedule_share(const struct schedule *s, double natural, int64_t epoch)
{
    double done = (double)epoch / (double)s->ramp_epochs;
    double bend = (1 - cos(acos(-1.0) * done)) / 2;

    if (epoch >= s->ramp_epochs || natural <= 0 || natural >= 1)
        return natural;
    switch (s->kind) {
    case SCHEDULE_LINEAR:
        return s->start + (natural - s->start) * done;
    case SCHEDULE_COSINE:
        return s->start + (natural - s->start) * bend;
    case SCHEDULE_STEP:
        return s->start;
    case SCHEDULE_EXPONENTIAL:
        return s->start * pow(natural / s->start, done);
    case SCHEDULE_NATURAL:
        break;
    }
    return natural;
}
