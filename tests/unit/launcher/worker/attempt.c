/* What a trial does, and what becomes of it: programs that print garbage, end
 * badly, do not want to end; decisions and signals that stop them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>

#include "base/text.h"
#include "launcher/worker/attempt.h"
#include "launcher/worker/srun.h"
#include "tests/unit/client/controller.h"
#include "tests/unit/launcher/worker/process.h"

extern char **environ;

/* A controller, a sender to it, and the attempt to run. */
struct scene {
    struct controller controller;
    char folder[64], spool[80], log[80];
    struct lease lease;
    struct sender_options o;
    struct attempt a;
    struct ending e;
    char *output; /* the log, read back */
};

static void open_scene(struct scene *s)
{
    sigset_t term;

    memset(s, 0, sizeof *s);
    folder_make(s->folder);
    snprintf(s->spool, sizeof s->spool, "%s/spool", s->folder);
    snprintf(s->log, sizeof s->log, "%s/log", s->folder);
    controller_init(&s->controller);
    controller_start(&s->controller, 0, s->folder);
    s->lease = (struct lease){ 3, 1, "abc" };
    s->o = (struct sender_options){ .run = s->folder,
                                    .lease = &s->lease,
                                    .spool = s->spool,
                                    .heartbeat_s = 0.02,
                                    .wake_fd = eventfd(0, EFD_CLOEXEC) };
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    sigprocmask(SIG_BLOCK, &term, NULL);
    s->a = (struct attempt){ .executor = &executor_local,
                             .environment = environ,
                             .log = s->log,
                             .title = "--- attempt 1\n",
                             .wake_fd = s->o.wake_fd,
                             .signal_fd = signalfd(-1, &term, SFD_CLOEXEC),
                             .grace_s = 20 };
}

static void close_scene(struct scene *s)
{
    close(s->a.signal_fd);
    close(s->o.wake_fd);
    controller_stop(&s->controller);
    folder_remove(s->folder);
}

static void run(struct scene *s, char *const *argv)
{
    size_t size;

    s->a.argv = argv;
    s->a.sender = sender_create(&s->o, NULL);
    assert_non_null(s->a.sender);
    attempt_run(&s->a, &s->e);
    sender_destroy(s->a.sender, 5);
    assert_int_equal(file_read(s->log, 1 << 24, &s->output, &size, NULL), 0);
}

static void run_shell(struct scene *s, const char *script)
{
    char *const argv[] = { (char *)"sh", (char *)"-c", (char *)script, NULL };

    run(s, argv);
}

