/* changes: see changes.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/cli/changes.h"

#include <inttypes.h>
#include <stdio.h>

#include "launcher/controller/source.h"

/* ---- one after the other ---------------------------------------------- */

static int tell_all(struct source *source, changes_fn *each, void *context,
                    struct error *err)
{
    int64_t term = 0, at = 0;
    bool more = true, first = true;
    int rc = 0;

    while (rc == 0 && more) {
        struct tree *reply = NULL;
        char path[96];

        snprintf(path, sizeof path,
                 "/v1/changes?term=%" PRId64 "&since=%" PRId64, term, at);
        rc = source_get(source, path, &reply, err);
        first = first || tree_integer(tree_get(reply, "term")) != term;
        term = tree_integer(tree_get(reply, "term"));
        at = tree_integer(tree_get(reply, "at"));
        more = tree_truth(tree_get(reply, "more"));
        if (rc == 0)
            rc = each(context, reply, first, err);
        first = false;
        tree_destroy(reply);
    }
    return rc;
}

int changes_each(const char *run, changes_fn *each, void *context,
                 struct error *err)
{
    struct source *source = source_open(run, err);
    int rc = source ? tell_all(source, each, context, err) : -1;

    source_close(source);
    return rc;
}

/* ---- all as one ------------------------------------------------------- */

static int gather(void *context, struct tree *reply, bool first,
                  struct error *err)
{
    struct tree **all = context;
    const struct tree *trials = tree_get(reply, "trials");

    if (first) {
        tree_destroy(*all);
        *all = tree_copy(reply);
    } else {
        for (size_t i = 0; i < tree_count(trials); i++)
            tree_append(tree_get(*all, "trials"),
                        tree_copy(tree_at(trials, i)));
        tree_set(*all, "study", tree_copy(tree_get(reply, "study")));
        tree_set(*all, "places", tree_copy(tree_get(reply, "places")));
    }
    return tree_ok(*all) ? 0 : error_memory(err);
}

int changes_read(const char *run, struct tree **all, struct error *err)
{
    *all = NULL;
    return changes_each(run, gather, all, err);
}
