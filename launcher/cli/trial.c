/* trial: see trial.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/cli/trial.h"

#include <stdlib.h>

#include "base/text.h"
#include "launcher/cli/find.h"
#include "launcher/controller/source.h"

int trial_number(const char *word, int64_t *number, struct error *err)
{
    if (text_to_int(word, number) == 0 && *number >= 0)
        return 0;
    error_usage(err, "'%s' is no trial's number", word);
    return error_hint(err, "'sentei leaderboard' shows them");
}

int trial_post(const char *name, const char *runs, const char *path,
               struct tree *body, struct tree **reply, struct error *err)
{
    char *run = find_run(name, runs, err);
    struct source *source = run ? source_open(run, err) : NULL;
    int rc = -1;

    if (!tree_ok(body))
        error_memory(err);
    else if (source)
        rc = source_post(source, path, body, reply, err);
    source_close(source);
    tree_destroy(body);
    free(run);
    return rc;
}
