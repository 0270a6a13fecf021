/* refusal: see refusal.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/submit/refusal.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CALL_TIMEOUT_S 30.0
enum { NAMES_MAX = 256 };

/* What sbatch says when an array is too large for the site, for its user. */
#define ARRAY_TOO_LARGE "job array specification"
#define TOO_MANY_JOBS   "MaxSubmitJob"

typedef int explain_fn(const struct study *s, const struct demand *d,
                       struct error *err);

static int explain_array(const struct study *s, const struct demand *d,
                         struct error *err)
{
    int64_t size = scheduler_setting("MaxArraySize", CALL_TIMEOUT_S, 0);

    (void)s;
    error_usage(err, "this Slurm takes no array of %" PRId64 " elements",
                d->workers);
    if (size > 0)
        return error_hint(err,
                          "at most %" PRId64 " here (MaxArraySize): put "
                          "slurm: {array: %" PRId64 "} into the study; "
                          "a worker runs many trials",
                          size, size);
    return error_hint(err, "put a smaller slurm.array into the study; a "
                           "worker runs many trials");
}

/* The words sinfo prints, one a line, and which of them is meant by 'word'. */
static int explain_choice(const char *format, const char *key, const char *word,
                          struct error *err)
{
    const char *words[] = { "sinfo", "-h", "-o", format, NULL };
    const char *names[NAMES_MAX], *near;
    struct scheduler_reply reply;
    size_t count = 0;

    error_usage(err, "slurm.%s: this Slurm has no '%s'", key, word);
    if (scheduler_call(words, CALL_TIMEOUT_S, &reply, NULL) == 0 &&
        reply.out.data) {
        for (char *save, *name = strtok_r(reply.out.data, "\n", &save);
             name && count < NAMES_MAX; name = strtok_r(NULL, "\n", &save))
            names[count++] = name;
        near = text_nearest(word, names, count);
        if (near)
            error_hint(err, "did you mean '%s'?", near);
        else
            error_hint(err, "sinfo lists what there is, for example '%s'",
                       count > 0 ? names[0] : "");
    }
    scheduler_clear(&reply);
    return -1;
}

static int explain_partition(const struct study *s, const struct demand *d,
                             struct error *err)
{
    const struct tree *name = tree_get(s->slurm, "partition");

    (void)d;
    if (name)
        return explain_choice("%R", "partition", tree_text(name), err);
    error_usage(err, "this Slurm has no default partition");
    return error_hint(err, "put slurm: {partition: ...} into the study; sinfo "
                           "lists them");
}

/* What sbatch says, what it means, what to do; the first that fits. */
static const struct {
    const char *said;
    const char *what, *hint;
    explain_fn *explain;
} rows[] = {
    { ARRAY_TOO_LARGE, NULL, NULL, explain_array },
    { "nvalid partition", NULL, NULL, explain_partition },
    { TOO_MANY_JOBS, "the array has more elements than you may submit",
      "each element counts as a job: make slurm.array smaller (a worker runs "
      "many trials), or wait until other jobs of yours have ended",
      NULL },
    { "account or account/partition", "slurm.account: not one you may use here",
      "'sacctmgr show associations user=$USER' lists yours", NULL },
    { "nvalid account", "slurm.account: not one you may use here",
      "'sacctmgr show associations user=$USER' lists yours", NULL },
    { "nvalid qos", "slurm.qos: not one you may use here",
      "'sacctmgr show associations user=$USER format=qos' lists yours", NULL },
    { "generic resource",
      "resources.gpus_per_task: this Slurm gives no GPUs that way",
      "'sinfo -o \"%R %G\"' lists what its partitions have", NULL },
    { "emory specification", "resources.memory: no node has so much",
      "'sinfo -o \"%R %m\"' lists the megabytes of a partition's nodes", NULL },
    { "nvalid node name",
      "slurm.nodelist, slurm.exclude: there is no such node",
      "'sinfo -N -o %N' lists them", NULL },
    { "node configuration is not available",
      "no node has what the study asks for",
      "compare resources (times slurm.trials_at_once) with: sinfo -N -o "
      "\"%N %R %c %m %G\"",
      NULL },
    { "ode count specification", "resources.nodes: more nodes than allowed",
      "'sinfo -o \"%R %D\"' lists how many a partition has", NULL },
    { "More processors requested", "more CPUs than allowed",
      "resources.tasks_per_node times cpus_per_task times "
      "slurm.trials_at_once must fit into a node",
      NULL },
    { "ime limit", "resources.time: longer than allowed",
      "'sinfo -o \"%R %l\"' lists the limits; a study outlives its "
      "allocations, trials checkpoint before the end",
      NULL },
    { "nvalid feature", "slurm.constraint: no node has this feature",
      "'sinfo -o \"%R %f\"' lists them", NULL },
    { "eservation", "slurm.reservation: there is no such one for you",
      "'scontrol show reservation' lists them", NULL },
    { "accounting/QOS policy", "a limit of your account or QOS is in the way",
      "often a limit on jobs (each element of slurm.array counts), CPUs, GPUs "
      "or time",
      NULL },
    { "unrecognized option", "slurm.extra: sbatch knows no such option",
      "'sbatch --help' lists them", NULL },
    { "Unable to contact", "Slurm's controller does not answer",
      "'scontrol ping' shows its state; nothing was submitted", NULL },
};

/* Put sbatch's own words behind ours. Always returns -1. */
static int append(struct error *err, const char *said)
{
    size_t used = strlen(err->what);

    snprintf(err->what + used, sizeof err->what - used, " (%s)", said);
    return -1;
}

int refusal_explain(const struct scheduler_reply *reply,
                    const struct study *study, const struct demand *d,
                    struct error *err)
{
    static const char *const words[] = { "sbatch", NULL };
    struct error original = ERROR_INIT;

    scheduler_error(words, reply, &original);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (!strstr(text_get(&reply->said), rows[i].said))
            continue;
        if (rows[i].explain) {
            rows[i].explain(study, d, err);
        } else {
            error_usage(err, "%s", rows[i].what);
            error_hint(err, "%s", rows[i].hint);
        }
        return append(err, original.what);
    }
    *err = original;
    return -1;
}

int64_t refusal_smaller(const struct scheduler_reply *reply, int64_t workers)
{
    const char *said = text_get(&reply->said);
    int64_t size;

    if (strstr(said, ARRAY_TOO_LARGE)) {
        size = scheduler_setting("MaxArraySize", CALL_TIMEOUT_S, 0);
        return size > 0 && size < workers ? size : workers / 2;
    }
    return strstr(said, TOO_MANY_JOBS) ? workers / 2 : 0;
}
