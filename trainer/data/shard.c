/* shard: write one, map one, find what is damaged.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/shard.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "trainer/data/hash.h"

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "shards are little-endian and mapped as they are");
_Static_assert(sizeof(struct shard_header) == 48 + SHARD_SECTIONS * 24 + 8,
               "the header has no holes");

enum { ALIGNMENT = 64 };

static const char *const section_name[SHARD_SECTIONS] = {
    [SHARD_LABEL] = "label",
    [SHARD_SPLIT] = "split",
    [SHARD_FOLD] = "fold",
    [SHARD_CATEGORY] = "category",
    [SHARD_NUMBER] = "number",
    [SHARD_TOKEN_START] = "token_start",
    [SHARD_TOKEN] = "token",
    [SHARD_IMAGE] = "image",
    [SHARD_HASH] = "hash",
    [SHARD_CHARACTER_START] = "character_start",
    [SHARD_CHARACTER] = "character",
    [SHARD_VECTOR] = "vector",
    [SHARD_FRAME_START] = "frame_start",
    [SHARD_FRAME] = "frame",
};

static uint64_t align(uint64_t offset)
{
    return (offset + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static uint64_t header_checksum(const struct shard_header *h)
{
    return hash_bytes(h, offsetof(struct shard_header, checksum), 0);
}

static void header_fill(struct shard_header *h,
                        const struct text sections[SHARD_SECTIONS])
{
    uint64_t end = sizeof *h;
    memcpy(h->magic, SHARD_MAGIC, sizeof h->magic);
    h->version = SHARD_VERSION;
    for (int i = 0; i < SHARD_SECTIONS; i++) {
        h->section[i].offset = align(end);
        h->section[i].size = sections[i].size;
        h->section[i].checksum =
            hash_bytes(sections[i].data, sections[i].size, 0);
        end = h->section[i].offset + sections[i].size;
    }
    h->size_bytes = end;
    h->checksum = header_checksum(h);
}

/* Write all of it, and zeros up to 'offset' before it. */
static int write_at(int fd, uint64_t *at, uint64_t offset, const void *data,
                    size_t size)
{
    static const char zeros[ALIGNMENT];
    const struct {
        const char *data;
        size_t size;
    } parts[] = { { zeros, (size_t)(offset - *at) }, { data, size } };
    assert(offset - *at < ALIGNMENT);
    for (int i = 0; i < 2; i++)
        for (size_t done = 0; done < parts[i].size;) {
            ssize_t n = write(fd, parts[i].data + done, parts[i].size - done);
            if (n < 0 && errno != EINTR)
                return -1;
            done += n > 0 ? (size_t)n : 0;
        }
    *at = offset + size;
    return 0;
}

int shard_write(const char *path, struct shard_header *h,
                const struct text sections[SHARD_SECTIONS], struct error *err)
{
    uint64_t at = 0;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return error_errno(err, "cannot create '%s'", path);
    header_fill(h, sections);
    int rc = write_at(fd, &at, 0, h, sizeof *h);
    for (int i = 0; i < SHARD_SECTIONS && rc == 0; i++)
        rc = write_at(fd, &at, h->section[i].offset, sections[i].data,
                      sections[i].size);
    if (rc == 0)
        rc = fsync(fd);
    if (rc < 0) {
        error_errno(err, "cannot write '%s'", path);
        error_hint(err, "free some space there, or choose another folder; "
                        "nothing half-written is kept");
    }
    if (close(fd) < 0 && rc == 0)
        rc = error_errno(err, "cannot write '%s'", path);
    if (rc < 0)
        unlink(path);
    return rc;
}

static int damaged(struct error *err, const char *path, const char *what,
                   uint64_t first, uint64_t end)
{
    error_set(err, "'%s' is damaged: %s, bytes %" PRIu64 " to %" PRIu64, path,
              what, first, end ? end - 1 : 0);
    return error_hint(err, "pack the data again");
}

