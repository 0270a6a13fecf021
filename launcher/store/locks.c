/* locks: see locks.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/store/locks.h"

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"

/* The lock of SQLite: POSIX, for writing. */
static int take(int fd)
{
    struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

    return fcntl(fd, F_SETLK, &whole);
}

/* Whether our lock holds against another process. */
static bool keeps_out(int fd)
{
    int status = 0;
    pid_t other = fork();

    if (other == 0)
        _exit(take(fd) < 0 ? 0 : 1);
    return other < 0 || (waitpid(other, &status, 0) == other && status == 0);
}

static int explain(struct error *err)
{
    error_hint(err, "choose a folder on another file system with --runs; or "
                    "have it mounted with locks (Lustre: flock; NFS: a server "
                    "that runs lockd)");
    return 0;
}

int locks_try(const char *folder, struct error *err)
{
    char *path = text_print("%s/.sentei-locks-XXXXXX", folder);
    int fd = path ? mkostemp(path, O_CLOEXEC) : -1, rc = 1;

    if (!path)
        rc = error_memory(err);
    else if (fd < 0)
        rc = error_errno(err, "no file can be made in '%s'", folder);
    else if (take(fd) < 0) {
        error_errno(err, "the file system of '%s' has no locks", folder);
        rc = explain(err);
    } else if (!keeps_out(fd)) {
        error_set(err, "a lock on the file system of '%s' keeps nobody out",
                  folder);
        rc = explain(err);
    }
    if (fd >= 0) {
        close(fd);
        unlink(path);
    }
    free(path);
    return rc;
}
