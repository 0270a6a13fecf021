/* gpus: see gpus.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/worker/gpus.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define VARIABLE "CUDA_VISIBLE_DEVICES"
#define DRIVER   "/proc/driver/nvidia/gpus"

/* The entry of 'list' that begins at 'at', its length in '*size'; 0: the list
 * ends here. CUDA reads no further than a number below 0. */
static const char *entry(const char *at, size_t *size)
{
    at += strspn(at, ", ");
    *size = *at == '-' ? 0 : strcspn(at, ", ");
    return at;
}

static int64_t count_listed(const char *list)
{
    int64_t count = 0;
    size_t size;

    for (list = entry(list, &size); size > 0; list = entry(list + size, &size))
        count++;
    return count;
}

static int64_t count_driver(void)
{
    DIR *folder = opendir(DRIVER);
    struct dirent *d;
    int64_t count = 0;

    while (folder && (d = readdir(folder)))
        count += d->d_name[0] != '.';
    if (folder)
        closedir(folder);
    return count;
}

int64_t gpus_visible(void)
{
    const char *list = getenv(VARIABLE);

    return list ? count_listed(list) : count_driver();
}

int gpus_check(int64_t workers, int64_t each, struct error *err)
{
    int64_t visible = gpus_visible();

    if (visible == 0 || each == 0 || workers <= visible / each)
        return 0;
    error_usage(err,
                "%" PRId64 " at a time with %" PRId64
                " GPUs a trial: there are %" PRId64 " here",
                workers, each, visible);
    if (visible < each)
        return error_hint(err, "fewer ranks, or resources.gpus_per_task");
    return error_hint(err, "-j %" PRId64 ", or local: {workers: %" PRId64 "}",
                      visible / each, visible / each);
}

/* Append 'count' entries, from the one numbered 'first' on, of what is listed, or
 * of 0, 1, 2, ... */
static void append_share(const char *list, int64_t first, int64_t count,
                         struct text *out)
{
    size_t size;

    for (int64_t i = 0; i < first + count; i++) {
        const char *name = list ? (list = entry(list, &size)) : NULL;

        if (i >= first && name)
            text_format(out, "%s%.*s", i > first ? "," : "", (int)size, name);
        else if (i >= first)
            text_format(out, "%s%" PRId64, i > first ? "," : "", i);
        if (list)
            list += size;
    }
}

int gpus_take(int64_t slot, int64_t each, struct error *err)
{
    struct text share = TEXT_INIT;
    int rc = 0;

    if (each == 0 || gpus_visible() == 0)
        return 0;
    if (gpus_check(slot + 1, each, err) < 0)
        return -1;
    append_share(getenv(VARIABLE), slot * each, each, &share);
    if (share.failed || setenv(VARIABLE, text_get(&share), 1) < 0)
        rc = error_memory(err);
    text_clear(&share);
    return rc;
}
