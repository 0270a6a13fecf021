/* pack: a source of rows becomes a packed data set.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_PACK_PACK_H
#define TRAINER_DATA_PACK_PACK_H

#include "base/error.h"
#include "trainer/data/pack/description.h"
#include "trainer/data/pack/source.h"

/* Pack 'source' as 'd' says into 'folder', reading pictures with 'threads'
 * threads; the bytes do not depend on how many. Shows progress on a terminal.
 * '*skipped' gets the number of rows left out because of their picture
 * (image.missing: skip). Returns 0, or -1 with 'err' and the folder as it
 * was. */
int pack_run(const struct description *d, struct source *source,
             const char *folder, int threads, size_t *skipped,
             struct error *err);

#endif
