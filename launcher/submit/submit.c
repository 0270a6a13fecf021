/* submit: see submit.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/submit/submit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/child.h"
#include "base/clock.h"
#include "base/file.h"
#include "base/random.h"
#include "launcher/slurm/jobs.h"
#include "launcher/submit/refusal.h"
#include "launcher/submit/sbatch.h"
#include "launcher/submit/script.h"

#define SCANCEL_TIMEOUT_S 60.0
enum { NAME_BYTES = 128 };

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

void submission_clear(struct submission *s)
{
    text_clear(&s->jobs);
}

/* ---- scripts ---------------------------------------------------------- */

typedef void write_fn(const struct script *s, struct text *out);

static int append_script(const struct submission *s, write_fn *write_it,
                         struct text *out, struct error *err)
{
    char *program = child_program(err);
    struct script script = { .study = s->study,
                             .demand = s->demand,
                             .name = s->name,
                             .run = s->run,
                             .program = program,
                             .placed = s->placed };

    if (!program)
        return -1;
    write_it(&script, out);
    free(program);
    return out->failed ? error_memory(err) : 0;
}

int submission_script(const struct submission *s, struct text *out,
                      struct error *err)
{
    if (s->placed) {
        if (append_script(s, script_write_controller, out, err) < 0)
            return -1;
        text_append(out, "\n# and, when that has started:\n");
    }
    return append_script(s, script_write, out, err);
}

/* Write a script into the run folder. Returns its path, the caller frees. */
static char *write_script(const struct submission *s, write_fn *write_it,
                          const char *name, struct error *err)
{
    char *folder = file_join(s->run, "slurm");
    char *path = folder ? file_join(folder, name) : NULL;
    struct text script = TEXT_INIT;
    int rc = -1;

    if (!path)
        error_memory(err);
    else if (file_make_folder(folder, err) == 0 &&
             append_script(s, write_it, &script, err) == 0)
        rc = file_write(path, script.data, script.size, 0755, err);
    text_clear(&script);
    free(folder);
    if (rc == 0)
        return path;
    free(path);
    return NULL;
}

/* ---- jobs ------------------------------------------------------------- */

static int write_down(struct submission *s, const struct sbatch *b,
                      const char *job, struct error *err)
{
    struct tree *t = tree_map();
    char array[48];

    tree_set_string(t, "job", job);
    tree_set_string(t, "name", b->name);
    if (b->elements > 0) {
        sbatch_array(b, array, sizeof array);
        tree_set_string(t, "array", array);
    }
    tree_set_float(t, "submitted", clock_wall());
    text_format(&s->jobs, "%s%s", s->jobs.size > 0 ? "," : "", job);
    return jobs_add(s->run, t, err);
}

/* Submit the controller's job. '*job' is its id, a new string. */
static int send_controller(struct submission *s, char **job, struct error *err)
{
    char name[NAME_BYTES];
    struct sbatch b = { .name = name };
    char *path =
        write_script(s, script_write_controller, "controller.sbatch", err);
    struct scheduler_reply reply = { 0, TEXT_INIT, TEXT_INIT };
    int rc = -1;

    snprintf(name, sizeof name, "%s-controller", s->name);
    b.script = path;
    if (path && sbatch_send(&b, job, &reply, err) == 0)
        rc = *job ? write_down(s, &b, *job, err)
                  : refusal_explain(&reply, s->study, s->demand, err);
    scheduler_clear(&reply);
    free(path);
    return rc;
}

/* Submit an array of b->elements. Returns how many were taken: these; or 0 with
 * 'err' when it was refused, and in b->elements how many may be tried instead,
 * 0 when its size is not what is wrong; or -1 with 'err'. */
static int64_t send_array(struct submission *s, struct sbatch *b,
                          struct error *err)
{
    struct scheduler_reply reply;
    char *job;
    int64_t taken = sbatch_send(b, &job, &reply, err);

    if (taken == 0 && job) {
        taken = write_down(s, b, job, err) < 0 ? -1 : b->elements;
    } else if (taken == 0) {
        struct demand d = *s->demand;

        d.workers = b->elements;
        refusal_explain(&reply, s->study, &d, err);
        b->elements = refusal_smaller(&reply, b->elements);
    }
    scheduler_clear(&reply);
    free(job);
    return taken;
}

/* Submit the workers, in as many arrays as it takes. What runs at once is
 * dealt out to the first ones: the others would only wait for them. */
static int send_workers(struct submission *s, const char *path,
                        const char *after, struct error *err)
{
    int64_t left = s->demand->workers, at_once = s->demand->at_once,
            size = left;
    char name[NAME_BYTES];

    for (int part = 1; left > 0; part++) {
        struct sbatch b = { path, name, size < left ? size : left, at_once,
                            after };
        int64_t taken;

        snprintf(name, sizeof name, part > 1 ? "%s-%d" : "%s", s->name, part);
        taken = send_array(s, &b, err);
        size = b.elements;
        if (taken < 0 || size == 0)
            break;
        left -= taken;
        s->workers += taken;
        if (taken > 0 && at_once > 0 && (at_once -= taken) <= 0)
            break;
    }
    if (s->workers == 0)
        return -1;
    s->short_of = *err;
    *err = (struct error)ERROR_INIT;
    return 0;
}

static void cancel(const char *job)
{
    const char *words[] = { "scancel", job, NULL };
    struct scheduler_reply reply;

    if (scheduler_call(words, SCANCEL_TIMEOUT_S, &reply, NULL) == 0)
        scheduler_clear(&reply);
}

int submission_send(struct submission *s, struct error *err)
{
    char *path = write_script(s, script_write, "study.sbatch", err);
    char *controller = NULL;
    int rc = path ? 0 : -1;

    if (rc == 0 && s->placed)
        rc = send_controller(s, &controller, err);
    if (rc == 0)
        rc = send_workers(s, path, controller, err);
    if (rc < 0 && controller)
        cancel(controller);
    if (rc == 0 && s->jobs.failed)
        rc = error_memory(err);
    free(controller);
    free(path);
    return rc;
}
