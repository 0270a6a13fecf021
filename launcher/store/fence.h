/* fence: who opened a store last, so that a host that comes back cannot write.
 *
 * The database's lock lets one process have it. A host that was stopped, or
 * cut off, on a file system whose locks do not reach other nodes (Lustre's
 * localflock) or were lost (a lock server that started again) is not held by
 * it. So whoever opens the store puts a random word into a file beside it, and
 * each commit looks for its own: before, so that nothing stale is written, and
 * after, so that nothing is acknowledged which a successor may not have seen.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_STORE_FENCE_H
#define LAUNCHER_STORE_FENCE_H

#include <stdbool.h>

#include "base/error.h"

enum { FENCE_WORD_BYTES = 33 };

struct fence {
    char *path; /* NULL: there is no file to look into */
    char word[FENCE_WORD_BYTES];
    bool lost; /* another one has raised it since */
};

/* Shut out whoever had the database at 'path' before. Returns 0, or -1 with
 * 'err'. */
int fence_raise(struct fence *f, const char *path, struct error *err);

/* Returns 0 while it is ours, or -1 with 'err'; 'lost' stays. */
int fence_check(struct fence *f, struct error *err);

void fence_clear(struct fence *f);

#endif
