/* pictures: many pictures of a source at once, by several threads.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_PACK_PICTURES_H
#define TRAINER_DATA_PACK_PICTURES_H

#include <signal.h>
#include <stddef.h>
#include <stdint.h>

#include "trainer/data/pack/source.h"

enum { PICTURES_THREADS_MAX = 64 };

struct picture_read {
    char *name;      /* asked for; the caller's */
    uint8_t *planes; /* [3][height][width], the caller's; filled */
    uint64_t hash;   /* its perceptual hash, or 0 */
    int rc;          /* of the source, and its error */
    struct error error;
};

/* Who reads, and how large. */
struct pictures {
    const struct source *source;
    uint32_t height, width;
    int threads;
    const volatile sig_atomic_t *stop; /* give up when it is not 0; or NULL */
};

/* Read 'count' pictures; what is read does not depend on the threads. Each has
 * its own 'rc'. */
void pictures_read(const struct pictures *p, struct picture_read *each,
                   size_t count);

/* Read the source through for the perceptual hash of each row's picture, named
 * in 'column'; 0 for one that is missing or broken. Returns [rows], which the
 * caller frees, or NULL with 'err'. */
uint64_t *pictures_hash_all(const struct pictures *p, struct source *source,
                            int column, size_t rows, struct error *err);

#endif
