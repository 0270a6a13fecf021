/* dataset: a packed data set, memory-mapped, as the trainer sees it.
 *
 * A folder written by 'sentei-data pack': dataset.json (fields, vocabularies,
 * bucket edges, shard list with checksums) and shards *.shard. All arrays are
 * one value a row, in row order over all shards; rows keep the order of the
 * source, so the same source and description give the same bytes.
 *
 * A word of text becomes the low 32 bits of XXH3-64 of its lower-cased UTF-8
 * bytes (1 where they are 0), a character n-gram that of its bytes; what a word
 * is, data/pack/words.h says.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_DATASET_H
#define TRAINER_DATA_DATASET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "base/error.h"
#include "base/tree.h"

enum split { SPLIT_TRAIN, SPLIT_VALIDATION, SPLIT_TEST };

/* "train", "validation", "test". */
extern const char *const dataset_split_name[3];

/* The file that makes a folder a packed set, and what it says first. */
#define DATASET_FILE   "dataset.json"
#define DATASET_FORMAT "sentei-dataset"
enum { DATASET_VERSION = 3 };

struct category_field {
    char *name;
    uint32_t cardinality; /* values 0..cardinality-1; 0 is "unknown" */
};

struct number_field {
    char *name;
    double *edges;     /* edge_count ascending bucket edges; bucket b holds
                          edges[b-1] <= v < edges[b]; a missing value (NaN) is
                          bucket edge_count + 1 */
    size_t edge_count; /* buckets: edge_count + 2 */
};

/* One row, pointing into the mapped shards (borrowed). */
struct row {
    float label; /* 0 or 1, or the number of its class */
    enum split split;
    uint32_t fold;            /* 0..folds-1; 0 when there are none */
    const uint32_t *category; /* [category_count] */
    const float *number;      /* [number_count], NaN when missing */
    const uint32_t *token;    /* [token_count] 32-bit hashes of words in
                                 order; n-grams are made by the trainer; 0
                                 separates two text columns */
    uint32_t token_count;
    const uint32_t *character; /* [character_count] 32-bit hashes of character
                                  n-grams */
    uint32_t character_count;
    const float *vector; /* [vector_size] */
    const float *frame;  /* [frame_count][frame_size] */
    uint32_t frame_count;
    uint64_t hash;        /* of the picture, see data/image/phash.h; 0: none */
    const uint8_t *image; /* [3][height][width], or NULL when the set has no
                             images; a row without one is all 128 */
};

struct dataset {
    char *name;
    size_t row_count;
    size_t category_count, number_count;
    struct category_field *category;
    struct number_field *number;
    uint32_t classes; /* 2: negative and positive; more: a label each */
    bool has_text, has_characters;
    uint32_t vector_size, frame_size;   /* 0 when there is none */
    uint32_t image_height, image_width; /* 0 when there are no images */
    uint32_t folds;                     /* 0 when it has none */
    size_t split_count[3], positive_count[3];
    struct tree *json;             /* dataset.json as it was read */
    struct dataset_shards *shards; /* private to dataset.c */
};

/* Map the packed set in 'folder' and verify every checksum. Returns the set,
 * which the caller closes, or NULL with 'err' (which shard, which byte, what
 * to do). */
struct dataset *dataset_open(const char *folder, struct error *err);
void dataset_close(struct dataset *d);

/* Row 'i' < row_count. */
void dataset_row(const struct dataset *d, size_t i, struct row *row);

/* The values that have numbers in category 'field' of the set in 'folder', as a
 * list of strings that the caller destroys: the first has number 1. NULL with
 * 'err'. */
struct tree *dataset_values(const char *folder, const char *field,
                            struct error *err);

/* Check every shard of the set in 'folder' and print a line to 'out' for each:
 * good, or which bytes are damaged. Returns 0, or -1 with 'err'. */
int dataset_verify(const char *folder, FILE *out, struct error *err);

/* The bucket of a number, 0..edge_count+1. */
uint32_t number_bucket(const struct number_field *f, float value);

#endif
