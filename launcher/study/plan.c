/* plan: what a study file comes to, for programs.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>

#include "launcher/study/sections.h"

/* A number, or null when there is none (infinite). */
static struct tree *number_or_null(double value)
{
    return isfinite(value) ? tree_float(value) : tree_null();
}

static struct tree *limit(int64_t value)
{
    return value < INT64_MAX ? tree_int(value) : tree_null();
}

static struct tree *copy_or_null(const struct tree *t)
{
    return t ? tree_copy(t) : tree_null();
}

static struct tree *plan_objectives(const struct study *s)
{
    struct tree *list = tree_list();

    for (size_t i = 0; i < s->objective_count; i++) {
        const struct objective *o = &s->objectives[i];
        struct tree *map = tree_map();

        tree_set_string(map, "metric", o->metric);
        tree_set_string(map, "direction",
                        o->maximize ? "maximize" : "minimize");
        tree_set_string(map, "value", trial_value_names[o->value]);
        tree_append(list, map);
    }
    return list;
}

static struct tree *plan_constraints(const struct study *s)
{
    struct tree *list = tree_list();

    for (size_t i = 0; i < s->constraint_count; i++) {
        struct tree *map = tree_map();

        tree_set_string(map, "metric", s->constraints[i].metric);
        tree_set(map, "min", number_or_null(s->constraints[i].min));
        tree_set(map, "max", number_or_null(s->constraints[i].max));
        tree_append(list, map);
    }
    return list;
}

static struct tree *plan_search(const struct study *s)
{
    struct tree *map = tree_map();
    struct text words = TEXT_INIT;

    study_describe_search(s, &words);
    tree_set_string(map, "sampler", s->search.sampler);
    tree_set_string(map, "pruner", s->search.pruner);
    tree_set(map, "seed", tree_int((int64_t)s->search.seed));
    tree_set_text(map, "description", &words);
    return map;
}

static struct tree *plan_stop(const struct stop_rules *stop)
{
    struct tree *map = tree_map();

    tree_set(map, "trials", limit(stop->trials));
    tree_set(map, "hours", number_or_null(stop->hours));
    tree_set(map, "gpu_hours", number_or_null(stop->gpu_hours));
    tree_set(map, "no_improvement", limit(stop->no_improvement));
    tree_set(map, "regret",
             stop->regret < 0 ? tree_null() : tree_float(stop->regret));
    return map;
}

static struct tree *plan_trainer(const struct study *s)
{
    struct tree *map = tree_map();

    tree_set(map, "config", copy_or_null(s->trainer_config));
    tree_set(map, "command", copy_or_null(s->command));
    return map;
}

static struct tree *plan_resources(const struct resources *a)
{
    struct tree *map = tree_map();

    tree_set_int(map, "nodes", a->nodes);
    tree_set_int(map, "tasks_per_node", a->tasks_per_node);
    tree_set_int(map, "gpus_per_task", a->gpus_per_task);
    tree_set_int(map, "cpus_per_task", a->cpus_per_task);
    tree_set_int(map, "memory_bytes", a->memory_bytes);
    tree_set_float(map, "time_s", a->time_s);
    return map;
}

struct tree *study_plan(const struct study *s)
{
    struct tree *plan = tree_map();

    tree_set_string(plan, "file", s->file);
    tree_set_string(plan, "study", s->name);
    tree_set(plan, "objectives", plan_objectives(s));
    tree_set(plan, "constraints", plan_constraints(s));
    tree_set(plan, "space", copy_or_null(tree_get(s->source, "space")));
    tree_set(plan, "points", number_or_null(space_size(&s->space)));
    tree_set(plan, "search", plan_search(s));
    tree_set(plan, "warm_start", copy_or_null(s->warm_start));
    tree_set(plan, "enqueue", copy_or_null(tree_get(s->source, "enqueue")));
    tree_set(plan, "stop", plan_stop(&s->stop));
    tree_set(plan, "trainer", plan_trainer(s));
    tree_set(plan, "resources", plan_resources(&s->resources));
    tree_set_int(plan, "local_workers", s->local_workers);
    tree_set_int(plan, "attempts", s->attempts);
    tree_set(plan, "slurm", copy_or_null(s->slurm));
    tree_set(plan, "notify", copy_or_null(s->notify));
    tree_set(plan, "controller",
             copy_or_null(tree_get(s->source, "controller")));
    tree_set(plan, "oracle", copy_or_null(s->oracle));
    if (tree_ok(plan))
        return plan;
    tree_destroy(plan);
    return NULL;
}
