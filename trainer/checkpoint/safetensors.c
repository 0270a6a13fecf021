/* See safetensors.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/checkpoint/safetensors.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "trainer/data/hash.h"

/* Its name in "__metadata__". */
#define CHECKSUMS "xxh3"

enum { LENGTH_BYTES = 8, HEADER_MAX = 100 * 1000 * 1000, ALIGNMENT = 8 };

size_t tensor_count(const struct tensor *t)
{
    size_t count = 1, i;

    for (i = 0; i < t->rank; i++)
        count *= t->shape[i];
    return count;
}

/* --- writing --------------------------------------------------------------- */

static struct tree *describe(const struct tensor *t, size_t start, size_t end)
{
    struct tree *entry = tree_map(), *shape = tree_list(), *at = tree_list();
    size_t i;

    for (i = 0; i < t->rank; i++)
        tree_append(shape, tree_int((int64_t)t->shape[i]));
    tree_append(at, tree_int((int64_t)start));
    tree_append(at, tree_int((int64_t)end));
    tree_set_string(entry, "dtype", "F32");
    tree_set(entry, "shape", shape);
    tree_set(entry, "data_offsets", at);
    return entry;
}

/* "__metadata__" with the checksums of the tensors, in their order. */
static struct tree *metadata_of(const struct tensor *tensors, size_t count,
                                const struct tree *metadata)
{
    struct tree *map = metadata ? tree_copy(metadata) : tree_map();
    struct text sums = TEXT_INIT;

    for (size_t i = 0; i < count; i++)
        text_format(&sums, i ? " %016" PRIx64 : "%016" PRIx64,
                    hash_bytes(tensors[i].data,
                               tensor_count(&tensors[i]) * sizeof(float), 0));
    tree_set_text(map, CHECKSUMS, &sums);
    return map;
}

/* The header as text, padded with spaces so that the data are aligned. */
static int format_header(const struct tensor *tensors, size_t count,
                         const struct tree *metadata, struct text *out,
                         struct error *err)
{
    struct tree *header = tree_map();
    size_t start = 0, end, i;
    bool good;

    tree_set(header, "__metadata__", metadata_of(tensors, count, metadata));
    for (i = 0; i < count; i++, start = end) {
        end = start + tensor_count(&tensors[i]) * sizeof(float);
        tree_set(header, tensors[i].name, describe(&tensors[i], start, end));
    }
    good = tree_ok(header);
    if (good)
        json_format(header, out);
    while (out->size % ALIGNMENT != 0 && !out->failed)
        text_append_char(out, ' ');
    tree_destroy(header);
    return good && !out->failed ? 0 : error_memory(err);
}

static int write_bytes(int fd, const void *bytes, size_t size)
{
    const char *at = bytes;
    ssize_t n;

    while (size > 0) {
        n = write(fd, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        at += n;
        size -= (size_t)n;
    }
    return 0;
}

static int write_all(int fd, const struct text *header,
                     const struct tensor *tensors, size_t count)
{
    uint64_t length = htole64(header->size);
    size_t i;

    if (write_bytes(fd, &length, sizeof length) < 0 ||
        write_bytes(fd, header->data, header->size) < 0)
        return -1;
    for (i = 0; i < count; i++)
        if (write_bytes(fd, tensors[i].data,
                        tensor_count(&tensors[i]) * sizeof(float)) < 0)
            return -1;
    return fsync(fd);
}

int safetensors_write(const char *path, const struct tensor *tensors,
                      size_t count, const struct tree *metadata,
                      struct error *err)
{
    struct text header = TEXT_INIT;
    char *temporary = text_print("%s.tmp", path);
    int fd = -1, rc = -1;

    if (!temporary) {
        error_memory(err);
        goto out;
    }
    if (format_header(tensors, count, metadata, &header, err) < 0)
        goto out;
    fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0) {
        error_errno(err, "cannot create '%s'", temporary);
        goto out;
    }
    if (write_all(fd, &header, tensors, count) < 0 ||
        rename(temporary, path) < 0) {
        error_errno(err, "cannot write '%s'", path);
        unlink(temporary);
        goto out;
    }
    file_sync_folder(path); /* a file system that cannot is no failure */
    rc = 0;
out:
    if (fd >= 0)
        close(fd);
    text_clear(&header);
    free(temporary);
    return rc;
}

/* --- reading --------------------------------------------------------------- */

/* After error_set(): where, and what to do. */
static int refuse(const struct safetensors *s, struct error *err)
{
    error_where(err, "%s", s->path);
    return error_hint(err, "the file is damaged: remove it to begin anew");
}

/* The bytes an entry's shape asks for, or 0 when the entry is none. */
static size_t entry_bytes(const struct tree *entry)
{
    const struct tree *shape = tree_get(entry, "shape");
    size_t bytes = sizeof(float), i;
    int64_t n;

    if (strcmp(tree_text(tree_get(entry, "dtype")), "F32") != 0 ||
        tree_kind(shape) != TREE_LIST || tree_count(shape) > TENSOR_MAX_RANK)
        return 0;
    for (i = 0; i < tree_count(shape); i++) {
        n = tree_integer(tree_at(shape, i));
        if (n <= 0 || n > INT32_MAX || bytes > SIZE_MAX / (size_t)n)
            return 0;
        bytes *= (size_t)n;
    }
    return bytes;
}

/* Where in the file the tensors' bytes begin. */
static size_t data_start(const struct safetensors *s)
{
    return s->map_size - s->data_size;
}

