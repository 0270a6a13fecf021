/* recording: what a trial will report, step by step, known beforehand.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_SIMULATE_RECORDING_H
#define LAUNCHER_SIMULATE_RECORDING_H

#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"
#include "launcher/study/study.h"

struct recorded {
    int64_t step;
    double seconds; /* since the trial began */
    uint32_t known; /* bit i: result i is reported */
};

struct recording {
    bool failed; /* the trial fails at once; there are no rows */
    size_t count, capacity, width;
    struct recorded *rows; /* by step; owned */
    double *values;        /* 'width' a row: objectives, constraints; owned */
};

/* The metric of result 'i' of a study: its objectives, then constraints. */
const char *recording_metric(const struct study *s, size_t i);

/* Read an oracle's answer: {"columns": ["step", "seconds", "loss"], "curve":
 * [[1, 2.5, 0.7], ...]}, columns in any order, others ignored, null where
 * nothing was reported; or {"error": "why"}. Returns 0, after which the caller
 * clears 'r', or -1 with 'err': a column missing, steps or seconds that go
 * back, ... */
int recording_read(struct recording *r, const struct study *s,
                   const struct tree *answer, struct error *err);
/* Add a row; later than those there, 'values' is 'width' of them. Returns 0, or
 * -1 with 'err' when out of memory. */
int recording_append(struct recording *r, const struct recorded *row,
                     const double *values, struct error *err);

/* Make 'to' an equal one of its own. Returns 0, or -1 with 'err'. */
int recording_copy(struct recording *to, const struct recording *from,
                   struct error *err);
void recording_clear(struct recording *r);

#endif
