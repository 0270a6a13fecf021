/* report: 'sentei report [RUN]' writes a study as one web page.
 * SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/file.h"
#include "base/options.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/source.h"
#include "launcher/page/page.h"

/* Append the trials of 'reply' to those of 'all', and its place. */
static void add_changes(struct tree *all, const struct tree *reply)
{
    const struct tree *trials = tree_get(reply, "trials");

    for (size_t i = 0; i < tree_count(trials); i++)
        tree_append(tree_get(all, "trials"), tree_copy(tree_at(trials, i)));
    tree_set(all, "at", tree_copy(tree_get(reply, "at")));
    tree_set(all, "more", tree_copy(tree_get(reply, "more")));
}

/* Ask for the whole study; a controller gives it in pieces. */
static int read_changes(struct source *source, struct tree **all,
                        struct error *err)
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

static int write_report(const char *run, const char *file, struct error *err)
{
    struct source *source = source_open(run, err);
    struct tree *changes = NULL;
    struct text page = TEXT_INIT;
    int rc = source ? read_changes(source, &changes, err) : -1;

    if (rc == 0)
        page_report(changes, &page);
    if (rc == 0 && page.failed)
        rc = error_memory(err);
    if (rc == 0 && file)
        rc = file_write(file, page.data, page.size, 0644, err);
    else if (rc == 0)
        fwrite(page.data, 1, page.size, stdout);
    text_clear(&page);
    tree_destroy(changes);
    source_close(source);
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
