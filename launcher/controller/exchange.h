/* exchange: a request, from its first line to the last byte of its answer.
 *
 * It is kept for the next one afterwards, with its buffers: a request costs no
 * allocation.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_CONTROLLER_EXCHANGE_H
#define LAUNCHER_CONTROLLER_EXCHANGE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/text.h"
#include "launcher/controller/guard.h"
#include "launcher/service/service.h"

struct MHD_Connection;
struct server;

struct exchange {
    struct server *server;
    struct MHD_Connection *connection; /* NULL: the client is gone */
    const char *method; /* "GET", "POST", or a word for any other */
    struct text path, query, body, reply;
    enum access access;
    unsigned status;       /* of the reply; 0: none yet */
    bool is_text;          /* the reply is no JSON */
    bool waits;            /* for the others, and to be stored with them */
    struct exchange *next; /* in the list of waiting, or of unused ones */
};

/* One that begins, out of the list '*unused' where that has any; NULL when out
 * of memory. Server and connection are the caller's to set. */
struct exchange *exchange_begin(struct exchange **unused, const char *method,
                                const char *path);

/* Put it into the list '*unused'. */
void exchange_keep(struct exchange *x, struct exchange **unused);
void exchange_free_all(struct exchange *unused);

/* Make its reply, status and bytes, of 'r' (which is cleared), or of an error. */
void exchange_reply(struct exchange *x, struct reply *r);
void exchange_fail(struct exchange *x, int status, const struct error *err);

#endif
