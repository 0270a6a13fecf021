/* Any bytes as a shard whose checksums are right, as one that lies on purpose
 * has them: rows that lie within it, or an error that names bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/file.h"
#include "trainer/data/hash.h"
#include "trainer/data/shard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Make the checksums of what is there true. */
static uint64_t seal(uint8_t *file, size_t size)
{
    struct shard_header *h = (struct shard_header *)(void *)file;

    if (size < sizeof *h)
        return 0;
    for (int i = 0; i < SHARD_SECTIONS; i++) {
        const uint64_t at = h->section[i].offset, n = h->section[i].size;

        if (at <= size && n <= size - at)
            h->section[i].checksum = hash_bytes(file + at, (size_t)n, 0);
    }
    h->checksum = hash_bytes(h, offsetof(struct shard_header, checksum), 0);
    return h->checksum;
}

static uint64_t sum(const void *bytes, uint64_t count)
{
    const uint8_t *at = bytes;
    uint64_t total = 0;

    for (uint64_t i = 0; i < count; i++)
        total += at[i];
    return total;
}

/* Touch the first and last byte of all that a row can point at. */
static uint64_t read_ends(const struct shard *s)
{
    const struct shard_header *h = s->header;
    const uint64_t rows = h->row_count;
    const struct {
        const void *at;
        uint64_t count;
        uint64_t bytes;
    } arrays[] = {
        { s->category, h->category_count, 4 * rows },
        { s->number, h->number_count, 4 * rows },
        { s->vector, h->vector_size, 4 * rows },
        { s->token, s->token_start[rows], 4 },
        { s->character, s->character_start[rows], 4 },
        { s->frame, s->frame_start[rows], 4 * (uint64_t)h->frame_size },
        { s->image, (uint64_t)h->image_height * h->image_width, 3 * rows },
    };
    uint64_t total = sum(s->label, 2 * rows) + sum(s->split, rows);

    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) {
        const uint8_t *at = arrays[i].at;
        uint64_t bytes;

        if (__builtin_mul_overflow(arrays[i].count, arrays[i].bytes, &bytes))
            abort(); /* more than any file can hold */
        assert(bytes <= h->size_bytes);
        total += bytes ? at[0] + at[bytes - 1] : 0u;
    }
    return total;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = ERROR_INIT;
    struct shard s;
    char path[32];
    uint8_t *file = malloc(size + 1);

    assert(file);
    memcpy(file, data, size);
    const uint64_t checksum = seal(file, size);
    int fd = file_of(file, size, path);

    if (shard_open(&s, path, checksum, &err) == 0) {
        assert(read_ends(&s) < UINT64_MAX); /* so that all is read */
        shard_close(&s);
    } else {
        assert(err.what[0]);
    }
    close(fd);
    free(file);
    return 0;
}
