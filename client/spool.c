/* spool: reports that nobody has answered yet, kept in a file.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/text.h"

enum { SPOOL_MAX_BYTES = 1 << 28, SPOOL_BATCH = 256 };

/* Whether the file ends in the middle of a line. */
static bool is_torn(int fd)
{
    off_t end = lseek(fd, 0, SEEK_END);
    char last = '\n';

    return end > 0 && pread(fd, &last, 1, end - 1) == 1 && last != '\n';
}

static void format_lines(int64_t attempt, const struct tree *reports,
                         struct text *out)
{
    for (size_t i = 0; i < tree_count(reports); i++) {
        struct tree *line = tree_copy(tree_at(reports, i));

        tree_set_int(line, "attempt", attempt);
        json_format(line, out);
        text_append_char(out, '\n');
        out->failed = out->failed || !tree_ok(line);
        tree_destroy(line);
    }
}

int spool_append(const char *path, int64_t attempt, const struct tree *reports,
                 struct error *err)
{
    struct text lines = TEXT_INIT;
    int rc = -1;
    bool is_new = !file_exists(path);
    int fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);

    if (fd < 0) {
        error_errno(err, "cannot open '%s'", path);
        goto out;
    }
    if (is_torn(fd))
        text_append_char(&lines, '\n');
    format_lines(attempt, reports, &lines);
    if (lines.failed) {
        error_memory(err);
        goto out;
    }
    if (write(fd, text_get(&lines), lines.size) != (ssize_t)lines.size ||
        fsync(fd) < 0 || (is_new && file_sync_folder(path) < 0)) {
        error_errno(err, "cannot write '%s'", path);
        goto out;
    }
    rc = 0;
out:
    if (fd >= 0)
        close(fd);
    text_clear(&lines);
    return rc;
}

/* Add the report on this line to 'list' when it is of a wanted attempt. */
static void read_line(const char *path, const char *line, size_t size,
                      int64_t first, int64_t last, struct tree *list)
{
    struct tree *report = json_parse(line, size, path, NULL);
    int64_t attempt = tree_integer(tree_get(report, "attempt"));

    if (!report && size > 0)
        log_warn("%s: a torn line is left out", path);
    if (report && attempt >= first && attempt <= last)
        tree_append(list, report);
    else
        tree_destroy(report);
}

struct tree *spool_read(const char *path, int64_t first, int64_t last,
                        struct error *err)
{
    struct tree *list = tree_list();
    char *data = NULL, *at, *end;
    size_t size;

    if (!file_exists(path) && list)
        return list;
    if (file_read(path, SPOOL_MAX_BYTES, &data, &size, err) < 0) {
        tree_destroy(list);
        return NULL;
    }
    for (at = data; (end = memchr(at, '\n', size - (size_t)(at - data)));
         at = end + 1)
        read_line(path, at, (size_t)(end - at), first, last, list);
    read_line(path, at, size - (size_t)(at - data), first, last, list);
    free(data);
    if (!tree_ok(list)) {
        tree_destroy(list);
        error_memory(err);
        return NULL;
    }
    return list;
}

int spool_send(const struct lease *lease, const struct tree *reports,
               struct contact *c, double timeout_s, struct tree **reply,
               struct error *err)
{
    struct tree *body = lease_to_tree(lease);
    int status;

    *reply = NULL;
    if (tree_set(body, "reports", tree_copy(reports)) < 0) {
        error_memory(err);
        tree_destroy(body);
        return 0;
    }
    status = contact_call(c, "/v1/report", body, timeout_s, reply, err);
    tree_destroy(body);
    return status;
}

/* Keep what the controller will never take out of the way. */
static void set_aside(const char *path)
{
    char *name = text_print("%s.refused", path);

    if (!name || rename(path, name) < 0)
        unlink(path);
    free(name);
}

int spool_deliver(const char *path, int64_t first, int64_t last,
                  const struct lease *lease, struct contact *c,
                  double timeout_s, struct tree **reply, struct error *err)
{
    struct tree *all = spool_read(path, first, last, err);
    int status = all ? 200 : 0;

    *reply = NULL;
    for (size_t i = 0; status == 200 && i < tree_count(all);) {
        struct tree *batch = tree_list();

        for (size_t n = 0; n < SPOOL_BATCH && i < tree_count(all); n++, i++)
            tree_append(batch, tree_copy(tree_at(all, i)));
        tree_destroy(*reply);
        status = spool_send(lease, batch, c, timeout_s, reply, err);
        tree_destroy(batch);
    }
    if (status == 200 && file_exists(path))
        unlink(path);
    else if (status >= 400 && status != 409 && !contact_may_retry(status))
        set_aside(path);
    tree_destroy(all);
    return status;
}
