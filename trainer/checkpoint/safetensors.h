/* safetensors: named arrays in one file, written whole or not at all.
 *
 * The format of Hugging Face: eight bytes, little-endian, the length of a JSON
 * header; the header, name -> {"dtype", "shape", "data_offsets"} and
 * "__metadata__" of strings; then the bytes. Any tool that reads safetensors
 * reads ours. A file that lies (offsets outside, overlaps, holes, lengths that
 * do not fit the shape) is refused before anything is used. Ours have the XXH3
 * of each tensor's bytes in "__metadata__", "xxh3": damage is named by its bytes.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_CHECKPOINT_SAFETENSORS_H
#define TRAINER_CHECKPOINT_SAFETENSORS_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/tree.h"

enum { TENSOR_MAX_RANK = 4 };

/* An array of 32-bit floats; 'data' is borrowed. */
struct tensor {
    const char *name;
    size_t rank, shape[TENSOR_MAX_RANK];
    const float *data;
};

/* How many floats it has. */
size_t tensor_count(const struct tensor *t);

/* Replace 'path' by a file of these tensors and 'metadata' (a map of strings,
 * or NULL): a temporary file beside it, fsync, rename. Returns 0, or -1 with
 * 'err' and the old file as it was. */
int safetensors_write(const char *path, const struct tensor *tensors,
                      size_t count, const struct tree *metadata,
                      struct error *err);

/* An opened file: mapped, checked. */
struct safetensors {
    char *path;
    void *map;
    size_t map_size;
    struct tree *header;
    const unsigned char *data;
    size_t data_size;
};

/* Map 'path' and check its header and, where it has them, its checksums. Returns 0
 * and the caller closes, or -1 with 'err' (where: the path; which bytes are wrong
 * and how; what to do). */
int safetensors_open(struct safetensors *s, const char *path,
                     struct error *err);
void safetensors_close(struct safetensors *s);

/* A string of "__metadata__", or "" when it has none of this name. Borrowed. */
const char *safetensors_metadata(const struct safetensors *s, const char *key);

/* Copy the tensor of this name and shape to 'data'. Returns 0, or -1 with
 * 'err' when the file has none such. */
int safetensors_get(const struct safetensors *s, const struct tensor *t,
                    float *data, struct error *err);

#endif
