/* open: a backend by its name and precision, "cuda:bf16".
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_GPU_OPEN_H
#define TESTS_GPU_OPEN_H

#include "trainer/backend/backend.h"

/* NULL with 'err'; the precision is fp32 when none is named. */
struct backend *open_named(const char *name, enum precision *precision,
                           struct error *err);

#endif
