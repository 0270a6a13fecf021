/* shard: some thousands of rows in one file, laid out to be mapped.
 *
 *     header    struct shard_header, its own checksum last
 *     sections  one array each (enum shard_section), starts at 64-byte
 *               multiples, zeros between, little-endian
 *
 * The header holds the place and the checksum of each section, and
 * dataset.json the checksum of the header: so damage is found and named by its
 * byte range.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_SHARD_H
#define TRAINER_DATA_SHARD_H

#include <stdint.h>

#include "base/error.h"
#include "base/text.h"

enum shard_section {
    SHARD_LABEL,           /* uint16_t [rows]: 0 or 1, or the class */
    SHARD_SPLIT,           /* uint8_t [rows]: enum split */
    SHARD_FOLD,            /* uint32_t [rows] */
    SHARD_CATEGORY,        /* uint32_t [rows][category_count] */
    SHARD_NUMBER,          /* float [rows][number_count] */
    SHARD_TOKEN_START,     /* uint64_t [rows + 1]: index into the next */
    SHARD_TOKEN,           /* uint32_t [token_start[rows]] */
    SHARD_CHARACTER_START, /* uint64_t [rows + 1]: index into the next */
    SHARD_CHARACTER,       /* uint32_t [character_start[rows]] */
    SHARD_VECTOR,          /* float [rows][vector_size] */
    SHARD_FRAME_START,     /* uint64_t [rows + 1]: index into the next */
    SHARD_FRAME,           /* float [frame_start[rows]][frame_size] */
    SHARD_HASH,            /* uint64_t [rows]: of the image, or 0 */
    SHARD_IMAGE,           /* uint8_t [rows][3][height][width] */
    SHARD_SECTIONS
};

struct shard_header {
    char magic[8]; /* SHARD_MAGIC */
    uint32_t version;
    uint32_t row_count;
    uint32_t category_count, number_count;
    uint32_t image_height, image_width; /* 0 when there are no images */
    uint32_t vector_size, frame_size;   /* 0 when there is none */
    uint64_t size_bytes;                /* of the whole file */
    struct {
        uint64_t offset, size, checksum;
    } section[SHARD_SECTIONS];
    uint64_t checksum; /* of the bytes before it */
};

#define SHARD_MAGIC "sntshard"
enum { SHARD_VERSION = 3 };

/* A shard mapped for reading. */
struct shard {
    const struct shard_header *header; /* the start of the mapping */
    const uint16_t *label;
    const uint8_t *split, *image;
    const uint32_t *fold, *category, *token, *character;
    const float *number, *vector, *frame;
    const uint64_t *hash, *token_start, *character_start, *frame_start;
};

/* Write a shard of the given sections to 'path' (replacing it) and sync it.
 * The caller fills row_count, the counts and the image's size in 'h'; the
 * rest is filled here, h->checksum with it. Returns 0, or -1 with 'err' and
 * no file. */
int shard_write(const char *path, struct shard_header *h,
                const struct text sections[SHARD_SECTIONS], struct error *err);

/* Map 'path', whose header must have 'checksum', and check every section.
 * Returns 0, or -1 with 'err' (which file, which bytes) and nothing mapped. */
int shard_open(struct shard *s, const char *path, uint64_t checksum,
               struct error *err);

/* Unmap; a zeroed shard is fine. */
void shard_close(struct shard *s);

#endif
