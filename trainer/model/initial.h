/* initial: the numbers a model's weights start with.
 *
 * he (He et al. 2015), xavier (Glorot & Bengio 2010) and normal draw normal
 * numbers of deviation sqrt(2 / in), sqrt(2 / (in + out)) and 0.05; orthogonal
 * (Saxe et al. 2014) makes the rows, or where there are more rows than columns
 * the columns, of length sqrt(2) and right-angled. All times the weight's gain
 * and that of the options.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_MODEL_INITIAL_H
#define TRAINER_MODEL_INITIAL_H

#include "base/random.h"
#include "trainer/model/layout.h"
#include "trainer/model/options.h"

/* Draw the values of 'p' to 'out' [p->count]. Returns 0, or -1 with 'err' when
 * memory is out. */
int initial_draw(const struct initial_options *o, const struct parameter *p,
                 struct random *random, float *out, struct error *err);

#endif
