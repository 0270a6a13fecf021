/* submit: see submit.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/slurm/submit.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "launcher/slurm/jobs.h"
#include "launcher/slurm/refusal.h"
#include "launcher/slurm/scheduler.h"
#include "launcher/slurm/script.h"

#define SBATCH_TIMEOUT_S 120.0
#define SQUEUE_TIMEOUT_S 60.0

int submission_init(struct submission *s, const struct study *study,
                    const struct demand *d, const char *run, struct error *err)
{
    uint32_t unique;

    *s = (struct submission){ .study = study, .demand = d, .run = run };
    if (random_secret(&unique, sizeof unique) < 0)
        return error_errno(err, "cannot make a name");
    snprintf(s->name, sizeof s->name, "sentei-%.60s-%08" PRIx32, study->name,
             unique);
    return 0;
}

int submission_script(const struct submission *s, struct text *out,
                      struct error *err)
{
    char program[PATH_MAX];
    ssize_t size = readlink("/proc/self/exe", program, sizeof program - 1);
    struct script script = { .study = s->study,
                             .demand = s->demand,
                             .name = s->name,
                             .run = s->run,
                             .program = program };

    if (size < 0)
        return error_errno(err, "cannot find this program's own path");
    program[size] = '\0';
    script_write(&script, out);
    return out->failed ? error_memory(err) : 0;
}

/* Write the script into the run folder. Returns its path, the caller frees. */
static char *write_script(const struct submission *s, struct error *err)
{
    char *folder = file_join(s->run, "slurm");
    char *path = file_join(s->run, "slurm/study.sbatch");
    struct text script = TEXT_INIT;
    int rc = -1;

    if (!folder || !path)
        error_memory(err);
    else if (file_make_folder(folder, err) == 0 &&
             submission_script(s, &script, err) == 0)
        rc = file_write(path, script.data, script.size, 0755, err);
    text_clear(&script);
    free(folder);
    if (rc == 0)
        return path;
    free(path);
    return NULL;
}

/* The id in what sbatch or squeue printed, "5" or "5;cluster", or NULL. */
static char *take_id(const struct text *out)
{
    size_t digits = strspn(text_get(out), "0123456789");

    return digits > 0 ? text_print("%.*s", (int)digits, text_get(out)) : NULL;
}

/* The job with our name, if there is one after all. */
static char *find_job(const struct submission *s)
{
    const char *words[] = {
        "squeue", "-h", "--name", s->name, "-o", "%A", NULL
    };
    struct scheduler_reply reply;
    char *job = NULL;

    if (scheduler_call(words, SQUEUE_TIMEOUT_S, &reply, NULL) == 0 &&
        reply.status == 0)
        job = take_id(&reply.out);
    scheduler_clear(&reply);
    return job;
}

static bool may_have_submitted(const struct scheduler_reply *r)
{
    return r->status < 0 || strstr(text_get(&r->said), "timed out") ||
           strstr(text_get(&r->said), "Unable to contact");
}

/* sbatch itself. Returns the job's id, or NULL with 'err'. */
static char *call_sbatch(const struct submission *s, const char *path,
                         struct error *err)
{
    const char *words[] = { "sbatch", "--parsable", path, NULL };
    struct scheduler_reply reply;
    char *job = NULL;

    if (scheduler_call(words, SBATCH_TIMEOUT_S, &reply, err) < 0)
        goto out;
    job = reply.status == 0            ? take_id(&reply.out)
          : may_have_submitted(&reply) ? find_job(s)
                                       : NULL;
    if (!job && reply.status == 0)
        error_set(err, "sbatch printed no job id");
    else if (!job)
        refusal_explain(&reply, s->study, s->demand, err);
out:
    scheduler_clear(&reply);
    return job;
}

static int write_down(const struct submission *s, const char *job,
                      struct error *err)
{
    struct tree *t = tree_map();
    char array[48];

    snprintf(array, sizeof array, "0-%" PRId64, s->demand->workers - 1);
    tree_set_string(t, "job", job);
    tree_set_string(t, "name", s->name);
    tree_set_string(t, "array", array);
    tree_set_int(t, "at_once", s->demand->at_once);
    tree_set_float(t, "submitted", clock_wall());
    return jobs_add(s->run, t, err);
}

int submission_send(const struct submission *s, char **job, struct error *err)
{
    char *path = write_script(s, err);
    int rc = -1;

    *job = path ? call_sbatch(s, path, err) : NULL;
    if (*job)
        rc = write_down(s, *job, err);
    if (*job && rc < 0)
        error_prefix(err, "job %s was submitted, but", *job);
    free(path);
    return rc;
}
