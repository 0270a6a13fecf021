/* srun: see srun.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/worker/srun.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/text.h"
#include "launcher/study/command.h"

enum { OPTIONS_MAX = 20, STEP_BYTES = 64 };

/* This process's one step. */
static struct {
    struct srun_options options;
    char name[STEP_BYTES];
} step;

void srun_configure(const struct srun_options *o)
{
    step.options = *o;
}

/* The memory of a step: its share; or, where nobody said how much, all of the
 * job's, not counted, so that steps side by side do not wait for each other. */
static char *memory_option(const struct srun_options *o)
{
    return o->memory_mb > 0 ? text_print("--mem=%" PRId64 "M", o->memory_mb)
           : o->packed      ? text_copy("--mem=0")
                            : NULL;
}

static size_t add_options(const struct srun_options *o, const char *name,
                          char **words)
{
    char *memory = memory_option(o);
    size_t n = 0;

    words[n++] = text_copy("srun");
    words[n++] = text_print("--job-name=%s", name);
    words[n++] = text_print("--mpi=%s", o->mpi);
    words[n++] = text_copy("--kill-on-bad-exit=1");
    words[n++] = text_copy("--exact");
    words[n++] = text_copy("--input=none");
    words[n++] = text_print("--nodes=%" PRId64, o->nodes);
    words[n++] = text_print("--ntasks=%" PRId64, o->nodes * o->tasks_per_node);
    words[n++] = text_print("--ntasks-per-node=%" PRId64, o->tasks_per_node);
    words[n++] = text_print("--cpus-per-task=%" PRId64, o->cpus_per_task);
    words[n++] = o->gpus_per_node > 0
                     ? text_print("--gres=gpu:%" PRId64, o->gpus_per_node)
                     : text_copy("--gres=none");
    if (memory)
        words[n++] = memory;
    return n;
}

/* What stands before the program, so that ranks log apart. Rank 0 goes on
 * telling the worker: its reports are read there. */
static size_t add_rank_logs(char **words)
{
    static const char script[] =
        "test \"$SLURM_PROCID\" = 0 || "
        "exec >>\"$SENTEI_DIR/log.$SENTEI_ATTEMPT.$SLURM_PROCID\" 2>&1; "
        "exec \"$@\"";

    words[0] = text_copy("sh");
    words[1] = text_copy("-c");
    words[2] = text_copy(script);
    words[3] = text_copy("sh");
    return 4;
}

char **srun_words(const struct srun_options *o, const char *name,
                  char *const *argv, struct error *err)
{
    size_t count = 0, n;
    bool whole = true;
    char **words;

    while (argv[count])
        count++;
    words = calloc(OPTIONS_MAX + count + 1, sizeof *words);
    if (!words) {
        error_memory(err);
        return NULL;
    }
    n = add_options(o, name, words);
    if (o->rank_logs)
        n += add_rank_logs(words + n);
    for (size_t i = 0; i < count; i++)
        words[n++] = text_copy(argv[i]);
    for (size_t i = 0; i < n; i++)
        whole = whole && words[i];
    if (whole)
        return words;
    for (size_t i = 0; i < n; i++)
        free(words[i]);
    free(words);
    error_memory(err);
    return NULL;
}

/* The value of a variable in 'environment', or "". */
static const char *value_of(char *const *environment, const char *name)
{
    size_t length = strlen(name);

    for (; *environment; environment++)
        if (strncmp(*environment, name, length) == 0 &&
            (*environment)[length] == '=')
            return *environment + length + 1;
    return "";
}

static int srun_start(char *const *argv, char *const *environment,
                      struct task *t, struct error *err)
{
    char **words;
    int rc;

    snprintf(step.name, sizeof step.name, "%.20strial-%.12s.%.8s",
             step.options.name, value_of(environment, "SENTEI_TRIAL"),
             value_of(environment, "SENTEI_ATTEMPT"));
    words = srun_words(&step.options, step.name, argv, err);
    if (!words)
        return -1;
    rc = executor_local.start(words, environment, t, err);
    command_free(words);
    return rc;
}

/* Ask the step to stop, in a process of its own as Slurm may take its time.
 * squeue knows the step's number once it has begun. */
static void cancel_step(void)
{
    static char script[] =
        "for try in 1 2 3 4 5 6 7 8 9 10; do "
        "step=$(squeue -h -s -j \"$1\" -o '%i|%j' | grep -F \"|$2\" | "
        "cut -d'|' -f1 | head -n 1); "
        "test -z \"$step\" || exec scancel --signal=TERM \"$step\" 2>/dev/null; "
        "sleep 1; done";
    static char shell[] = "sh", option[] = "-c";
    char *words[] = {
        shell, option, script, shell, (char *)step.options.job, step.name, NULL
    };
    sigset_t none;
    pid_t pid = fork();

    if (pid > 0)
        waitpid(pid, NULL, 0);
    if (pid != 0)
        return;
    if (setsid() < 0 || fork() != 0)
        _exit(0);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    execv("/bin/sh", words);
    _exit(127);
}

static void srun_signal(const struct task *t, int signal_number)
{
    if (signal_number == SIGKILL)
        executor_local.signal(t, SIGTERM); /* srun kills the ranks */
    else
        cancel_step();
}

static int srun_reap(struct task *t)
{
    return executor_local.reap(t);
}

/* Whether 'line' begins with 'word'; if so it is moved behind it. */
static bool skip(const char **line, const char *word)
{
    bool begins = strncmp(*line, word, strlen(word)) == 0;

    if (begins)
        *line += strlen(word);
    return begins;
}

/* A node of the allocation was lost, which Slurm takes minutes to see, or the
 * job has ended meanwhile: srun's status is the same as a program's. */
static bool tells_a_lost_place(const char *error)
{
    static const char *const said[] = { "Application launch failed",
                                        "Unable to create step",
                                        "Unable to confirm allocation",
                                        "Slurm job " };

    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (skip(&error, said[i]))
            return true;
    return false;
}

/* "n1: task 0: Exited with exit code 2", "n[1-2]: tasks 0-3: Killed". The others
 * are then killed by --kill-on-bad-exit, and srun's own status is the highest of
 * all: 143, where the first rank said 2. */
static enum remark remark_on_end(const char *error, int *status)
{
    const char *tasks = strstr(error, ": task"), *end;

    if (!tasks || !(end = strstr(tasks + 1, ": ")))
        return REMARK_OTHER;
    if (!skip(&end, ": Exited with exit code "))
        return REMARK_KILLED;
    *status = (int)strtol(end, NULL, 10);
    return REMARK_EXITED;
}

/* Slurm made a step and its answer was lost: srun waits for ever for what that
 * step holds. */
static bool tells_a_lost_answer(const char *said)
{
    return skip(&said, "Job ") &&
           strstr(said, "step creation temporarily disabled, retrying (Socket "
                        "timed out");
}

static enum remark srun_remark(const char *line, int *status)
{
    if (skip(&line, "slurmstepd"))
        return REMARK_OTHER;
    if (!skip(&line, "srun: "))
        return REMARK_NONE;
    if (tells_a_lost_answer(line))
        return REMARK_BROKEN;
    if (!skip(&line, "error: "))
        return REMARK_OTHER;
    return tells_a_lost_place(line) ? REMARK_BROKEN
                                    : remark_on_end(line, status);
}

const struct executor executor_srun = { "srun", srun_start, srun_signal,
                                        srun_reap, srun_remark };
