/* pack: a source of rows becomes a packed data set.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_PACK_PACK_H
#define TRAINER_DATA_PACK_PACK_H

#include <signal.h>
#include <stddef.h>

#include "base/error.h"
#include "trainer/data/pack/description.h"
#include "trainer/data/pack/source.h"

struct pack_options {
    int threads; /* that read pictures; the bytes do not depend on it */
    const volatile sig_atomic_t *stop; /* give up when it is not 0; or NULL */
    const struct dataset *like; /* take its vocabularies and bucket edges, so
                                   that a model of it can be used; or NULL */
};

/* Pack 'source' as 'd' says into 'folder'. Shows progress on a terminal.
 * '*skipped' gets the number of rows left out because of their picture
 * (image.missing: skip). What a run of the same rows and description left that
 * was killed, stopped or failed is gone on with. Returns 0, or -1 with 'err' and
 * in the folder the set that was there, and beside it what it has come to. */
int pack_run(const struct description *d, struct source *source,
             const char *folder, const struct pack_options *options,
             size_t *skipped, struct error *err);

#endif
