/* diff: 'sentei diff [RUN] A B ...' puts trials side by side.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/view/diff.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/options.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/source.h"
#include "launcher/format/pager.h"

enum { STEPS_FOR_PEOPLE = 20 };

struct trials {
    int64_t number[DIFF_MAX];
    struct tree *tree[DIFF_MAX];
    size_t count;
};

/* Two or more numbers. */
static int read_numbers(struct trials *t, char **words, int count,
                        struct error *err)
{
    if (count < 2) {
        error_usage(err, "expected two or more trials' numbers");
        return error_hint(err, "for example: sentei diff quickstart 3 7");
    }
    if (count > DIFF_MAX)
        return error_usage(err, "at most %d trials fit side by side", DIFF_MAX);
    for (int i = 0; i < count; i++) {
        int64_t *number = &t->number[t->count++];

        if (text_to_int(words[i], number) < 0 || *number < 0)
            return error_usage(err, "'%s' is no trial's number", words[i]);
    }
    return 0;
}

static int print_diff(struct trials *t, const char *run, int64_t steps,
                      bool paged, struct error *err)
{
    struct source *source = source_open(run, err);
    struct screen screen = screen_of(stdout);
    struct text out = TEXT_INIT;
    struct tree *study = NULL;
    int rc = source ? source_get(source, "/v1/study", &study, err) : -1;

    for (size_t i = 0; rc == 0 && i < t->count; i++) {
        char path[64];

        snprintf(path, sizeof path, "/v1/trials/%" PRId64, t->number[i]);
        rc = source_get(source, path, &t->tree[i], err);
    }
    if (rc == 0) {
        diff_print((const struct tree *const *)t->tree, t->count, study,
                   (size_t)steps, &screen, &out);
        rc = out.failed ? error_memory(err) : 0;
    }
    if (rc == 0)
        rc = pager_print(&out, paged, err);
    text_clear(&out);
    for (size_t i = 0; i < t->count; i++)
        tree_destroy(t->tree[i]);
    tree_destroy(study);
    source_close(source);
    return rc;
}

static int run_diff(int argc, char **argv, struct error *err)
{
    int64_t steps = STEPS_FOR_PEOPLE, first;
    const char *runs = "runs";
    bool unpaged = false;
    const struct option_row rows[] = {
        { "steps", 0, OPTION_INT, &steps, "N",
          "about so many steps of the curves; 0: all (default: 20)" },
        { "no-pager", 0, OPTION_FLAG, &unpaged, NULL, PAGER_HELP },
        FIND_RUNS_OPTION(&runs),
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options options = {
        .command = "sentei diff",
        .usage = "[RUN] TRIAL TRIAL... [options]",
        .description =
            "Puts trials side by side: parameters, metrics, learning curves; "
            "'*' marks what differs.\nRUN is a run folder or a study's name; "
            "without one it is the newest run.",
        .examples = "  sentei diff 3 7\n"
                    "  sentei diff quickstart 3 7 12 --steps 0\n",
        .rows = rows,
    };
    struct trials trials = { .count = 0 };
    char **words;
    int count, rc = options_parse(&options, argc, argv, &words, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    bool named = count > 0 && text_to_int(words[0], &first) < 0;

    if (steps < 0)
        return error_usage(err, "--steps: expected 0 or more");
    if (read_numbers(&trials, words + named, count - named, err) < 0)
        return -1;
    char *run = find_run(named ? words[0] : NULL, runs, err);

    rc = run ? print_diff(&trials, run, steps, !unpaged, err) : -1;
    free(run);
    return rc;
}

const struct verb verb_diff = {
    .name = "diff",
    .summary = "trials side by side: parameters, metrics, curves",
    .run = run_diff,
};
