/* accounts: see accounts.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/slurm/accounts.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "launcher/slurm/jobs.h"
#include "launcher/slurm/scheduler.h"

#define SACCT_TIMEOUT_S 30.0

char *accounts_count(const char *printed)
{
    enum { KINDS_MAX = 16, KIND_BYTES = 24 };
    char kinds[KINDS_MAX][KIND_BYTES];
    size_t counts[KINDS_MAX] = { 0 }, count = 0;
    struct text out = TEXT_INIT;

    for (const char *line = printed; *line;
         line += strcspn(line, "\n"), line += *line == '\n') {
        char kind[KIND_BYTES];
        size_t i = 0;

        if (sscanf(line, "%23[A-Z_]", kind) != 1 ||
            strcmp(kind, "RUNNING") == 0 || strcmp(kind, "PENDING") == 0)
            continue;
        while (i < count && strcmp(kinds[i], kind) != 0)
            i++;
        if (i == KINDS_MAX)
            continue;
        if (i == count)
            memcpy(kinds[count++], kind, sizeof kind);
        counts[i]++;
    }
    for (size_t i = 0; i < count; i++) {
        text_format(&out, "%s%zu ", i > 0 ? ", " : "", counts[i]);
        for (const char *c = kinds[i]; *c; c++)
            text_append_char(&out, *c == '_' ? ' ' : (char)tolower(*c));
    }
    text_append(&out, "");
    return text_take(&out);
}

/* "a,b,c": what the jobs are called, and since when there are any. */
static void append_names(const struct tree *submitted, struct text *names)
{
    for (size_t i = 0; i < tree_count(submitted); i++)
        text_format(names, "%s%s", i > 0 ? "," : "--name=",
                    tree_text(tree_get(tree_at(submitted, i), "name")));
}

char *accounts_ended(const char *run)
{
    struct tree *submitted = jobs_read(run, NULL);
    struct scheduler_reply reply = { -1, TEXT_INIT, TEXT_INIT };
    struct text names = TEXT_INIT;
    char since[48] = "", *ended = NULL;
    time_t first =
        (time_t)tree_number(tree_get(tree_at(submitted, 0), "submitted"));
    struct tm parts;

    append_names(submitted, &names);
    if (tree_count(submitted) > 0 && localtime_r(&first, &parts) &&
        strftime(since, sizeof since, "--starttime=%Y-%m-%dT%H:%M:%S",
                 &parts)) {
        const char *words[] = {
            "sacct",          "-X", "-n",    "-P", "-D", since,
            text_get(&names), "-o", "State", NULL
        };

        if (scheduler_call(words, SACCT_TIMEOUT_S, &reply, NULL) == 0 &&
            reply.status == 0)
            ended = accounts_count(text_get(&reply.out));
    }
    scheduler_clear(&reply);
    text_clear(&names);
    tree_destroy(submitted);
    return ended ? ended : text_copy("");
}
