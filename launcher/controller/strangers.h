/* strangers: connections that have shown no token yet, and how long they may
 * stay.
 *
 * Anybody on the cluster can connect to a controller. Who says nothing, or says
 * it a byte at a time, is shut out after STRANGERS_S however busy he is; when
 * there are too many, the oldest makes room for the next. So they cannot take
 * the places of those who have a token.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_CONTROLLER_STRANGERS_H
#define LAUNCHER_CONTROLLER_STRANGERS_H

#include <stddef.h>

#define STRANGERS_S 30.0
enum { STRANGERS_MAX = 4096 };

/* One connection, from strangers_add() on; the caller's memory. */
struct stranger {
    int fd;       /* of its socket */
    double since; /* clock_monotonic() */
    struct stranger *older, *newer;
};

/* Those who have not been removed; zeroed: none. */
struct strangers {
    struct stranger *oldest, *newest;
    size_t count;
};

/* One more, with 'fd'; shuts the oldest down when there are too many. */
void strangers_add(struct strangers *all, struct stranger *s, int fd,
                   double now);

/* This one has shown a token, or is gone; does nothing the second time. */
void strangers_remove(struct strangers *all, struct stranger *s);

/* Shut down (the read that follows finds the end) those who have been there
 * too long, and remove them. Returns in how many seconds to ask again;
 * negative: there is nobody. */
double strangers_expire(struct strangers *all, double now);

#endif
