/* jobs: see jobs.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/slurm/jobs.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

enum { JOBS_MAX_BYTES = 1 << 20 };

static struct tree *read_list(const char *path, struct error *err)
{
    struct tree *list;
    char *data;
    size_t size;

    if (!file_exists(path)) {
        list = tree_list();
        if (!list)
            error_memory(err);
        return list;
    }
    if (file_read(path, JOBS_MAX_BYTES, &data, &size, err) < 0)
        return NULL;
    list = json_parse(data, size, path, err);
    free(data);
    if (list && tree_kind(list) != TREE_LIST) {
        error_set(err, "'%s' is no list of jobs", path);
        tree_destroy(list);
        list = NULL;
    }
    return list;
}

struct tree *jobs_read(const char *run, struct error *err)
{
    char *path = file_join(run, "slurm/jobs.json");
    struct tree *list = NULL;

    if (path)
        list = read_list(path, err);
    else
        error_memory(err);
    free(path);
    return list;
}

int jobs_add(const char *run, struct tree *job, struct error *err)
{
    struct tree *list = jobs_read(run, err);
    char *path = file_join(run, "slurm/jobs.json");
    struct text json = TEXT_INIT;
    int rc = -1;

    if (!list) {
        tree_destroy(job);
        goto out;
    }
    tree_append(list, job);
    json_format_pretty(list, &json);
    if (!path || json.failed || !tree_ok(list))
        error_memory(err);
    else
        rc = file_write(path, json.data, json.size, 0644, err);
out:
    text_clear(&json);
    tree_destroy(list);
    free(path);
    return rc;
}
