/* file: see file.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

/* Read until the end or until 'size' bytes are there; the count, or -1. */
static ssize_t read_all(int fd, char *data, size_t size)
{
    size_t done = 0;

    while (done < size) {
        ssize_t n = read(fd, data + done, size - done);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        if (n == 0)
            break;
        done += (size_t)n;
    }
    return (ssize_t)done;
}

/* Read what 'fd' stands for. */
static int read_open(int fd, const char *path, size_t max, char **data,
                     size_t *size, struct error *err)
{
    struct stat info;
    char *buffer;
    ssize_t count;

    if (fstat(fd, &info) != 0)
        return error_errno(err, "cannot read '%s'", path);
    errno = 0; /* what follows is the file's fault */
    if (!S_ISREG(info.st_mode))
        return error_set(err, "'%s' is no regular file", path);
    if ((uintmax_t)info.st_size > max)
        return error_set(err, "'%s' has %jd bytes, more than the %zu allowed",
                         path, (intmax_t)info.st_size, max);
    buffer = malloc((size_t)info.st_size + 1);
    if (!buffer)
        return error_memory(err);
    count = read_all(fd, buffer, (size_t)info.st_size);
    if (count < 0) {
        error_errno(err, "cannot read '%s'", path);
        free(buffer);
        return -1;
    }
    buffer[count] = '\0';
    *data = buffer;
    *size = (size_t)count;
    return 0;
}

int file_read(const char *path, size_t max, char **data, size_t *size,
              struct error *err)
{
    /* not blocking: to open a pipe would wait for its other end */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int rc, saved;

    if (fd < 0)
        return error_errno(err, "cannot open '%s'", path);
    rc = read_open(fd, path, max, data, size, err);
    saved = errno;
    close(fd);
    errno = saved;
    return rc;
}

int file_read_named(const char *path, size_t max, char **data, size_t *size,
                    struct error *err)
{
    static const int worlds[] = { ENOMEM, EMFILE, ENFILE, EIO };

    if (file_read(path, max, data, size, err) == 0)
        return 0;
    for (size_t i = 0; i < sizeof worlds / sizeof *worlds; i++)
        if (errno == worlds[i])
            return -1;
    if (err)
        err->kind = ERROR_USAGE;
    return error_where(err, "%s:1:1", path);
}

static int write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(fd, data, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        data += n;
        size -= (size_t)n;
    }
    return 0;
}

int file_sync_folder(const char *path)
{
    char *folder = text_copy(path);
    char *slash = folder ? strrchr(folder, '/') : NULL;
    int fd, status;

    if (!folder)
        return -1;
    if (slash)
        slash[slash == folder] = '\0';
    fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    free(folder);
    if (fd < 0)
        return -1;
    status = fsync(fd);
    close(fd);
    return status;
}

int file_write(const char *path, const void *data, size_t size, mode_t mode,
               struct error *err)
{
    char *temporary = text_print("%s.XXXXXX", path);
    int fd, saved;

    if (!temporary)
        return error_memory(err);
    fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0) {
        error_errno(err, "cannot write '%s'", path);
        free(temporary);
        return -1;
    }
    if (fchmod(fd, mode) != 0 || write_all(fd, data, size) != 0 ||
        fsync(fd) != 0 || rename(temporary, path) != 0 ||
        file_sync_folder(path) != 0) {
        saved = errno;
        unlink(temporary);
        errno = saved;
        error_errno(err, "cannot write '%s'", path);
        close(fd);
        free(temporary);
        return -1;
    }
    close(fd);
    free(temporary);
    return 0;
}

/* Make a folder whose parent is there. */
static int make_one(const char *path, struct error *err)
{
    struct stat info;
    int why;

    if (mkdir(path, 0777) == 0)
        return 0;
    why = errno;
    if (stat(path, &info) == 0) { /* there: whatever mkdir says of it */
        if (S_ISDIR(info.st_mode))
            return 0;
        why = ENOTDIR;
    }
    errno = why;
    return error_errno(err, "cannot make the folder '%s'", path);
}

int file_make_folder(const char *path, struct error *err)
{
    char *copy = text_copy(path);
    int rc = 0;

    if (!copy)
        return error_memory(err);
    for (char *slash = copy + 1;
         rc == 0 && copy[0] && (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        rc = make_one(copy, err);
        *slash = '/';
    }
    free(copy);
    return rc < 0 ? -1 : make_one(path, err);
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

char *file_join(const char *folder, const char *name)
{
    size_t size = strlen(folder);

    if (name[0] == '/')
        return text_copy(name);
    return text_print("%s%s%s", folder,
                      size > 0 && folder[size - 1] == '/' ? "" : "/", name);
}
