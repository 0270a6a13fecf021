/* trial: see trial.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/cli/trial.h"

#include <stdlib.h>

#include "base/options.h"
#include "base/text.h"
#include "launcher/cli/find.h"
#include "launcher/controller/source.h"

/* Read a trial's number. Returns 0, or -1 with 'err' (kind USAGE). */
static int read_number(const char *word, int64_t *number, struct error *err)
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

int trial_change(const struct trial_change *t, int argc, char **argv,
                 const char **run, int64_t *number, struct error *err)
{
    const char *runs = "runs";
    const struct option_row rows[] = {
        FIND_RUNS_OPTION(&runs),
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options o = { t->command, t->usage, t->description,
                               t->examples, rows };
    char **rest;
    int count, rc = options_parse(&o, argc, argv, &rest, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (count != (t->key ? 3 : 2)) {
        error_usage(err, "expected %s", t->wanted);
        return error_hint(err, "%s", t->hint);
    }
    if (read_number(rest[1], number, err) < 0)
        return -1;
    struct tree *body = tree_map();

    *run = rest[0];
    tree_set_int(body, "trial", *number);
    if (t->key)
        tree_set_string(body, t->key, rest[2]);
    return trial_post(rest[0], runs, t->path, body, NULL, err) < 0 ? -1 : 1;
}
