/* demand: what a study asks of Slurm, in numbers.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/slurm/demand.h"

enum { WORKERS = 4, MEGABYTE = 1 << 20 };
#define SIGNAL_S 120.0

static int64_t whole(const struct study *s, const char *key, int64_t fallback)
{
    const struct tree *t = tree_get(s->slurm, key);

    return t ? tree_integer(t) : fallback;
}

/* A time is a number or a text such as "2m"; the study has checked it. */
static double seconds(const struct study *s, const char *key, double fallback)
{
    const struct tree *t = tree_get(s->slurm, key);

    if (tree_is_number(t))
        return tree_number(t);
    if (t)
        text_to_seconds(tree_text(t), &fallback);
    return fallback;
}

void demand_read(struct demand *d, const struct study *s)
{
    const struct resources *r = &s->resources;
    const struct tree *requeue = tree_get(s->slurm, "requeue");
    const struct tree *mpi = tree_get(s->slurm, "mpi");

    *d = (struct demand){
        .nodes = r->nodes,
        .tasks_per_node = r->tasks_per_node,
        .cpus_per_task = r->cpus_per_task,
        .gpus_per_node = r->gpus_per_task * r->tasks_per_node,
        .memory_mb = (r->memory_bytes + MEGABYTE - 1) / MEGABYTE,
        .time_s = r->time_s,
        .workers = whole(s, "array", WORKERS),
        .at_once = whole(s, "at_once", 0),
        .trials_at_once = whole(s, "trials_at_once", 1),
        .signal_s = seconds(s, "signal", SIGNAL_S),
        .controller_time_s = seconds(s, "controller_time", r->time_s),
        .requeue = requeue ? tree_truth(requeue) : true,
        .rank_logs = tree_truth(tree_get(s->slurm, "rank_logs")),
        .mpi = mpi ? tree_text(mpi) : "pmix",
    };
}
