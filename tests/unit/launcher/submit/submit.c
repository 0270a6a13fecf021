/* A study given to Slurm whose commands are played by the shell: they say what
 * a real Slurm said, and write down how they were called.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"
#include "launcher/slurm/jobs.h"
#include "launcher/submit/submit.h"

struct scene {
    char folder[64];
    char *path; /* as it was */
    struct study *study;
    struct demand demand;
    struct submission s;
    struct error err;
    int rc;
    char *calls; /* "sbatch --array=0-4; squeue; ..." */
};

static void play(struct scene *scene, const char *name, const char *script)
{
    char *path = file_join(scene->folder, name);
    char *whole = text_print("#!/bin/sh\necho \"%s $*\" >>'%s/calls'\n%s\n",
                             name, scene->folder, script);

    assert_int_equal(file_write(path, whole, strlen(whole), 0755, NULL), 0);
    free(whole);
    free(path);
}

/* Submit a study whose file ends with 'rest' to a Slurm whose sbatch and squeue do this. */
static void submit(struct scene *scene, const char *rest, bool placed,
                   const char *sbatch, const char *squeue)
{
    char file[1024], *path, *calls;
    size_t size;

    *scene = (struct scene){ .folder = "/tmp/sentei-submit-XXXXXX" };
    assert_non_null(mkdtemp(scene->folder));
    play(scene, "sbatch", sbatch);
    play(scene, "squeue", squeue);
    play(scene, "scancel", "");
    scene->path = text_copy(getenv("PATH"));
    path = text_print("%s:%s", scene->folder, scene->path);
    setenv("PATH", path, 1);
    free(path);
    snprintf(file, sizeof file,
             "study: x\nobjective: {metric: v, direction: maximize}\n"
             "space: {x: {type: float, low: 0, high: 1}}\n"
             "trainer: {command: [train]}\n%s",
             rest);
    scene->study = study_parse(file, strlen(file), "study.yaml", &scene->err);
    assert_non_null(scene->study);
    demand_read(&scene->demand, scene->study);
    assert_int_equal(submission_init(&scene->s, scene->study, &scene->demand,
                                     scene->folder, &scene->err),
                     0);
    scene->s.placed = placed;
    scene->rc = submission_send(&scene->s, &scene->err);
    calls = file_join(scene->folder, "calls");
    assert_int_equal(file_read(calls, 1 << 16, &scene->calls, &size, NULL), 0);
    free(calls);
}

static void leave(struct scene *scene)
{
    char *command = text_print("rm -rf '%s'", scene->folder);

    setenv("PATH", scene->path, 1);
    assert_int_equal(system(command), 0);
    free(command);
    submission_clear(&scene->s);
    study_destroy(scene->study);
    free(scene->path);
    free(scene->calls);
}

static size_t count(const char *calls, const char *word)
{
    size_t n = 0;

    for (; (calls = strstr(calls, word)); calls += strlen(word))
        n++;
    return n;
}

static void one_array_is_one_call(void **state)
{
    struct scene scene;

    (void)state;
    submit(&scene, "slurm: {array: 8, at_once: 2}", false, "echo '5;main'", "");
    assert_int_equal(scene.rc, 0);
    assert_int_equal(scene.s.workers, 8);
    assert_string_equal(text_get(&scene.s.jobs), "5");
    assert_int_equal(count(scene.calls, "\n"), 1);
    assert_int_equal(count(scene.calls, "--array=0-7%2 "), 1);
    leave(&scene);
}

static void a_job_of_the_controllers_own_comes_first(void **state)
{
    struct scene scene;

    (void)state;
    submit(&scene, "", true,
           "case $* in *controller*) echo 7 ;; *) echo 8 ;; esac", "");
    assert_int_equal(scene.rc, 0);
    assert_string_equal(text_get(&scene.s.jobs), "7,8");
    assert_int_equal(count(scene.calls, "--array=0-3 --dependency=after:7 "),
                     1);
    leave(&scene);
}

