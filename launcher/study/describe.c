/* describe: what a study file comes to, as people read it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <string.h>

#include "base/json.h"
#include "base/yaml.h"
#include "launcher/study/sections.h"

/* Begin a row: the section's name, then its text at one column. */
static void row(struct text *out, const char *name)
{
    text_format(out, "  %-12s ", name);
}

static void plural(struct text *out, int64_t count, const char *noun)
{
    text_format(out, "%jd %s%s", (intmax_t)count, noun, count == 1 ? "" : "s");
}

/* Append a value as it stands in the file: a string that looks like a number is
 * in quotes. */
static void append_scalar(const struct tree *t, struct text *out)
{
    struct text line = TEXT_INIT;

    yaml_format(t, &line);
    if (line.failed)
        out->failed = true;
    else
        text_append_bytes(out, line.data, line.size - 1);
    text_clear(&line);
}

/* "a, b and c" has its word before the last; pass ", " for a plain list. */
static void list_values(struct text *out, const struct tree *list,
                        const char *last)
{
    size_t count = tree_count(list);

    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            text_append(out, i + 1 < count ? ", " : last);
        append_scalar(tree_at(list, i), out);
    }
}

static void describe_goal(const struct study *s, struct text *out)
{
    static const char *const values[] = {
        [VALUE_BEST] = "the best over all steps",
        [VALUE_LAST] = "at the last step",
        [VALUE_MEAN] = "the mean over the steps",
    };

    for (size_t i = 0; i < s->objective_count; i++) {
        const struct objective *o = &s->objectives[i];

        row(out, "objective");
        text_format(out, "%s, %s, %s\n", o->metric,
                    o->maximize ? "maximize" : "minimize", values[o->value]);
    }
    for (size_t i = 0; i < s->constraint_count; i++) {
        const struct study_constraint *c = &s->constraints[i];

        row(out, "constraint");
        if (isfinite(c->min))
            text_format(out, "%g <= ", c->min);
        text_append(out, c->metric);
        if (isfinite(c->max))
            text_format(out, " <= %g", c->max);
        text_append_char(out, '\n');
    }
}

static void describe_range(const struct parameter *p, struct text *out)
{
    static const char *const kinds[] = { "float", "int", "categorical" };

    text_format(out, "%-12s ", kinds[p->kind]);
    if (p->kind == PARAMETER_CATEGORICAL) {
        list_values(out, p->choices, ", ");
        text_append(out, p->ordered ? " (in this order)" : "");
        return;
    }
    text_append_double(out, p->low);
    text_append(out, " .. ");
    text_append_double(out, p->high);
    if (p->step > 0 && !(p->kind == PARAMETER_INT && p->step == 1)) {
        text_append(out, ", step ");
        text_append_double(out, p->step);
    }
    text_append(out, p->log ? ", log" : "");
}

static void describe_condition(const struct condition *c, struct text *out)
{
    if (c->values) {
        text_format(out, "%s is ", c->parent_name);
        list_values(out, c->values, " or ");
        return;
    }
    if (isfinite(c->low))
        text_format(out, "%.15g <= ", c->low);
    text_append(out, c->parent_name);
    if (isfinite(c->high))
        text_format(out, " <= %.15g", c->high);
}

/* Whether a point has a coordinate that is not counted in steps. */
static bool is_continuous(const struct space *space)
{
    for (size_t i = 0; i < space->count; i++) {
        const struct parameter *p = &space->parameters[i];

        if (p->kind == PARAMETER_FLOAT && p->step == 0 && p->low < p->high)
            return true;
    }
    return false;
}

static void describe_size(const struct space *space, struct text *out)
{
    double size = space_size(space);

    plural(out, (int64_t)space->count, "parameter");
    if (isfinite(size))
        text_format(out, ", %.0f point%s\n", size, size == 1 ? "" : "s");
    else if (is_continuous(space))
        text_append(out, ", infinitely many points\n");
    else
        text_append(out, ", more than 1e15 points\n");
}

static void describe_space(const struct study *s, struct text *out)
{
    size_t width = 0;

    row(out, "space");
    describe_size(&s->space, out);
    for (size_t i = 0; i < s->space.count; i++) {
        size_t length = strlen(s->space.parameters[i].name);
        if (length > width && length <= 40)
            width = length;
    }
    for (size_t i = 0; i < s->space.count; i++) {
        const struct parameter *p = &s->space.parameters[i];

        text_format(out, "    %-*s  ", (int)width, p->name);
        describe_range(p, out);
        for (size_t k = 0; k < p->condition_count; k++) {
            text_append(out, k == 0 ? ", when " : " and ");
            describe_condition(&p->conditions[k], out);
        }
        text_append_char(out, '\n');
    }
}

