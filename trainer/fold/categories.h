/* categories: what a training tells people about its categories: a table of how
 * each does, and a request for more data where there is too little.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_FOLD_CATEGORIES_H
#define TRAINER_FOLD_CATEGORIES_H

#include "trainer/fold/feedback.h"

/* Write 'categories.tsv' (how each category does) and, where some that do badly
 * have fewer than feedback.needed positives to learn from, 'data-request.hql'
 * into 'folder'; 'f' of each of the 'count' folds, summed up. Returns 0, or -1
 * with 'err'. */
int categories_write(const struct feedback *const *f, size_t count,
                     const struct config *c, const struct dataset *data,
                     const char *folder, struct error *err);

#endif
