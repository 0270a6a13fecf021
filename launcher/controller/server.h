/* server: the door to libmicrohttpd; HTTP in, calls out, answers in batches.
 *
 * One thread, one epoll descriptor that the caller waits on. A request that
 * was read whole waits until server_release(); before that the caller answers
 * all that wait, and commits once. What never gets that far (a wrong token, a
 * body that is too large or no JSON, too many calls) is answered here.
 *
 * A request costs little while it waits: its body is kept as it came and read
 * when it is answered, so that one tree lives at a time.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_CONTROLLER_SERVER_H
#define LAUNCHER_CONTROLLER_SERVER_H

#include <stddef.h>

#include "base/error.h"
#include "launcher/controller/guard.h"
#include "launcher/service/service.h"

struct server;

struct server_options {
    const char *address; /* to listen at, "10.0.0.7"; NULL: the loopback one */
    int port;            /* 0: any free one */
    struct guard guard;  /* who may call; its url is filled in here */
    size_t max_body;     /* bytes */
    double calls_per_s;  /* of one connection; more are answered 429 */
};

/* Listen. Returns 0 with '*out', which the caller closes, or -1 with 'err': the
 * port is occupied, ... */
int server_open(struct server **out, const struct server_options *o,
                struct error *err);
void server_close(struct server *s);

/* Where it listens, "http://10.0.0.7:40123"; the descriptor that becomes
 * readable when server_run() has work; how many clients are connected. */
const char *server_url(const struct server *s);
int server_descriptor(const struct server *s);
size_t server_clients(const struct server *s);

/* Shut out who connected and has shown no token for long (strangers.h).
 * Returns the seconds until server_run() has work, or this is to be called
 * again, without the descriptor saying so; negative: never. */
double server_timeout(struct server *s);

/* Do what can be done without waiting. Returns 0, or -1 with 'err'. */
int server_run(struct server *s, struct error *err);

/* How many requests wait. */
size_t server_waiting(const struct server *s);

/* Let 'answer' fill in the reply to each request that waits and has none yet,
 * in the order they came. The call is its for that time ('now' is the caller's
 * to set), the reply becomes the server's. */
typedef void server_fn(void *context, struct call *c, struct reply *r);
void server_answer(struct server *s, server_fn *answer, void *context);

/* Put one error in place of these replies; but calls that only read, which need
 * nothing stored, are answered anew by 'again' (NULL: refused, too). */
void server_refuse(struct server *s, int status, const struct error *err,
                   server_fn *again, void *context);

/* Send the replies. Returns 0, or -1 with 'err'. */
int server_release(struct server *s, struct error *err);

/* The version of libmicrohttpd that is linked. */
const char *server_version(void);

#endif
