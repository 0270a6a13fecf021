/* show: what is in a packed set, for people.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_SHOW_H
#define TRAINER_DATA_SHOW_H

#include <stdio.h>

#include "trainer/data/dataset.h"

/* Print the set's splits, folds and fields to 'out'. */
void show_dataset(const struct dataset *d, FILE *out);

#endif