/* Sections of as many things a row as there are: where each row's begin, which
 * section holds them, and the bytes of one. */
struct ragged {
    enum shard_section start, things;
    size_t bytes;
};

static struct ragged ragged_at(const struct shard_header *h, int i)
{
    const struct ragged all[] = {
        { SHARD_TOKEN_START, SHARD_TOKEN, sizeof(uint32_t) },
        { SHARD_CHARACTER_START, SHARD_CHARACTER, sizeof(uint32_t) },
        { SHARD_FRAME_START, SHARD_FRAME, h->frame_size * sizeof(float) },
    };
    return all[i];
}
enum { RAGGED = 3 };

/* What each section's size must be, but for the ragged ones. */
static uint64_t section_size(const struct shard_header *h, int section)
{
    const uint64_t rows = h->row_count;
    const uint64_t sizes[SHARD_SECTIONS] = {
        [SHARD_LABEL] = rows * 2,
        [SHARD_SPLIT] = rows,
        [SHARD_FOLD] = rows * 4,
        [SHARD_CATEGORY] = rows * h->category_count * 4,
        [SHARD_NUMBER] = rows * h->number_count * 4,
        [SHARD_TOKEN_START] = (rows + 1) * 8,
        [SHARD_CHARACTER_START] = (rows + 1) * 8,
        [SHARD_VECTOR] = rows * h->vector_size * 4,
        [SHARD_FRAME_START] = (rows + 1) * 8,
        [SHARD_HASH] = rows * 8,
        [SHARD_IMAGE] = rows * 3 * h->image_height * h->image_width,
    };
    for (int i = 0; i < RAGGED; i++)
        if ((int)ragged_at(h, i).things == section)
            return h->section[section].size;
    return sizes[section];
}

/* Whether no size made of the counts can wrap around; dataset.json has the same
 * bounds (dataset.c). */
static bool is_bounded(const struct shard_header *h)
{
    enum { COUNT_MAX = 1 << 20, SIDE_MAX = 1 << 14 };
    return h->category_count <= COUNT_MAX && h->number_count <= COUNT_MAX &&
           h->vector_size <= COUNT_MAX && h->frame_size <= COUNT_MAX &&
           h->image_height <= SIDE_MAX && h->image_width <= SIDE_MAX;
}

/* The header alone: is it ours, whole, and the one dataset.json means? */
static int check_header(const struct shard_header *h, const char *path,
                        uint64_t size, uint64_t checksum, struct error *err)
{
    if (size < sizeof *h)
        return damaged(err, path, "the file ends within its header", size,
                       sizeof *h);
    if (memcmp(h->magic, SHARD_MAGIC, sizeof h->magic) != 0)
        return damaged(err, path, "this is no shard", 0, sizeof h->magic);
    if (h->version != SHARD_VERSION)
        return error_set(err,
                         "'%s' has format version %u, this program reads %d",
                         path, h->version, SHARD_VERSION);
    if (h->checksum != header_checksum(h))
        return damaged(err, path, "the header's checksum differs", 0,
                       sizeof *h);
    if (h->checksum != checksum) {
        error_set(err, "'%s' is not the shard dataset.json was written for",
                  path);
        return error_hint(err, "the folder holds parts of two sets; pack the "
                               "data again");
    }
    if (!is_bounded(h))
        return damaged(err, path, "impossible counts", 0, sizeof *h);
    if (size < h->size_bytes)
        return damaged(err, path, "truncated, its end is missing", size,
                       h->size_bytes);
    return 0;
}

static bool all_zero(const char *bytes, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        if (bytes[i])
            return false;
    return true;
}

/* The header is good, but a section may not be what it says. */
static int check_sections(const struct shard_header *h, const char *path,
                          struct error *err)
{
    const char *base = (const char *)h;
    uint64_t end = sizeof *h;
    for (int i = 0; i < SHARD_SECTIONS; i++) {
        const uint64_t first = align(end), size = h->section[i].size;
        char what[64];
        snprintf(what, sizeof what, "section %s", section_name[i]);
        if (h->section[i].offset != first || first > h->size_bytes ||
            size > h->size_bytes - first || size != section_size(h, i) ||
            !all_zero(base + end, first - end) ||
            hash_bytes(base + first, size, 0) != h->section[i].checksum)
            return damaged(err, path, what, end, first + size);
        end = first + size;
    }
    return 0;
}