void study_describe_search(const struct study *s, struct text *out)
{
    struct engine *e = NULL;

    if (engine_create(&e, &s->space, &s->search, NULL) == 0)
        engine_describe(e, out);
    else
        out->failed = true; /* it was made before: no memory */
    engine_destroy(e);
    if (s->objective_count > 1 && strcmp(s->search.pruner, "none") != 0)
        text_append(out, " (with several objectives nothing is pruned)");
    text_format(out, ", seed %ju", (uintmax_t)s->search.seed);
}

static void describe_enqueued(const struct study *s, struct text *out)
{
    const struct tree *list = tree_get(s->source, "enqueue");

    for (size_t i = 0; i < s->enqueue_count; i++) {
        const struct tree *point = tree_at(list, i);

        row(out, i == 0 ? "tried first" : "");
        for (size_t k = 0; k < tree_count(point); k++) {
            text_format(out, "%s%s=", k > 0 ? " " : "", tree_key(point, k));
            append_scalar(tree_at(point, k), out);
        }
        text_append(out, tree_count(point) > 0 ? "\n" : "any point\n");
    }
}

static void describe_stop(const struct stop_rules *stop, struct text *out)
{
    const char *join = "after ";

    row(out, "stop");
    if (stop->trials < INT64_MAX) {
        text_append(out, join);
        plural(out, stop->trials, "trial");
        join = ", or ";
    }
    if (isfinite(stop->hours)) {
        text_append(out, join);
        text_append_duration(out, stop->hours * 3600);
        join = ", or ";
    }
    if (isfinite(stop->gpu_hours)) {
        text_format(out, "%s%g GPU-hours", join, stop->gpu_hours);
        join = ", or ";
    }
    if (stop->no_improvement < INT64_MAX) {
        text_append(out, join);
        plural(out, stop->no_improvement, "trial");
        text_append(out, " without a better one");
        join = ", or ";
    }
    if (stop->regret >= 0) {
        text_format(out, "%sno trial is expected to be better by more than ",
                    strcmp(join, "after ") == 0 ? "when " : ", or when ");
        if (stop->regret > 0)
            text_format(out, "%g, or than ", stop->regret);
        text_append(out, "the results' noise");
        join = "";
    }
    text_append(out, strcmp(join, "after ") == 0
                         ? "when the space is exhausted or you stop it\n"
                         : "\n");
}

static void describe_trainer(const struct study *s, struct text *out)
{
    row(out, "trainer");
    if (s->trainer_config) {
        text_append(out, "sentei-train ");
        json_format(s->trainer_config, out);
    }
    for (size_t i = 0; i < tree_count(s->command); i++) {
        const struct tree *item = tree_at(s->command, i);

        text_append(out, i > 0 ? " " : "");
        if (tree_kind(item) == TREE_LIST)
            json_format(item, out);
        else
            text_append(out, tree_text(item));
    }
    if (!s->trainer_config && !s->command)
        text_append(out, "none: this study can only be simulated");
    text_append_char(out, '\n');
}

static void describe_resources(const struct study *s, struct text *out)
{
    const struct resources *a = &s->resources;

    row(out, "resources");
    plural(out, a->nodes, "node");
    text_append(out, " x ");
    plural(out, a->tasks_per_node, "task");
    text_append(out, " x ");
    plural(out, a->cpus_per_task, "core");
    text_append(out, " and ");
    plural(out, a->gpus_per_task, "GPU");
    if (a->memory_bytes > 0)
        text_format(out, "; %.4g GiB", (double)a->memory_bytes / (1 << 30));
    if (a->time_s > 0) {
        text_append(out, "; at most ");
        text_append_duration(out, a->time_s);
    }
    text_append_char(out, '\n');
}

/* A section shown as it is written, where there is one. */
static void describe_raw(const char *name, const struct tree *t,
                         struct text *out)
{
    if (!t)
        return;
    row(out, name);
    json_format(t, out);
    text_append_char(out, '\n');
}

void study_describe(const struct study *s, struct text *out)
{
    text_format(out, "%s\n", s->file);
    row(out, "study");
    text_format(out, "%s\n", s->name);
    describe_goal(s, out);
    describe_space(s, out);
    row(out, "search");
    study_describe_search(s, out);
    text_append_char(out, '\n');
    describe_raw("warm start", s->warm_start, out);
    describe_enqueued(s, out);
    describe_stop(&s->stop, out);
    describe_trainer(s, out);
    describe_resources(s, out);
    row(out, "local");
    plural(out, s->local_workers, "worker");
    text_append_char(out, '\n');
    row(out, "retry");
    plural(out, s->attempts, "attempt");
    text_append(out, " a trial\n");
    describe_raw("slurm", s->slurm, out);
    describe_raw("notify", s->notify, out);
    describe_raw("controller", tree_get(s->source, "controller"), out);
    describe_raw("oracle", s->oracle, out);
}
