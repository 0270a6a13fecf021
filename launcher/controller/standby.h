/* standby: wait until nobody serves a run.
 *
 * Each allocation of a study has a controller of its own, and one of them
 * serves. The others ask it now and then whether it is there; when it is not,
 * they try to open the store, whose lock lets one of them have it.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_CONTROLLER_STANDBY_H
#define LAUNCHER_CONTROLLER_STANDBY_H

#include <stdbool.h>

/* Wait until the address that is published in 'run' does not answer
 * STANDBY_MISSES times in a row, or there is none. 'signals' is a
 * signalfd. Returns true then, and false when a signal came first (which is
 * left unread). */
enum { STANDBY_MISSES = 3 };
bool standby_wait(const char *run, int signals);

/* Wait until there is an address in 'run', for the controller that is meant to serve; at most
 * so long, or until a signal comes. */
void standby_defer(const char *run, int signals, double seconds);

#endif
