/* sbatch: see sbatch.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/submit/sbatch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

#define SBATCH_TIMEOUT_S 120.0
#define SQUEUE_TIMEOUT_S 60.0
enum { LOOKS = 3, LOOK_PAUSE_S = 2, OPTION_BYTES = 160 };

/* The id in what sbatch or squeue printed, "5" or "5;cluster", or NULL. */
static char *take_id(const struct text *out)
{
    size_t digits = strspn(text_get(out), "0123456789");

    return digits > 0 ? text_print("%.*s", (int)digits, text_get(out)) : NULL;
}

/* Look for the job of this name once, ended or not. Returns whether Slurm
 * answered; '*job' is NULL when it has no such job. */
static bool look(const char *name, char **job)
{
    const char *words[] = { "squeue", "-h", "-t", "all", "--name",
                            name,     "-o", "%A", NULL };
    struct scheduler_reply reply;
    bool answered =
        scheduler_call(words, SQUEUE_TIMEOUT_S, &reply, NULL) == 0 &&
        reply.status == 0;

    *job = answered ? take_id(&reply.out) : NULL;
    scheduler_clear(&reply);
    return answered;
}

static int find_job(const char *name, char **job, struct error *err)
{
    for (int i = 0; i < LOOKS; i++) {
        if (look(name, job))
            return 0;
        clock_sleep(LOOK_PAUSE_S);
    }
    error_set(err, "sbatch timed out, and Slurm does not say whether it has "
                   "the job");
    return error_hint(err, "before you submit again: squeue --name %s", name);
}

static bool may_have_submitted(const struct scheduler_reply *r)
{
    return r->status < 0 || strstr(text_get(&r->said), "timed out") ||
           strstr(text_get(&r->said), "Unable to contact");
}

void sbatch_array(const struct sbatch *s, char *out, size_t size)
{
    int used = snprintf(out, size, "0-%" PRId64, s->elements - 1);

    if (s->at_once > 0 && s->at_once < s->elements)
        snprintf(out + used, size - (size_t)used, "%%%" PRId64, s->at_once);
}

static int call(const struct sbatch *s, struct scheduler_reply *reply,
                struct error *err)
{
    char name[OPTION_BYTES], array[OPTION_BYTES], after[OPTION_BYTES];
    const char *words[8] = { "sbatch", "--parsable", name };
    size_t n = 3;
    int used;

    snprintf(name, sizeof name, "--job-name=%s", s->name);
    if (s->elements > 0) {
        used = snprintf(array, sizeof array, "--array=");
        sbatch_array(s, array + used, sizeof array - (size_t)used);
        words[n++] = array;
    }
    if (s->after) {
        snprintf(after, sizeof after, "--dependency=after:%s", s->after);
        words[n++] = after;
    }
    words[n] = s->script;
    return scheduler_call(words, SBATCH_TIMEOUT_S, reply, err);
}

int sbatch_send(const struct sbatch *s, char **job,
                struct scheduler_reply *reply, struct error *err)
{
    *job = NULL;
    if (call(s, reply, err) < 0)
        return -1;
    if (reply->status == 0 && !(*job = take_id(&reply->out)))
        return error_set(err, "sbatch printed no job id");
    if (reply->status != 0 && may_have_submitted(reply))
        return find_job(s->name, job, err);
    return 0;
}
