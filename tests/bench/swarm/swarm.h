/* swarm: a controller in a process of its own, and clients of it in this one,
 * each with a trial, a keep-alive connection and one report in flight at most.
 * What fails is printed, once; the functions return -1 then.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_BENCH_SWARM_SWARM_H
#define TESTS_BENCH_SWARM_SWARM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { REPLY_BYTES = 4096, LATENCIES_MAX = 1 << 20 };

struct client {
    int fd;
    long trial, step;
    char lease[64];
    char reply[REPLY_BYTES];
    size_t got;
    double sent; /* clock_monotonic() of its last report */
};

struct swarm {
    char *folder, *token;
    int port, epoll; /* its events' data.ptr is the client */
    pid_t pid;       /* of the controller */
    struct client *clients;
    int count;
};

/* A folder with a study below $BUILD; and without it. */
int swarm_open(struct swarm *s);
int swarm_close(struct swarm *s);

/* The controller: start it and wait until it serves; end it. */
int swarm_start(struct swarm *s);
void swarm_stop(struct swarm *s, int signal);

/* Throw away what a controller that has ended has stored. */
int swarm_forget(struct swarm *s);

/* The controller's: seconds computed so far, kernel included; bytes of memory. */
double swarm_cpu(const struct swarm *s);
long swarm_memory(const struct swarm *s);

/* So many clients connect and ask for a trial each; they hang up. */
int swarm_join(struct swarm *s, int clients);
void swarm_leave(struct swarm *s);

/* Send the client's next report, which may not have one in flight. */
int swarm_report(struct swarm *s, struct client *c);

/* Seconds that answers took; the one that 'share' of them do not exceed. */
struct latencies {
    double items[LATENCIES_MAX];
    size_t count;
};
void latencies_add(struct latencies *l, double seconds);
double latencies_share(struct latencies *l, double share);

/* Read the answers to reports that are here, waiting at most 'patience_s' for
 * the first; 'l' gets how long each took. Who got one reports again if 'busy'.
 * Returns how many came. */
int swarm_take(struct swarm *s, double patience_s, bool busy,
               struct latencies *l);

#endif