static void an_end_becomes_an_outcome(void **state)
{
    static const struct {
        const char *script;
        enum outcome outcome;
        const char *reason;
        size_t reports;
    } rows[] = {
        { "echo sentei: step=1 loss=0.5", OUTCOME_COMPLETE, "", 1 },
        { "echo nothing to report", OUTCOME_COMPLETE, "", 0 },
        { "exit 75", OUTCOME_INTERRUPTED, "", 0 },
        { "echo hello; echo '  out of   luck '; echo; exit 3", OUTCOME_FAILED,
          "exit status 3: out of luck", 0 },
        { "exit 3", OUTCOME_FAILED, "exit status 3", 0 },
        { "echo 'x: no data'; echo '  hint: make some'; exit 2",
          OUTCOME_INVALID, "exit status 2: x: no data; make some", 0 },
        { "head -c 175 /dev/zero | tr '\\0' y; echo; echo '  hint: z'; exit 2",
          OUTCOME_INVALID, "exit status 2: hint: z", 0 },
        { "kill -9 $$", OUTCOME_FAILED, "killed by signal 9 (Killed)", 0 },
        { "kill -SEGV $$", OUTCOME_FAILED,
          "killed by signal 11 (Segmentation fault)", 0 },
        { "echo sentei: step=1 loss=nan; echo sentei: step=1 loss=2",
          OUTCOME_COMPLETE, "", 2 },
        { "echo sentei: step=x; echo 'sentei: '; echo sentei: step=2 a=1",
          OUTCOME_COMPLETE, "", 1 },
        { "head -c 300000 /dev/zero; echo; echo sentei: step=2 a=1 >&2",
          OUTCOME_COMPLETE, "", 1 },
        { "printf '\\377\\001\\n\\000sentei: step=1 a=1\\nsentei: step=2 a=1'",
          OUTCOME_COMPLETE, "", 1 },
        { "exec 1>&- 2>&-; sleep 0.05; exit 4", OUTCOME_FAILED, "exit status 4",
          0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scene s;

        open_scene(&s);
        run_shell(&s, rows[i].script);
        assert_int_equal(s.e.outcome, rows[i].outcome);
        assert_string_equal(s.e.reason, rows[i].reason);
        assert_int_equal(s.controller.step_count, rows[i].reports);
        assert_int_equal(strncmp(s.output, "--- attempt 1\n", 14), 0);
        free(s.output);
        close_scene(&s);
    }
}

static void a_broken_report_is_noted_in_the_log_once(void **state)
{
    static const char note[] = "--- this line is no report: loss: expected";
    const char *first;
    struct scene s;

    (void)state;
    open_scene(&s);
    run_shell(&s, "echo sentei: step=1 loss=a; echo sentei: step=2 loss=b");
    first = strstr(s.output, note);
    assert_non_null(first);
    assert_null(strstr(first + 1, note));
    free(s.output);
    close_scene(&s);
}

static void a_missing_program_says_so(void **state)
{
    char *const argv[] = { (char *)"no-such-program", NULL };
    struct scene s;

    (void)state;
    open_scene(&s);
    run(&s, argv);
    assert_int_equal(s.e.outcome, OUTCOME_FAILED);
    assert_string_equal(
        s.e.reason,
        "cannot start 'no-such-program': No such file or directory");
    assert_non_null(strstr(s.output, s.e.reason));
    free(s.output);
    close_scene(&s);
}

/* They report once a SIGTERM is handled, each in its own way; without
 * heartbeats the decision cannot come earlier. */
static const char patient[] = "trap 'echo saved; exit 75' TERM; "
                              "echo sentei: step=1 loss=1; "
                              "while :; do sleep 0.02; done";
static const char stubborn[] = "trap 'echo not me' TERM; "
                               "echo sentei: step=1 loss=1; "
                               "while :; do sleep 0.02; done";

static void decisions_stop_a_trial(void **state)
{
    static const struct {
        const char *decision;
        int status;
        enum outcome outcome;
    } rows[] = {
        { "prune", 200, OUTCOME_PRUNED },
        { "pause", 200, OUTCOME_PAUSED },
        { "continue", 409, OUTCOME_LOST },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scene s;

        open_scene(&s);
        s.o.heartbeat_s = 0;
        controller_set(&s.controller, rows[i].status, rows[i].decision);
        run_shell(&s, patient);
        assert_int_equal(s.e.outcome, rows[i].outcome);
        if (rows[i].outcome != OUTCOME_LOST) /* that one is killed at once */
            assert_non_null(strstr(s.output, "saved"));
        free(s.output);
        close_scene(&s);
    }
}

static void grace_ends(void **state)
{
    struct scene s;

    (void)state;
    open_scene(&s);
    s.a.grace_s = 0.2;
    s.o.heartbeat_s = 0;
    controller_set(&s.controller, 200, "prune");
    run_shell(&s, stubborn);
    assert_int_equal(s.e.outcome, OUTCOME_PRUNED);
    free(s.output);
    close_scene(&s);
}

/* Send SIGTERM to this process after each report 'argument' has seen. */
static void *interrupt_twice(void *argument)
{
    struct scene *s = argument;

    controller_await(&s->controller, &s->controller.step_count, 1);
    kill(getpid(), SIGTERM);
    controller_await(&s->controller, &s->controller.step_count, 2);
    kill(getpid(), SIGTERM);
    return NULL;
}

static void signals_interrupt_then_kill(void **state)
{
    struct scene s;
    pthread_t thread;

    (void)state;
    open_scene(&s);
    pthread_create(&thread, NULL, interrupt_twice, &s);
    run_shell(&s, "trap 'echo sentei: step=2 loss=1' TERM; "
                  "echo sentei: step=1 loss=1; while :; do sleep 0.02; done");
    pthread_join(thread, NULL);
    assert_int_equal(s.e.outcome, OUTCOME_INTERRUPTED);
    assert_true(s.e.interrupted);
    free(s.output);
    close_scene(&s);
}

/* Two senders, as Slurm and the pilot: then let the trial end as it likes. */
static void *interrupt_from_two(void *argument)
{
    struct scene *s = argument;
    char *command =
        text_print("kill -TERM %ld; touch '%s/go'", (long)getpid(), s->folder);

    controller_await(&s->controller, &s->controller.step_count, 1);
    kill(getpid(), SIGTERM);
    controller_await(&s->controller, &s->controller.step_count, 2);
    assert_int_equal(system(command), 0);
    free(command);
    return NULL;
}

static void signals_of_two_senders_are_one_request(void **state)
{
    struct scene s;
    pthread_t thread;
    char *script;

    (void)state;
    open_scene(&s);
    script = text_print("trap 'echo sentei: step=2 loss=1; stop=1' TERM; "
                        "echo sentei: step=1 loss=1; "
                        "until test -n \"$stop\" -a -e '%s/go'; do sleep 0.02; "
                        "done; echo saved; exit 75",
                        s.folder);
    pthread_create(&thread, NULL, interrupt_from_two, &s);
    run_shell(&s, script);
    pthread_join(thread, NULL);
    assert_int_equal(s.e.outcome, OUTCOME_INTERRUPTED);
    assert_non_null(strstr(s.output, "saved"));
    free(script);
    free(s.output);
    close_scene(&s);
}

static void nothing_it_started_lives_on(void **state)
{
    struct scene s;

    (void)state;
    open_scene(&s);
    run_shell(&s, "sleep 1000 & echo $!; exit 0");
    assert_true(process_ends(strtol(strchr(s.output, '\n'), NULL, 10)));
    free(s.output);
    close_scene(&s);
}

static void the_null_executor_plays_lines(void **state)
{
    char *const argv[] = { (char *)"null", (char *)"sentei: step=4 loss=1",
                           (char *)"done", NULL };
    struct scene s;

    (void)state;
    open_scene(&s);
    s.a.executor = &executor_null;
    run(&s, argv);
    assert_int_equal(s.e.outcome, OUTCOME_COMPLETE);
    assert_int_equal(s.controller.step_count, 1);
    assert_int_equal(s.controller.steps[0], 4);
    assert_non_null(strstr(s.output, "done\n"));
    free(s.output);
    close_scene(&s);
}

static enum remark says_broken(const char *line, int *status)
{
    (void)status;
    return strcmp(line, "the node is lost") == 0 ? REMARK_BROKEN : REMARK_NONE;
}

static void a_broken_place_is_no_failure_of_the_trial(void **state)
{
    struct executor executor = executor_local;
    struct scene s;

    (void)state;
    executor.remark = says_broken;
    open_scene(&s);
    s.a.executor = &executor;
    run_shell(&s, "echo the node is lost; exit 3");
    assert_int_equal(s.e.outcome, OUTCOME_INTERRUPTED);
    free(s.output);
    run_shell(&s, "trap '' TERM; echo the node is lost; exit 0");
    assert_int_equal(s.e.outcome, OUTCOME_COMPLETE);
    free(s.output);
    run_shell(&s, "echo the node is lost; exec sleep 60"); /* is told to end */
    assert_int_equal(s.e.outcome, OUTCOME_INTERRUPTED);
    free(s.output);
    close_scene(&s);
}

/* srun's status is the highest of all ranks: that of those which were killed when
 * the first one had ended. What it says of that one tells what happened. */
static void the_first_rank_that_ends_tells_how_it_ended(void **state)
{
    static const struct {
        const char *script;
        enum outcome outcome;
        const char *reason;
    } rows[] = {
        { "echo 'sentei-train: rank 1 on n2 has died'; echo 'srun: error: n1: "
          "task 0: Exited with exit code 1'; exit 1",
          OUTCOME_FAILED,
          "exit status 1: sentei-train: rank 1 on n2 has died" },
        { "echo 'train.py: no --lr'; "
          "echo 'srun: error: n1: task 0: Exited with exit code 2'; "
          "echo 'slurmstepd: error: *** STEP 5.0 ON n1 CANCELLED ***'; "
          "echo 'srun: error: n2: tasks 2-3: Terminated'; exit 143",
          OUTCOME_INVALID, "exit status 2: train.py: no --lr" },
        { "echo 'srun: error: n1: task 0: Exited with exit code 75'; "
          "echo 'srun: error: n2: task 1: Terminated'; exit 143",
          OUTCOME_INTERRUPTED, "" },
        { "echo 'srun: error: n2: task 1: Killed'; "
          "echo 'srun: error: n1: task 0: Exited with exit code 75'; exit 137",
          OUTCOME_FAILED, "exit status 137: srun: error: n2: task 1: Killed" },
        { "echo 'srun: error: n1: task 0: Exited with exit code 2'",
          OUTCOME_COMPLETE, "" },
    };
    struct executor executor = executor_local;

    (void)state;
    executor.remark = executor_srun.remark;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scene s;

        open_scene(&s);
        s.a.executor = &executor;
        run_shell(&s, rows[i].script);
        assert_int_equal(s.e.outcome, rows[i].outcome);
        assert_string_equal(s.e.reason, rows[i].reason);
        free(s.output);
        close_scene(&s);
    }
}

