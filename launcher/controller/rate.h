/* rate: how much of something may be had a second (a token bucket).
 *
 * A bucket is full at first, holding what may be had at once, and fills again
 * by the second. What is taken may make it owe; nothing is to be had then
 * until that is made up for.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_CONTROLLER_RATE_H
#define LAUNCHER_CONTROLLER_RATE_H

#include <stdbool.h>

struct rate {
    double per_s, most; /* in the same unit, whatever it is */
    double left, at;    /* so much at that time */
};

/* A full bucket. 'now' is a monotonic clock's, in seconds. */
void rate_init(struct rate *r, double per_s, double most, double now);

/* Whether there is any. */
bool rate_has(struct rate *r, double now);

/* Take so much, be it there or not. */
void rate_take(struct rate *r, double amount);

#endif
