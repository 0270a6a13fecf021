/* check: 'sentei check STUDY.yaml...' reads study files as a run would, shows
 * what they come to, and runs nothing. Every file is looked at, also after a
 * bad one.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/options.h"
#include "launcher/cli/verb.h"
#include "launcher/format/display.h"
#include "launcher/format/screen.h"
#include "launcher/study/study.h"

enum {
    PLAN_COLUMN = 15 /* where what is said of a key begins */
};

/* Append the plan of one file; -1 with 'err'. */
static int append_plan(const char *path, bool json, struct text *out,
                       struct error *err)
{
    struct study *s = study_read(path, err);
    struct tree *plan = NULL;

    if (!s)
        return -1;
    if (json) {
        plan = study_plan(s);
        json_format_pretty(plan, out);
    } else {
        study_describe(s, out);
    }
    if ((json && !plan) || out->failed)
        error_memory(err);
    tree_destroy(plan);
    study_destroy(s);
    return err->kind == ERROR_NONE ? 0 : -1;
}

/* The plan's lines, no longer than a terminal is wide. */
static void print_lines(const char *line, struct error *err)
{
    struct screen screen = screen_of(stdout);
    struct text out = TEXT_INIT, one = TEXT_INIT;

    for (size_t size; *line; line += size + (line[size] == '\n')) {
        size = strcspn(line, "\n");
        text_reset(&one);
        text_append_bytes(&one, line, size);
        display_wrap(text_get(&one), screen.width, PLAN_COLUMN, &out);
    }
    fputs(text_get(&out), stdout);
    if (out.failed || one.failed)
        error_memory(err);
    text_clear(&out);
    text_clear(&one);
}

/* Show one file's plan, or say on stderr what is wrong with it. Returns the
 * exit status. */
static int check_file(const char *path, bool json)
{
    struct error err = ERROR_INIT;
    struct text out = TEXT_INIT;
    int status = 0;

    if (append_plan(path, json, &out, &err) == 0) {
        if (json)
            fputs(text_get(&out), stdout);
        else
            print_lines(text_get(&out), &err);
    }
    if (err.kind != ERROR_NONE)
        status = error_print(&err, "sentei");
    text_clear(&out);
    return status;
}

static int run_check(int argc, char **argv, struct error *err)
{
    int json = false;
    const struct option_row rows[] = {
        { "format", 'f', OPTION_CHOICE, &json, "text|json",
          "the plan for people (default) or for programs" },
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options options = {
        .command = "sentei check",
        .usage = "STUDY.yaml...",
        .description = "Reads study files as a run would, prints what they "
                       "come to, and runs nothing.\nExit status 2 when one of "
                       "them is wrong.",
        .examples = "sentei check studies/quickstart.yaml\n"
                    "sentei check --format json studies/*.yaml\n",
        .rows = rows,
    };
    char **files;
    int count, worst = 0;
    int status = options_parse(&options, argc, argv, &files, &count, err);

    if (status != 0)
        return status < 0 ? -1 : 0;
    if (count == 0) {
        error_usage(err, "no study file given");
        return error_hint(err, "sentei check STUDY.yaml...");
    }
    for (int i = 0; i < count; i++) {
        int one = check_file(files[i], json);
        worst = one > worst ? one : worst;
    }
    return worst;
}

const struct verb verb_check = {
    .name = "check",
    .summary = "read study files, show the plan, run nothing",
    .run = run_check,
};