static void a_controller_without_workers_is_cancelled(void **state)
{
    struct scene scene;

    (void)state;
    submit(&scene, "", true,
           "case $* in *controller*) echo 7 ;; *) echo 'sbatch: error: Invalid "
           "qos' >&2; exit 1 ;; esac",
           "");
    assert_int_equal(scene.rc, -1);
    assert_int_equal(count(scene.calls, "scancel 7\n"), 1);
    leave(&scene);
}

/* A limit of 6 elements on what a user may have submitted: all of it is used. */
static void an_array_over_the_submit_limit_is_split(void **state)
{
    struct scene scene;
    struct tree *jobs;

    (void)state;
    submit(&scene, "slurm: {array: 10}", false,
           "used=$(cat \"$0.used\" 2>/dev/null || echo 0)\n"
           "more=$(echo \"$*\" | sed 's/.*--array=0-\\([0-9]*\\).*/\\1/')\n"
           "if [ $((used + more + 1)) -gt 6 ]; then\n"
           "    echo 'sbatch: error: QOSMaxSubmitJobPerUserLimit' >&2\n"
           "    echo 'sbatch: error: Batch job submission failed: Job violates "
           "accounting/QOS policy' >&2; exit 1\nfi\n"
           "echo $((used + more + 1)) >\"$0.used\"; echo $((100 + used))",
           "");
    assert_int_equal(scene.rc, 0);
    assert_int_equal(scene.s.workers, 6);
    assert_string_equal(text_get(&scene.s.jobs), "100,105");
    assert_non_null(
        strstr(scene.s.short_of.what, "more elements than you may submit"));
    jobs = jobs_read(scene.folder, NULL);
    assert_int_equal(tree_count(jobs), 2);
    tree_destroy(jobs);
    leave(&scene);
}

static void without_any_room_the_limit_is_named(void **state)
{
    struct scene scene;

    (void)state;
    submit(&scene, "slurm: {array: 4}", false,
           "echo 'sbatch: error: AssocMaxSubmitJobLimit' >&2; exit 1", "");
    assert_int_equal(scene.rc, -1);
    assert_non_null(
        strstr(scene.err.what, "more elements than you may submit"));
    assert_int_equal(count(scene.calls, "sbatch "), 3);
    leave(&scene);
}

static const char *const timed_out =
    "echo 'sbatch: error: Batch job submission failed: Socket timed out on "
    "send/recv operation' >&2; exit 1";

/* It says that it timed out; Slurm has the job all the same. */
static void a_job_that_was_taken_is_not_submitted_twice(void **state)
{
    struct scene scene;

    (void)state;
    submit(&scene, "", false, timed_out, "echo 12; echo 12");
    assert_int_equal(scene.rc, 0);
    assert_string_equal(text_get(&scene.s.jobs), "12");
    assert_int_equal(count(scene.calls, "sbatch "), 1);
    assert_int_equal(count(scene.calls, scene.s.name), 2);
    leave(&scene);
}

static void a_job_that_was_not_taken_is_an_error(void **state)
{
    struct scene scene;

    (void)state;
    submit(&scene, "", false, timed_out, "");
    assert_int_equal(scene.rc, -1);
    assert_non_null(strstr(scene.err.what, "timed out"));
    leave(&scene);
}

static void where_nobody_knows_the_name_is_told(void **state)
{
    struct scene scene;

    (void)state;
    submit(&scene, "", false, timed_out,
           "echo 'slurm_load_jobs error: Unable to contact slurm controller' "
           ">&2; exit 1");
    assert_int_equal(scene.rc, -1);
    assert_non_null(strstr(scene.err.what, "does not say whether it has"));
    assert_non_null(strstr(scene.err.hint, scene.s.name));
    assert_int_equal(count(scene.calls, "sbatch "), 1);
    leave(&scene);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_array_is_one_call),
        cmocka_unit_test(a_job_of_the_controllers_own_comes_first),
        cmocka_unit_test(a_controller_without_workers_is_cancelled),
        cmocka_unit_test(an_array_over_the_submit_limit_is_split),
        cmocka_unit_test(without_any_room_the_limit_is_named),
        cmocka_unit_test(a_job_that_was_taken_is_not_submitted_twice),
        cmocka_unit_test(a_job_that_was_not_taken_is_an_error),
        cmocka_unit_test(where_nobody_knows_the_name_is_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
