/* log: the end of what a trial printed.
 * SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "launcher/service/calls.h"

enum { LOG_BYTES = 16384 };

/* The last bytes of the file at 'path', from the beginning of a line on, in
 * 'buffer' of LOG_BYTES + 1; "" when there is none. */
static const char *read_tail(const char *path, char *buffer)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    off_t size = fd >= 0 ? lseek(fd, 0, SEEK_END) : -1;
    bool whole = size <= LOG_BYTES;
    ssize_t got =
        size < 0 ? 0
                 : pread(fd, buffer, LOG_BYTES, whole ? 0 : size - LOG_BYTES);
    const char *line;

    if (fd >= 0)
        close(fd);
    buffer[got > 0 ? got : 0] = '\0';
    line = whole ? NULL : strchr(buffer, '\n');
    return line ? line + 1 : buffer;
}

int call_log(struct service *s, const struct call *c, struct reply *r,
             struct error *err)
{
    struct text path = TEXT_INIT;
    struct entry room, *e;
    struct tree *body;
    char *buffer;
    int64_t number = -1;
    int status = call_see(s, c->path, &room, &e, err);

    if (status == CALL_OK)
        number = e->row.number;
    entry_clear(&room);
    if (status != CALL_OK)
        return status;
    buffer = malloc(LOG_BYTES + 1);
    if (!buffer) {
        error_memory(err);
        return CALL_TROUBLE;
    }
    text_format(&path, "%s/trials/%05jd/log", s->options.run, (intmax_t)number);
    body = tree_map();
    tree_set_string(body, "tail", read_tail(text_get(&path), buffer));
    tree_set_text(body, "log", &path);
    free(buffer);
    return call_answer(r, body, err);
}
