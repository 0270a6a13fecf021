/* trace: when each rank did what, as a timeline to look at.
 *
 * The file is of the Trace Event Format that Chrome (chrome://tracing) and
 * Perfetto (ui.perfetto.dev) open: a process for each rank, microseconds from
 * where all ranks met. Without a trace (NULL) every call does nothing.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_TRAIN_TRACE_H
#define TRAINER_TRAIN_TRACE_H

#include "trainer/comm/comm.h"

enum trace_what {
    TRACE_BATCH, /* rows are looked up, pictures brought in */
    TRACE_FORWARD,
    TRACE_BACKWARD,
    TRACE_EXCHANGE, /* waiting for sums over the ranks */
    TRACE_OPTIMISER,
    TRACE_JUDGE,
    TRACE_UNDER_WAY, /* a late gradient, beside the rest */
    TRACE_KINDS
};

enum { TRACE_SPANS = 1 << 16 }; /* the first of each rank are kept */

struct trace;

/* Collective. Returns 0 with '*t', or -1 with 'err'. */
int trace_open(struct trace **t, struct comm *c, struct error *err);

/* The time now, in seconds; 0 without a trace. */
double trace_now(const struct trace *t);

/* Note that 'what' went on from 'start' until now. Returns the time now. */
double trace_span(struct trace *t, enum trace_what what, double start);

/* Collective: write the spans of all ranks to 'path'. Returns 0, or -1 with
 * 'err'. */
int trace_write(const struct trace *t, const char *path, struct error *err);

void trace_close(struct trace *t);

#endif