/* Entries must follow each other without holes and fill the data. */
static int check_entries(const struct safetensors *s, struct error *err)
{
    const struct tree *entry, *at;
    size_t bytes, next = 0, i;

    for (i = 0; i < tree_count(s->header); i++) {
        if (strcmp(tree_key(s->header, i), "__metadata__") == 0)
            continue;
        entry = tree_at(s->header, i);
        at = tree_get(entry, "data_offsets");
        bytes = entry_bytes(entry);
        if (bytes == 0 || tree_count(at) != 2 ||
            tree_integer(tree_at(at, 0)) != (int64_t)next ||
            tree_integer(tree_at(at, 1)) != (int64_t)(next + bytes)) {
            error_set(err,
                      "tensor '%s' should begin at byte %zu and be as long as "
                      "its shape",
                      tree_key(s->header, i), data_start(s) + next);
            return refuse(s, err);
        }
        next += bytes;
    }
    if (next == s->data_size)
        return 0;
    error_set(err, "the file ends at byte %zu, its tensors at byte %zu",
              s->map_size, data_start(s) + next);
    return refuse(s, err);
}

/* The tensors' bytes, where there are checksums of them. */
static int check_bytes(const struct safetensors *s, struct error *err)
{
    const char *sums = safetensors_metadata(s, CHECKSUMS);
    char *end;
    size_t i;

    for (i = 0; i < tree_count(s->header) && *sums; i++, sums = end) {
        const struct tree *at = tree_get(tree_at(s->header, i), "data_offsets");
        size_t first = (size_t)tree_integer(tree_at(at, 0));
        size_t last = (size_t)tree_integer(tree_at(at, 1));

        end = (char *)(uintptr_t)sums;
        if (strcmp(tree_key(s->header, i), "__metadata__") == 0 ||
            hash_bytes(s->data + first, last - first, 0) ==
                strtoull(sums, &end, 16))
            continue;
        error_set(err, "bytes %zu to %zu, tensor '%s', are damaged",
                  data_start(s) + first, data_start(s) + last,
                  tree_key(s->header, i));
        return refuse(s, err);
    }
    return 0;
}

static int map_file(struct safetensors *s, struct error *err)
{
    int fd = open(s->path, O_RDONLY | O_CLOEXEC), rc = -1;
    struct stat st;

    if (fd < 0)
        return error_errno(err, "cannot open '%s'", s->path);
    if (fstat(fd, &st) < 0) {
        error_errno(err, "cannot read '%s'", s->path);
        goto out;
    }
    if (st.st_size < LENGTH_BYTES) {
        error_set(err, "its %jd bytes are too few for a safetensors file",
                  (intmax_t)st.st_size);
        refuse(s, err);
        goto out;
    }
    s->map_size = (size_t)st.st_size;
    s->map = mmap(NULL, s->map_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (s->map == MAP_FAILED) {
        s->map = NULL;
        error_errno(err, "cannot map '%s'", s->path);
        goto out;
    }
    rc = 0;
out:
    close(fd);
    return rc;
}

static int read_header(struct safetensors *s, struct error *err)
{
    const char *text = (const char *)s->map + LENGTH_BYTES;
    uint64_t length;
    struct error why = ERROR_INIT;

    memcpy(&length, s->map, sizeof length);
    length = le64toh(length);
    if (length > HEADER_MAX || length > s->map_size - LENGTH_BYTES) {
        error_set(
            err, "bytes 0 to 8: a header of %" PRIu64 " bytes in a file of %zu",
            length, s->map_size);
        return refuse(s, err);
    }
    s->header = json_parse(text, (size_t)length, s->path, &why);
    if (tree_kind(s->header) != TREE_MAP) {
        error_set(err, "bytes 8 to %" PRIu64 ": the header is no JSON map%s%s",
                  length + LENGTH_BYTES, why.what[0] ? ": " : "", why.what);
        return refuse(s, err);
    }
    s->data = (const unsigned char *)text + length;
    s->data_size = s->map_size - LENGTH_BYTES - (size_t)length;
    return check_entries(s, err) < 0 ? -1 : check_bytes(s, err);
}

int safetensors_open(struct safetensors *s, const char *path, struct error *err)
{
    *s = (struct safetensors){ .path = text_copy(path) };
    if (!s->path)
        return error_memory(err);
    if (map_file(s, err) == 0 && read_header(s, err) == 0)
        return 0;
    safetensors_close(s);
    return -1;
}

void safetensors_close(struct safetensors *s)
{
    if (s->map)
        munmap(s->map, s->map_size);
    tree_destroy(s->header);
    free(s->path);
    memset(s, 0, sizeof *s);
}

const char *safetensors_metadata(const struct safetensors *s, const char *key)
{
    return tree_text(tree_get(tree_get(s->header, "__metadata__"), key));
}

static bool same_shape(const struct tensor *t, const struct tree *shape)
{
    size_t i;

    if (tree_count(shape) != t->rank)
        return false;
    for (i = 0; i < t->rank; i++)
        if (tree_integer(tree_at(shape, i)) != (int64_t)t->shape[i])
            return false;
    return true;
}

int safetensors_get(const struct safetensors *s, const struct tensor *t,
                    float *data, struct error *err)
{
    const struct tree *entry = tree_get(s->header, t->name);
    size_t start;

    if (!entry || !same_shape(t, tree_get(entry, "shape"))) {
        error_set(err,
                  entry ? "tensor '%s' has another shape"
                        : "it has no tensor '%s'",
                  t->name);
        return error_where(err, "%s", s->path);
    }
    start = (size_t)tree_integer(tree_at(tree_get(entry, "data_offsets"), 0));
    memcpy(data, s->data + start, tensor_count(t) * sizeof *data);
    return 0;
}
