/* sampling: the batch sampler that a configuration asks for, on a fold's
 * training rows.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_FOLD_SAMPLING_H
#define TRAINER_FOLD_SAMPLING_H

#include "base/error.h"
#include "trainer/batch/sampler.h"
#include "trainer/config.h"
#include "trainer/data/dataset.h"

/* Whether the set has what the options speak of: 0, or -1 with 'err' (no such
 * category field or value, a schedule for many classes). */
int sampling_check(const struct config *c, const struct dataset *data,
                   struct error *err);

/* The sampler of fold 'number', of these training rows. Returns 0 and the
 * caller calls sampler_clear(), or -1 with 'err'. */
int sampling_init(struct sampler *s, const struct config *c,
                  const struct dataset *data, const uint32_t *row,
                  const float *label, size_t count, size_t number,
                  struct error *err);

#endif
