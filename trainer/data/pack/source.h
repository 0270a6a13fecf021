/* source: where rows come from; a table of strings and, for some, pictures.
 *
 * Packing reads a source several times from the start and always sees the same
 * rows. One source reads files; another (data/synth) makes rows up.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_PACK_SOURCE_H
#define TRAINER_DATA_PACK_SOURCE_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "trainer/data/dataset.h"
#include "trainer/data/pack/description.h"

/* One row; borrowed until the next. */
struct record {
    const char **field; /* [description's column_count], in that order */
    enum split split;   /* of the file it stands in */
    const char *file;   /* where it stands, for messages */
    size_t line;
};

struct source {
    /* Back to the first row. Returns 0, or -1 with 'err'. */
    int (*rewind)(struct source *s, struct error *err);
    /* The next row. Returns 1, 0 at the end, or -1 with 'err'. */
    int (*next)(struct source *s, struct record *r, struct error *err);
    /* The picture called 'name' as planes [3][height][width]; several threads
     * may ask at once. Returns 0, or -1 with 'err': kind USAGE when the row has
     * none, or a broken one. */
    int (*image)(const struct source *s, const char *name, uint32_t height,
                 uint32_t width, uint8_t *planes, struct error *err);
    void (*destroy)(struct source *s);
    size_t others; /* values since the last rewind() that no map had */
};

/* The files of description 'd' (borrowed), relative paths from 'folder'.
 * Columns are found by name in each file (data/table). Returns the source,
 * ended by its destroy(), or NULL with 'err'. */
struct source *source_open_files(const struct description *d,
                                 const char *folder, struct error *err);

#endif
