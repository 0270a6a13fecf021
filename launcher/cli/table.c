/* table: the verbs of the sentei command, in the order --help shows them.
 *
 * A new verb is a file cli/<verb>.c, a name in verb.h and a row here.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/cli/verb.h"

#include <string.h>

#include "base/text.h"

struct row {
    const char *group; /* rows of one group stand together */
    const struct verb *verb;
    const char *example;
};

static const char search[] = "Search:", control[] = "Control:",
                  results[] = "Results:",
                  parts[] = "Parts, started by the others:";

static const struct row rows[] = {
    { search, &verb_run, "sentei run studies/quickstart.yaml -j 2" },
    { search, &verb_submit, "sentei submit study.yaml --array 16" },
    { search, &verb_check, "sentei check studies/quickstart.yaml" },
    { search, &verb_simulate,
      "sentei simulate study.yaml --workers 16 --trials 200" },
    { search, &verb_doctor, "sentei doctor" },
    { control, &verb_stop, "sentei stop runs/quickstart" },
    { control, &verb_resume, "sentei resume quickstart -j 4" },
    { control, &verb_enqueue, "sentei enqueue quickstart optimizer.lr=0.001" },
    { control, &verb_retry, "sentei retry quickstart 12" },
    { control, &verb_annotate, "sentei annotate quickstart 12 'too large'" },
    { control, &verb_export, "sentei export quickstart -o quickstart.jsonl" },
    { control, &verb_import, "sentei import quickstart runs/earlier" },
    { control, &verb_delete, "sentei delete runs/quickstart --yes" },
    { results, &verb_leaderboard, "sentei leaderboard --top 10" },
    { results, &verb_status, "sentei status quickstart" },
    { results, &verb_watch, "sentei watch quickstart" },
    { results, &verb_show, "sentei show quickstart 7" },
    { results, &verb_diff, "sentei diff quickstart 3 7" },
    { results, &verb_best, "sentei best quickstart --format json" },
    { results, &verb_report, "sentei report quickstart -o report.html" },
    { results, &verb_plot, "sentei plot history quickstart -o history.svg" },
    { results, &verb_importance, "sentei importance quickstart --pairs" },
    { parts, &verb_controller, "sentei controller runs/quickstart" },
    { parts, &verb_pilot, "sentei pilot runs/quickstart" },
    { parts, &verb_notify, "sentei notify runs/quickstart" },
    { parts, &verb_worker, "sentei worker runs/quickstart --slot 1" },
    { parts, &verb_rank, "mpirun -n 2 sentei rank -- python3 train.py" },
    { NULL, NULL, NULL } /* the end */
};
enum { ROWS = sizeof rows / sizeof rows[0] };

const struct verb *verb_find(const char *name, struct error *err)
{
    const char *names[ROWS] = { NULL };
    size_t count = 0;

    for (const struct row *r = rows; r->verb; r++) {
        if (strcmp(r->verb->name, name) == 0)
            return r->verb;
        names[count++] = r->verb->name;
    }
    const char *nearest = text_nearest(name, names, count);
    error_usage(err, "unknown verb '%s'", name);
    if (nearest)
        error_hint(err, "did you mean 'sentei %s'?", nearest);
    else
        error_hint(err, "'sentei --help' lists the verbs");
    return NULL;
}

void verb_help(FILE *out)
{
    const char *group = "";

    for (const struct row *r = rows; r->verb; r++) {
        if (strcmp(group, r->group) != 0)
            fprintf(out, "\n%s\n", r->group);
        group = r->group;
        fprintf(out, "  %-12s %s\n  %-12s   %s\n", r->verb->name,
                r->verb->summary, "", r->example);
    }
}