static void terminate(const struct task *t, int signal_number)
{
    (void)signal_number;
    executor_local.signal(t, SIGTERM);
}

/* srun has told of the end and waits for a lost node, until it is ended. */
static void a_place_that_does_not_end_is_ended(void **state)
{
    struct executor executor = executor_local;
    struct scene s;

    (void)state;
    executor.remark = executor_srun.remark;
    executor.signal = terminate;
    open_scene(&s);
    s.a.executor = &executor;
    s.a.grace_s = 0.2;
    run_shell(&s, "trap 'exit 143' TERM; "
                  "echo 'sentei-train: rank 1 on n2 has died'; "
                  "echo 'srun: error: n1: task 0: Exited with exit code 1'; "
                  "sleep 60 & wait");
    assert_int_equal(s.e.outcome, OUTCOME_FAILED);
    assert_string_equal(s.e.reason,
                        "exit status 1: sentei-train: rank 1 on n2 has died");
    free(s.output);
    close_scene(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_end_becomes_an_outcome),
        cmocka_unit_test(a_broken_place_is_no_failure_of_the_trial),
        cmocka_unit_test(the_first_rank_that_ends_tells_how_it_ended),
        cmocka_unit_test(a_place_that_does_not_end_is_ended),
        cmocka_unit_test(a_broken_report_is_noted_in_the_log_once),
        cmocka_unit_test(a_missing_program_says_so),
        cmocka_unit_test(decisions_stop_a_trial),
        cmocka_unit_test(grace_ends),
        cmocka_unit_test(signals_interrupt_then_kill),
        cmocka_unit_test(signals_of_two_senders_are_one_request),
        cmocka_unit_test(nothing_it_started_lives_on),
        cmocka_unit_test(the_null_executor_plays_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
