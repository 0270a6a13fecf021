/* clock: the time, in seconds as double.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/* Seconds since 1970 (may jump); for what is stored and shown. */
double clock_wall(void);

/* Seconds from some start (never jumps); for terms, rates and timeouts. */
double clock_monotonic(void);

/* Wall time of when this was first asked, and from then on what the monotonic
 * clock adds: for what lasts and is stored. It never jumps; one thread's. */
double clock_steady(void);

/* Do nothing for so long, or until a signal was handled. */
void clock_sleep(double seconds);

#endif
