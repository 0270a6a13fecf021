/* category_map: many leaf categories, made for other reasons than learning, to
 * the classes that a model can tell apart.
 *
 * A text file, a line each, '#' begins a comment line:
 *
 *     Women/Bags/Tote<TAB>bags            a leaf and its class
 *     Sale/Tote<TAB>-> Women/Bags/Tote    a symbolic link: what the other leaf is
 *
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_PACK_CATEGORY_MAP_H
#define TRAINER_DATA_PACK_CATEGORY_MAP_H

#include <stddef.h>

#include "base/error.h"

struct category_map {
    char *text;                 /* the file; what is below points into it */
    struct category_leaf *leaf; /* [count] by name */
    size_t count;
};

/* Read 'path' and follow all links. Returns 0 and the caller clears, or -1 with
 * 'err' (kind USAGE, file:line): a line that is neither, a leaf that comes
 * twice, a link to nowhere or in a circle. */
int category_map_read(struct category_map *m, const char *path,
                      struct error *err);
void category_map_clear(struct category_map *m);

/* The class of 'leaf', or NULL. Borrowed from the map. */
const char *category_map_find(const struct category_map *m, const char *leaf);

#endif
