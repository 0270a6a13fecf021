/* Any bytes as a safetensors file: tensors that lie within it, each of which can
 * be read whole, or an error with the file's name.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/file.h"
#include "trainer/checkpoint/safetensors.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_each(const struct safetensors *s)
{
    for (size_t i = 0; i < tree_count(s->header); i++) {
        const struct tree *shape = tree_get(tree_at(s->header, i), "shape");
        struct tensor t = { .name = tree_key(s->header, i),
                            .rank = tree_count(shape) };

        if (strcmp(t.name, "__metadata__") == 0)
            continue;
        assert(t.rank <= TENSOR_MAX_RANK);
        for (size_t k = 0; k < t.rank; k++)
            t.shape[k] = (size_t)tree_integer(tree_at(shape, k));
        assert(tensor_count(&t) * sizeof(float) <= s->data_size);
        float *values = malloc(tensor_count(&t) * sizeof *values);
        int rc = safetensors_get(s, &t, values, NULL);

        assert(rc == 0);
        free(values);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = ERROR_INIT;
    struct safetensors s;
    char path[32];
    int fd = file_of(data, size, path);

    if (safetensors_open(&s, path, &err) == 0) {
        read_each(&s);
        assert(safetensors_metadata(&s, "model"));
        safetensors_close(&s);
    } else {
        assert(err.what[0] &&
               strstr(err.where[0] ? err.where : err.what, path));
    }
    close(fd);
    return 0;
}
