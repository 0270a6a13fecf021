/* changes: see changes.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/cli/changes.h"

#include <inttypes.h>
#include <stdio.h>

#include "launcher/controller/source.h"

/* Append the trials of 'reply' to those of 'all', and its place. */
static void add_changes(struct tree *all, const struct tree *reply)
{
    const struct tree *trials = tree_get(reply, "trials");

    for (size_t i = 0; i < tree_count(trials); i++)
        tree_append(tree_get(all, "trials"), tree_copy(tree_at(trials, i)));
    tree_set(all, "at", tree_copy(tree_get(reply, "at")));
    tree_set(all, "more", tree_copy(tree_get(reply, "more")));
}

static int read_all(struct source *source, struct tree **all, struct error *err)
{
    struct tree *reply;
    char path[96];
    int rc = source_get(source, "/v1/changes", all, err);

    while (rc == 0 && tree_truth(tree_get(*all, "more"))) {
        snprintf(path, sizeof path,
                 "/v1/changes?term=%" PRId64 "&since=%" PRId64,
                 tree_integer(tree_get(*all, "term")),
                 tree_integer(tree_get(*all, "at")));
        reply = NULL;
        rc = source_get(source, path, &reply, err);
        if (rc == 0)
            add_changes(*all, reply);
        tree_destroy(reply);
        if (rc == 0 && !tree_ok(*all))
            rc = error_memory(err);
    }
    return rc;
}

int changes_read(const char *run, struct tree **all, struct error *err)
{
    struct source *source = source_open(run, err);
    int rc;

    *all = NULL;
    rc = source ? read_all(source, all, err) : -1;
    source_close(source);
    return rc;
}
