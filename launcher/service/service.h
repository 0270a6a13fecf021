/* service: what a study's controller knows and answers, without a network.
 *
 * A call is a method, a path, a body and the time; the answer a status and a
 * tree (docs/api.md). The trials are held in memory as the search engine sees
 * them, every change is written to the store in the open transaction.
 * Order: service_open(); then, over and over, any service_handle() and
 * service_tick(), closed by one service_commit(). Only after it returned 0 may
 * the answers be given; when it fails everything since the last commit is
 * undone, in memory too, and the callers are to be told 503.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SERVICE_SERVICE_H
#define LAUNCHER_SERVICE_SERVICE_H

#include <stdbool.h>

#include "base/error.h"
#include "base/tree.h"
#include "launcher/store/store.h"
#include "launcher/study/study.h"

struct service;

struct service_options {
    const char *run; /* the run folder as an absolute path; borrowed */
    double lease_s;  /* how long a worker may be silent */
    bool view; /* answers GETs and /v1/stop: no engine, no curves in memory */
    const char *host; /* written into the term, with the process id */
    int64_t pid;
    bool takes_over; /* from a controller that is gone, in its stead: a stop by
                        hand stays */
    /* Whether a worker ("host:pid:slot") is known to be dead; may be NULL. */
    bool (*worker_is_dead)(const char *worker);
};

struct call {
    const char *method;      /* "GET", "POST" */
    const char *path;        /* "/v1/trials/3", without the query */
    const char *query;       /* "top=3&state=failed", or "" */
    const struct tree *body; /* NULL: no body */
    double now;              /* seconds since 1970 */
};

struct reply {
    int status;
    struct tree *body; /* the receiver destroys it */
    char *text;        /* instead of a body (/metrics); the receiver frees it */
};

/* Serve 'study' from 'store', both borrowed. Unless it is a view, which reads
 * what a call needs, reads every trial, begins a term and enqueues the study's
 * points the first time. Returns 0, or -1 with 'err'. */
int service_open(struct service **out, const struct study *study,
                 struct store *store, const struct service_options *o,
                 double now, struct error *err);

/* Undoes what was not committed. */
void service_close(struct service *s);

/* Answer one call. */
void service_handle(struct service *s, const struct call *c, struct reply *r);

/* Let time pass: leases end, budgets run out. */
void service_tick(struct service *s, double now);

/* Put everything since the last commit on disk. Returns 0, or -1 with 'err'
 * and all of it undone. */
int service_commit(struct service *s, struct error *err);

/* Whether the study has ended and every worker seen lately has been told. */
bool service_is_over(const struct service *s, double now);

/* The reply to a call that was not understood or not stored. */
void reply_error(struct reply *r, int status, const struct error *err);
void reply_clear(struct reply *r);

/* The number of this controller's term. */
int64_t service_term(const struct service *s);

#endif
