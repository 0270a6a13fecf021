/* jobs: see jobs.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/slurm/jobs.h"

#include <stdlib.h>

#include "base/file.h"
#include "base/ledger.h"

static const char file[] = "slurm/jobs.json";

struct tree *jobs_read(const char *run, struct error *err)
{
    char *path = file_join(run, file);
    struct tree *list = NULL;

    if (path)
        list = ledger_read(path, err);
    else
        error_memory(err);
    free(path);
    return list;
}

int jobs_add(const char *run, struct tree *job, struct error *err)
{
    char *path = file_join(run, file);
    int rc;

    if (!path) {
        tree_destroy(job);
        return error_memory(err);
    }
    rc = ledger_add(path, job, err);
    free(path);
    return rc;
}