/* Starts must rise from 0 to the number of things: rows point there. */
static int check_starts(const struct shard_header *h, const struct ragged *r,
                        const char *path, struct error *err)
{
    const uint64_t *start =
        (const uint64_t *)(const void *)((const char *)h +
                                         h->section[r->start].offset);
    const uint64_t count = start[h->row_count],
                   size = h->section[r->things].size;
    bool good = start[0] == 0 && count <= size && count * r->bytes == size;
    char what[48];
    for (uint32_t i = 0; i < h->row_count && good; i++)
        good = start[i] <= start[i + 1];
    if (good)
        return 0;
    snprintf(what, sizeof what, "section %s", section_name[r->start]);
    return damaged(err, path, what, h->section[r->start].offset,
                   h->section[r->start].offset + h->section[r->start].size);
}

static void point_at_sections(struct shard *s)
{
    const char *base = (const char *)s->header;
    const void *at[SHARD_SECTIONS];
    for (int i = 0; i < SHARD_SECTIONS; i++)
        at[i] = base + s->header->section[i].offset;
    s->label = at[SHARD_LABEL];
    s->split = at[SHARD_SPLIT];
    s->fold = at[SHARD_FOLD];
    s->category = at[SHARD_CATEGORY];
    s->number = at[SHARD_NUMBER];
    s->token_start = at[SHARD_TOKEN_START];
    s->token = at[SHARD_TOKEN];
    s->character_start = at[SHARD_CHARACTER_START];
    s->character = at[SHARD_CHARACTER];
    s->vector = at[SHARD_VECTOR];
    s->frame_start = at[SHARD_FRAME_START];
    s->frame = at[SHARD_FRAME];
    s->hash = at[SHARD_HASH];
    s->image = at[SHARD_IMAGE];
}

/* Map the whole file; '*size' is what it has. */
static void *map_file(const char *path, uint64_t *size, struct error *err)
{
    void *data = NULL;
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0 || fstat(fd, &st) < 0) {
        error_errno(err, "cannot open '%s'", path);
        goto out;
    }
    *size = (uint64_t)st.st_size;
    if (*size == 0) {
        damaged(err, path, "the file is empty", 0, 0);
        goto out;
    }
    data = mmap(NULL, (size_t)*size, PROT_READ, MAP_SHARED, fd, 0);
    if (data == MAP_FAILED) {
        error_errno(err, "cannot map '%s'", path);
        data = NULL;
    }
out:
    if (fd >= 0)
        close(fd);
    return data;
}

int shard_open(struct shard *s, const char *path, uint64_t checksum,
               struct error *err)
{
    uint64_t size = 0;
    void *data = map_file(path, &size, err);
    if (!data)
        return -1;
    memset(s, 0, sizeof *s);
    if (check_header(data, path, size, checksum, err) < 0 ||
        check_sections(data, path, err) < 0)
        goto error;
    s->header = data;
    if (size > s->header->size_bytes) {
        damaged(err, path, "bytes that do not belong there",
                s->header->size_bytes, size);
        goto error;
    }
    point_at_sections(s);
    for (int i = 0; i < RAGGED; i++) {
        const struct ragged r = ragged_at(s->header, i);
        if (check_starts(s->header, &r, path, err) < 0)
            goto error;
    }
    return 0;
error:
    munmap(data, (size_t)size);
    memset(s, 0, sizeof *s);
    return -1;
}

void shard_close(struct shard *s)
{
    if (s->header)
        munmap((void *)(uintptr_t)s->header, (size_t)s->header->size_bytes);
    memset(s, 0, sizeof *s);
}
