/* journal: how far a packing has come, kept beside its shards, so that the same
 * packing goes on from there after it was killed.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_JOURNAL_H
#define TRAINER_DATA_JOURNAL_H

#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"

#define JOURNAL_FILE "packing.json"

/* Where the source stands when the shards so far are whole. */
struct journal_place {
    int64_t consumed; /* rows taken from it */
    int64_t skipped;  /* of these, left out */
};

/* Replace the journal in 'folder'. 'fingerprint' names what is being packed,
 * 'shards' is the list of dataset.json. Returns 0, or -1 with 'err'. */
int journal_write(const char *folder, uint64_t fingerprint,
                  const struct journal_place *place, const struct tree *shards,
                  struct error *err);

/* The list of shards, which the caller destroys, and '*place'; NULL when there
 * is no journal, or one of something else, or a damaged one: then the packing
 * begins anew. */
struct tree *journal_read(const char *folder, uint64_t fingerprint,
                          struct journal_place *place);

#endif
