/* fence: see fence.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/store/fence.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/random.h"
#include "base/text.h"

int fence_raise(struct fence *f, const char *path, struct error *err)
{
    uint64_t secret[2];

    f->path = text_print("%s-fence", path);
    if (!f->path)
        return error_memory(err);
    if (random_secret(secret, sizeof secret) < 0)
        return error_errno(err, "cannot get random numbers from the system");
    snprintf(f->word, sizeof f->word, "%016jx%016jx", (uintmax_t)secret[0],
             (uintmax_t)secret[1]);
    return file_write(f->path, f->word, strlen(f->word), 0644, err);
}

/* Opened anew each time: only then a network file system looks at the server. */
int fence_check(struct fence *f, struct error *err)
{
    char word[FENCE_WORD_BYTES] = "";
    ssize_t size;
    int fd;

    if (!f->path)
        return 0;
    fd = open(f->path, O_RDONLY | O_CLOEXEC);
    size = fd >= 0 ? read(fd, word, sizeof word - 1) : -1;
    if (size < 0)
        error_errno(err, "cannot read '%s'", f->path);
    if (fd >= 0)
        close(fd);
    if (size < 0)
        return -1;
    f->lost = f->lost || strcmp(word, f->word) != 0;
    if (!f->lost)
        return 0;
    error_set(err, "another process has taken over, as '%s' tells", f->path);
    return error_hint(err, "nothing that was acknowledged is lost; this one "
                           "has to end");
}

void fence_clear(struct fence *f)
{
    free(f->path);
    f->path = NULL;
}
