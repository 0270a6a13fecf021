/* notify: 'sentei notify RUN' tells people and programs how a study goes.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "base/options.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/notify/follow.h"

static int run_notify(int argc, char **argv, struct error *err)
{
    const char *runs = "runs";
    const struct option_row rows[] = {
        FIND_RUNS_OPTION(&runs),
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options options = {
        .command = "sentei notify",
        .usage = "[RUN]",
        .description =
            "Follows a study until it ends and tells whom its 'notify:' "
            "section names. The\ncontroller of such a study starts it; it is "
            "of use by hand to try a webhook.",
        .examples = "  sentei notify runs/quickstart\n",
        .rows = rows,
    };
    char **words;
    int count, rc = options_parse(&options, argc, argv, &words, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (count > 1)
        return error_usage(err, "one run at a time, not '%s' too", words[1]);
    char *run = find_run(count ? words[0] : NULL, runs, err);

    rc = run ? notify_follow(run, err) : -1;
    free(run);
    return rc;
}

const struct verb verb_notify = {
    .name = "notify",
    .summary = "tell how a study goes by webhooks and programs",
    .run = run_notify,
};
