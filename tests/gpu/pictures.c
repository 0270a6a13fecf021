/* See pictures.h. The file is our own, so that its sections have their sizes is
 * all that is looked at; trainer/data/shard.c needs a library for its checksums.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/gpu/pictures.h"

#include <stdlib.h>
#include <string.h>

#include "base/file.h"

enum { MOST_BYTES = 1 << 30 };

void pictures_close(struct pictures *p)
{
    free(p->file);
    *p = (struct pictures){ 0 };
}

static const void *section(const struct pictures *p, size_t size,
                           enum shard_section which, size_t bytes)
{
    const struct shard_header *h = (const void *)p->file;
    size_t at = h->section[which].offset;

    return at <= size && bytes <= size - at && h->section[which].size == bytes
               ? p->file + at
               : NULL;
}

static uint32_t commonest(const uint32_t *kind, size_t rows)
{
    size_t most = 0, count, i, k;
    uint32_t best = 0;

    for (i = 0; i < rows; i++) {
        for (count = 0, k = i; k < rows; k++)
            count += kind[k] == kind[i];
        if (count > most) {
            most = count;
            best = kind[i];
        }
    }
    return best;
}

int pictures_open(struct pictures *p, const char *path, struct error *err)
{
    const struct shard_header *h;
    size_t size = 0;

    *p = (struct pictures){ 0 };
    if (file_read(path, MOST_BYTES, &p->file, &size, err) < 0)
        return -1;
    h = (const void *)p->file;
    if (size < sizeof *h || memcmp(h->magic, SHARD_MAGIC, 8) != 0 ||
        h->version != SHARD_VERSION || h->category_count != 1 ||
        h->image_height != h->image_width)
        return error_set(err, "'%s' is no shard of pictures and their kinds",
                         path);
    p->rows = h->row_count;
    p->side = h->image_height;
    p->pixels = section(p, size, SHARD_IMAGE, p->rows * 3 * p->side * p->side);
    p->kind = section(p, size, SHARD_CATEGORY, p->rows * sizeof *p->kind);
    if (!p->pixels || !p->kind)
        return error_set(err, "'%s' is cut off", path);
    p->commonest = commonest(p->kind, p->rows);
    return 0;
}
