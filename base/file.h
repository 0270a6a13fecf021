/* file: whole files, read and replaced safely.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/error.h"

/* Read a regular file of at most 'max' bytes. '*data' gets a buffer with a NUL
 * after its '*size' bytes, the caller frees. Returns 0, or -1 with 'err'. */
int file_read(const char *path, size_t max, char **data, size_t *size,
              struct error *err);

/* The same for a file the user named: what is wrong with the file itself is of
 * kind USAGE, where "path:1:1"; out of memory and the like stay failures. */
int file_read_named(const char *path, size_t max, char **data, size_t *size,
                    struct error *err);

/* Replace 'path' by these bytes: a temporary file beside it, fsync, rename,
 * fsync of the folder. A reader sees the old file or the new, never a part.
 * Returns 0, or -1 with 'err' and the old file as it was. */
int file_write(const char *path, const void *data, size_t size, mode_t mode,
               struct error *err);

/* Make durable what was made, renamed or removed in the folder that holds
 * 'path': fsync of that folder. Returns 0, or -1 with errno. */
int file_sync_folder(const char *path);

/* Make a folder and those above it (like mkdir -p), mode 0777 less umask.
 * Returns 0 also when it is there. */
int file_make_folder(const char *path, struct error *err);

/* Whether something exists at 'path'. */
bool file_exists(const char *path);

/* "folder/name" in a new string, the caller frees; NULL when out of memory.
 * An absolute 'name' stands alone. */
char *file_join(const char *folder, const char *name);

#endif
