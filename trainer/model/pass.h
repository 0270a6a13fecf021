/* pass: what every layer needs to know while a batch goes through.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_MODEL_PASS_H
#define TRAINER_MODEL_PASS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "trainer/backend/backend.h"
#include "trainer/comm/buckets.h"
#include "trainer/comm/comm.h"

struct pass {
    struct backend *backend;
    struct comm *comm;       /* the ranks, about the backend's memory ... */
    struct comm *host;       /* ... and about the host's */
    const float *dense;      /* parameters, see layout.h */
    float *running;          /* statistics of batch norms */
    float *grad;             /* of the dense parameters; backward only ... */
    struct buckets *buckets; /* ... and on its way, from its end */
    bool training;
    size_t rows;      /* of this rank */
    size_t all_rows;  /* of all ranks */
    size_t first_row; /* of this rank among all */
    uint64_t key;     /* names this step's random numbers */
};

#endif
