/* file: bytes as a file in memory, for readers that want a path.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_FUZZ_FILE_H
#define TESTS_FUZZ_FILE_H

#include <assert.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* The descriptor of a new one, which the caller closes, and its path. */
static inline int file_of(const void *data, size_t size, char path[32])
{
    int fd = memfd_create("fuzz", MFD_CLOEXEC);
    ssize_t written = fd < 0 ? -1 : write(fd, data, size);

    assert(written == (ssize_t)size);
    snprintf(path, 32, "/proc/self/fd/%d", fd);
    return fd;
}

#endif
