/* script: see script.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/submit/script.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void option_number(const char *name, int64_t value, struct text *out)
{
    if (value > 0)
        text_format(out, "#SBATCH --%s=%" PRId64 "\n", name, value);
}

/* "D-HH:MM:SS", as Slurm reads it; it counts in minutes, so up. */
static void option_time(double seconds, struct text *out)
{
    int64_t minutes = (int64_t)(seconds + 59) / 60;

    if (seconds > 0)
        text_format(
            out, "#SBATCH --time=%" PRId64 "-%02" PRId64 ":%02" PRId64 ":00\n",
            minutes / 1440, minutes / 60 % 24, minutes % 60);
}

/* A word of the study that is sbatch's own, where it is there. */
static void option_word(const struct study *s, const char *key,
                        const char *name, struct text *out)
{
    if (tree_get(s->slurm, key))
        text_format(out, "#SBATCH --%s=%s\n", name,
                    tree_text(tree_get(s->slurm, key)));
}

static void option_words(const struct study *s, struct text *out)
{
    static const char *const names[] = { "partition",   "account",
                                         "qos",         "constraint",
                                         "reservation", "nodelist",
                                         "exclude" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        option_word(s, names[i], names[i], out);
}

static void option_array(const struct demand *d, struct text *out)
{
    text_format(out, "#SBATCH --array=0-%" PRId64, d->workers - 1);
    if (d->at_once > 0)
        text_format(out, "%%%" PRId64, d->at_once);
    text_append_char(out, '\n');
}

/* What an allocation holds: 'trials_at_once' times what a trial needs. */
static void option_resources(const struct demand *d, struct text *out)
{
    option_number("nodes", d->nodes, out);
    option_number("ntasks-per-node", d->tasks_per_node * d->trials_at_once,
                  out);
    option_number("cpus-per-task", d->cpus_per_task, out);
    if (d->memory_mb > 0)
        text_format(out, "#SBATCH --mem=%" PRId64 "M\n",
                    d->memory_mb * d->trials_at_once);
    if (d->gpus_per_node > 0)
        text_format(out, "#SBATCH --gres=gpu:%" PRId64 "\n",
                    d->gpus_per_node * d->trials_at_once);
    option_time(d->time_s, out);
}

/* A per cent sign in a log's path would be a pattern of Slurm's. */
static void option_log(const char *run, const char *name, struct text *out)
{
    text_append(out, "#SBATCH --output=\"");
    for (; *run; run++)
        text_append(out, *run == '%' ? "%%" : (char[]){ *run, '\0' });
    text_format(out, "/slurm/%s.log\"\n", name);
}

static void option_life(const struct demand *d, struct text *out)
{
    text_append(out, "#SBATCH --open-mode=append\n");
    text_append(out,
                d->requeue ? "#SBATCH --requeue\n" : "#SBATCH --no-requeue\n");
    if (d->signal_s >= 1)
        text_format(out, "#SBATCH --signal=B:USR1@%.0f\n", d->signal_s);
}

static void lines_of(const struct study *s, const char *key, const char *before,
                     struct text *out)
{
    const struct tree *list = tree_get(s->slurm, key);

    for (size_t i = 0; i < tree_count(list); i++)
        text_format(out, "%s%s\n", before, tree_text(tree_at(list, i)));
}

static void environment(const struct study *s, struct text *out)
{
    const struct tree *map = tree_get(s->slurm, "environment");

    for (size_t i = 0; i < tree_count(map); i++) {
        const struct tree *value = tree_at(map, i);

        text_format(out, "export %s=", tree_key(map, i));
        if (tree_kind(value) == TREE_STRING)
            text_append_quoted(out, tree_text(value));
        else if (tree_kind(value) == TREE_BOOL)
            text_append(out, tree_truth(value) ? "true" : "false");
        else if (tree_kind(value) != TREE_NULL)
            text_append_double(out, tree_number(value));
        text_append_char(out, '\n');
    }
}

/* What follows the options: the user's preparations, and a pilot. */
static void command(const struct script *s, const char *options,
                    struct text *out)
{
    text_append_char(out, '\n');
    lines_of(s->study, "modules", "module load ", out);
    lines_of(s->study, "setup", "", out);
    environment(s->study, out);
    text_append(out, "exec ");
    text_append_quoted(out, s->program);
    text_append(out, " pilot ");
    text_append_quoted(out, s->run);
    text_format(out, "%s\n", options);
}

void script_write(const struct script *s, struct text *out)
{
    text_format(out, "#!/bin/sh\n#SBATCH --job-name=%s\n", s->name);
    option_array(s->demand, out);
    option_resources(s->demand, out);
    option_words(s->study, out);
    option_log(s->run, "%A_%a", out);
    option_life(s->demand, out);
    lines_of(s->study, "extra", "#SBATCH ", out);
    command(s, s->placed ? " --defer 60s" : "", out);
}

void script_write_controller(const struct script *s, struct text *out)
{
    bool own = tree_get(s->study->slurm, "controller_partition");

    text_format(out,
                "#!/bin/sh\n#SBATCH --job-name=%s-controller\n"
                "#SBATCH --ntasks=1\n#SBATCH --cpus-per-task=1\n",
                s->name);
    option_time(s->demand->controller_time_s, out);
    option_word(s->study, own ? "controller_partition" : "partition",
                "partition", out);
    option_word(s->study, "account", "account", out);
    option_word(s->study, "qos", "qos", out);
    option_log(s->run, "%j", out);
    option_life(s->demand, out);
    command(s, " --controller", out);
}
