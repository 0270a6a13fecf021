/* description: what is in a table of rows, and how it becomes a data set.
 *
 * A YAML file, read strictly:
 *
 *     dataset: clothing                  # its name; all else but 'files' and
 *     files: listings.csv                #   'label' may be left out
 *     # or {train: a.csv, validation: b.csv, test: [c.csv, d.jsonl]}
 *     separator: comma                   # tab for *.tsv; semicolon, pipe
 *     quotes: true                       # false: quotes mean nothing
 *     id: image                          # names a row: keys of split and folds
 *     label: {column: kids, positive: "True", negative: "False"}
 *                                        # or lists; without 'negative' the
 *                                        #   column must have two values
 *     # or {column: kind, classes: [bag, hat, watch]}: numbered in this order
 *     category: [label, {column: sender_id, min_count: 5}]
 *     # or {column: leaf, map: leaves.tsv, unknown: other}: see category_map.h
 *     number:
 *       - {column: price, buckets: [0, 1, 2, 500, 1000]}   # ascending edges
 *       - {column: age, quantiles: 8}    # edges from the training rows
 *       - {column: size, missing: [NA, "-"]}  # beside the empty field
 *     text: [Title, Review Text]
 *     characters: {low: 3, high: 5}      # also n-grams of the text's characters
 *     vector: {column: mfcc, size: 40}   # numbers with spaces between
 *     sequence: {column: frames, size: 13}  # the same, in frames of 13
 *     image: {column: image, folder: ., size: 32, missing: error}
 *                                        # size: 32 or [height, width];
 *                                        # missing: error, skip (the row), grey
 *     split: {validation: 0.15, test: 0.1, group: sender_id, seed: 1}
 *     # or {validation: 0.15, test: 0.1, time: created}
 *     # or {validation: 0.15, test: 0.1, duplicates: 4}
 *     folds: {count: 5, group: sender_id, hash: sha256}
 *
 * Split: without 'files: {train: ...}' all rows are cut by 'split'; with it,
 * only the training rows are. Folds are within the training rows. Both keep
 * rows of one 'group' together, and with 'duplicates' pictures that are nearly
 * the same; without a group they are stratified by the label ('stratified' says
 * otherwise), and equal rows stay together. With 'time' the earliest rows train,
 * the next validate, the latest test; rows of one time stay together. With
 * 'hash: sha256' the fold is int(sha256(group or id), 16) % count, as other
 * tools compute it.
 *
 * What is learned from data (vocabularies, quantiles) is learned from rows of
 * the training split alone. Folds share it: a value seen only in the held-out
 * fold has a number of its own there, which by min_count (2 by default) is
 * rare.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_PACK_DESCRIPTION_H
#define TRAINER_DATA_PACK_DESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"
#include "trainer/data/dataset.h"

enum { DESCRIPTION_NONE = -1 }; /* no such column */

enum image_missing { IMAGE_ERROR, IMAGE_SKIP, IMAGE_GREY };

struct description_file {
    const char *path; /* as written */
    enum split split;
};

struct description_category {
    int column;
    int64_t min_count;
    const char *map;    /* a file, see category_map.h, or NULL */
    bool unknown_other; /* a leaf that it lacks is "other", not an error */
};

struct description_number {
    int column;
    double *edges; /* NULL: by quantiles */
    size_t edge_count;
    int64_t quantiles;
    const struct tree *missing; /* values that mean none, or NULL */
};

/* Numbers in one field: a vector, or a sequence of frames. */
struct description_dense {
    int column;
    int64_t size; /* of the vector or of a frame; 0: there is none */
};

/* How rows are cut, into splits or folds. */
struct description_cut {
    int group;
    int time;           /* splits: the earliest rows train, the latest test */
    int64_t duplicates; /* near-duplicates, pictures whose hashes differ in so
                           many bits, stay together; DESCRIPTION_NONE: no */
    bool stratified;
    bool sha256;
    int64_t seed;
};

struct description {
    struct tree *tree; /* what was read; the strings below are in it */
    char *file;        /* its name, for messages */
    const char *name;
    struct description_file *files;
    size_t file_count;
    char separator;
    bool quotes;

    const char **column; /* [column_count]: every column asked for, once */
    int column_count;

    int id;
    int label;
    const struct tree *positive, *negative; /* lists of values, or one */
    const struct tree *classes;             /* instead; else NULL */
    struct description_category *category;
    size_t category_count;
    struct description_number *number;
    size_t number_count;
    int *text;
    size_t text_count;
    int64_t character_low, character_high; /* 0: no character n-grams */
    struct description_dense vector, sequence;

    int image;
    const char *image_folder;
    uint32_t image_height, image_width;
    enum image_missing image_missing;

    double validation, test; /* shares */
    struct description_cut split, fold;
    uint32_t folds; /* 0: none */
};

/* Read the file 'path', or a description that is a tree already (stolen in
 * every case), called 'file' in messages. Returns 0, or -1 with 'err' (kind
 * USAGE, where "file:line:column") and 'd' cleared. */
int description_read(struct description *d, const char *path,
                     struct error *err);
int description_parse(struct description *d, struct tree *t, const char *file,
                      struct error *err);

/* Whether 'value' is one of 'values' (a list or one scalar; numbers as they
 * are written). */
bool description_lists(const struct tree *values, const char *value);

/* Free all; a zeroed description is fine. */
void description_clear(struct description *d);

#endif
