/* show: 'sentei show [RUN] TRIAL' tells all about one trial.
 * SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/options.h"
#include "launcher/cli/find.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/source.h"
#include "launcher/format/pager.h"
#include "launcher/provenance/provenance.h"
#include "launcher/view/trial.h"

enum { STEPS_FOR_PEOPLE = 20, LOG_LINES = 10 };

enum format { TEXT, JSON, CSV };

struct show {
    int format;
    bool unpaged;
    int64_t trial, steps;
};

/* The last LOG_LINES lines of a text. */
static const char *last_lines(const char *text)
{
    int lines = 0;

    for (const char *s = text + strlen(text); s > text; s--)
        if (s[-1] == '\n' && *s && ++lines == LOG_LINES)
            return s;
    return text;
}

/* Append the trial in the format asked for. */
static int append_trial(const struct show *show, const struct tree *trial,
                        const struct tree *study, const struct tree *log,
                        struct text *out, struct error *err)
{
    struct screen screen = screen_of(stdout);

    if (show->format == JSON) {
        json_format_pretty(trial, out);
    } else if (show->format == CSV) {
        trial_print_curve(trial, study, out);
    } else {
        trial_print(trial, study, last_lines(tree_text(tree_get(log, "tail"))),
                    (size_t)show->steps, &screen, out);
    }
    return out->failed ? error_memory(err) : 0;
}

/* Say what the trial has left in its folder: checkpoints, tables. The folder may
 * be gone, or another machine's. */
static void append_files(const char *run, int64_t trial, struct text *out)
{
    char *folder = text_print("%s/trials/%05" PRId64, run, trial);
    struct dirent **found = NULL;
    int count = folder ? scandir(folder, &found, NULL, alphasort) : 0;
    bool any = false;

    for (int i = 0; i < count; i++) {
        if (found[i]->d_name[0] != '.') {
            if (!any)
                text_format(out, "files in %s: ", folder);
            text_make_plain(found[i]->d_name);
            text_format(out, any ? ", %s" : "%s", found[i]->d_name);
            any = true;
        }
        free(found[i]);
    }
    text_append(out, any ? "\n" : "");
    free(found);
    free(folder);
}

static int print_trial(const struct show *show, const char *run,
                       struct error *err)
{
    struct source *source = source_open(run, err);
    struct tree *study = NULL, *trial = NULL, *log = NULL;
    struct text out = TEXT_INIT;
    char path[64];
    int rc = source ? source_get(source, "/v1/study", &study, err) : -1;

    snprintf(path, sizeof path, "/v1/trials/%" PRId64, show->trial);
    if (rc == 0)
        rc = source_get(source, path, &trial, err);
    snprintf(path, sizeof path, "/v1/logs/%" PRId64, show->trial);
    if (rc == 0)
        rc = source_get(source, path, &log, err);
    if (rc == 0)
        rc = append_trial(show, trial, study, log, &out, err);
    if (rc == 0 && show->format == TEXT) {
        text_append_char(&out, '\n');
        append_files(run, show->trial, &out);
        provenance_line(run, &out);
        text_append_char(&out, '\n');
    }
    if (rc == 0)
        rc = pager_print(&out, show->format == TEXT && !show->unpaged, err);
    text_clear(&out);
    tree_destroy(study);
    tree_destroy(trial);
    tree_destroy(log);
    source_close(source);
    return rc;
}

/* [RUN] TRIAL */
static int read_words(struct show *show, char **words, int count,
                      const char **run, struct error *err)
{
    if (count < 1 || count > 2) {
        error_usage(err, "expected a trial's number, after a run or alone");
        return error_hint(err, "for example: sentei show quickstart 7");
    }
    *run = count == 2 ? words[0] : NULL;
    if (text_to_int(words[count - 1], &show->trial) < 0 || show->trial < 0)
        return error_usage(err, "'%s' is no trial's number", words[count - 1]);
    if (show->steps < 0)
        return error_usage(err, "--steps: expected 0 or more");
    return 0;
}

static int run_show(int argc, char **argv, struct error *err)
{
    struct show show = { .format = TEXT, .steps = STEPS_FOR_PEOPLE };
    const char *runs = "runs", *name = NULL;
    const struct option_row rows[] = {
        { "format", 'f', OPTION_CHOICE, &show.format, "text|json|csv",
          "text (default), json (all of it) or csv (the curve)" },
        { "steps", 0, OPTION_INT, &show.steps, "N",
          "about so many steps of the curve; 0: all (default: 20)" },
        { "no-pager", 0, OPTION_FLAG, &show.unpaged, NULL, PAGER_HELP },
        FIND_RUNS_OPTION(&runs),
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options options = {
        .command = "sentei show",
        .usage = "[RUN] TRIAL [options]",
        .description =
            "Tells all about one trial: parameters, learning curve, attempts, "
            "events, the end of\nits log. RUN is a run folder or a study's "
            "name; without one it is the newest run.",
        .examples = "  sentei show 7\n"
                    "  sentei show quickstart 7 --steps 0\n"
                    "  sentei show quickstart 7 --format csv > curve.csv\n",
        .rows = rows,
    };
    char **words;
    int count, rc = options_parse(&options, argc, argv, &words, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (read_words(&show, words, count, &name, err) < 0)
        return -1;
    char *run = find_run(name, runs, err);

    rc = run ? print_trial(&show, run, err) : -1;
    free(run);
    return rc;
}

const struct verb verb_show = {
    .name = "show",
    .summary = "all about one trial: parameters, curve, attempts, log",
    .run = run_show,
};
