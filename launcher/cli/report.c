/* report: 'sentei report [RUN]' writes a study as one web page.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/options.h"
#include "launcher/cli/changes.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/source.h"
#include "launcher/page/page.h"

struct report {
    struct tree *importance; /* NULL: too few trials have ended */
    struct text page;
};

/* A reply's data are text before the next is asked for: a study's trees are
 * many times larger. */
static int add_reply(void *context, struct tree *reply, bool first,
                     struct error *err)
{
    struct report *r = context;

    if (first) {
        text_clear(&r->page);
        page_begin(&r->page);
    }
    if (!tree_truth(tree_get(reply, "more")) && r->importance)
        tree_set(reply, "importance",
                 tree_copy(tree_get(r->importance, "importance")));
    if (!tree_ok(reply))
        return error_memory(err);
    page_data(reply, &r->page);
    return r->page.failed ? error_memory(err) : 0;
}

/* Which parameters matter is asked first: without a controller that takes all
 * trials into memory, where the page is not yet. */
static int write_report(const char *run, const char *file, struct error *err)
{
    struct report r = { NULL, TEXT_INIT };
    int rc;

    source_read(run, "/v1/importance", &r.importance, NULL);
    rc = changes_each(run, add_reply, &r, err);
    if (rc == 0)
        page_end(&r.page);
    if (rc == 0 && r.page.failed)
        rc = error_memory(err);
    if (rc == 0 && file)
        rc = file_write(file, r.page.data, r.page.size, 0644, err);
    else if (rc == 0)
        fwrite(r.page.data, 1, r.page.size, stdout);
    text_clear(&r.page);
    tree_destroy(r.importance);
    return rc;
}

static int run_report(int argc, char **argv, struct error *err)
{
    const char *runs = "runs", *file = NULL;
    const struct option_row rows[] = {
        { "output", 'o', OPTION_STRING, &file, "FILE",
          "where to write it (default: stdout)" },
        FIND_RUNS_OPTION(&runs),
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options options = {
        .command = "sentei report",
        .usage = "[RUN] [-o FILE]",
        .description =
            "Writes a study as one self-contained web page: progress, "
            "leaderboard, what the\nparameters do, who worked when. RUN is a "
            "run folder or a study's name; without one\nit is the newest run.",
        .examples = "  sentei report quickstart -o report.html\n",
        .rows = rows,
    };
    char **words;
    int count, rc = options_parse(&options, argc, argv, &words, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (count > 1)
        return error_usage(err, "one run at a time, not '%s' too", words[1]);
    char *run = find_run(count ? words[0] : NULL, runs, err);

    rc = run ? write_report(run, file, err) : -1;
    free(run);
    return rc;
}

const struct verb verb_report = {
    .name = "report",
    .summary = "a study as one web page, to keep or to send",
    .run = run_report,
};
