/* The words by which srun starts a trial, whatever the job around it says.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "base/text.h"
#include "launcher/study/command.h"
#include "launcher/worker/srun.h"

static void check(const struct srun_options *o, const char *expected)
{
    char train[] = "train", lr[] = "--lr=1 2";
    char *argv[] = { train, lr, NULL };
    struct error err = ERROR_INIT;
    char **words = srun_words(o, "trial-7.2", argv, &err);
    struct text line = TEXT_INIT;

    assert_non_null(words);
    for (size_t i = 0; words[i]; i++)
        text_format(&line, "%s%s", i > 0 ? " " : "", words[i]);
    assert_string_equal(text_get(&line), expected);
    text_clear(&line);
    command_free(words);
}

static void a_step_says_all_it_needs(void **state)
{
    const struct srun_options o = { .nodes = 2,
                                    .tasks_per_node = 4,
                                    .cpus_per_task = 8,
                                    .gpus_per_node = 4,
                                    .memory_mb = 65536,
                                    .mpi = "pmix" };

    (void)state;
    check(&o, "srun --job-name=trial-7.2 --mpi=pmix --kill-on-bad-exit=1 "
              "--exact --input=none --nodes=2 --ntasks=8 --ntasks-per-node=4 "
              "--cpus-per-task=8 --gres=gpu:4 --mem=65536M train --lr=1 2");
}

static void steps_side_by_side_do_not_take_all_memory(void **state)
{
    const struct srun_options o = { .nodes = 1,
                                    .tasks_per_node = 1,
                                    .cpus_per_task = 1,
                                    .packed = true,
                                    .mpi = "none" };

    (void)state;
    check(&o, "srun --job-name=trial-7.2 --mpi=none --kill-on-bad-exit=1 "
              "--exact --input=none --nodes=1 --ntasks=1 --ntasks-per-node=1 "
              "--cpus-per-task=1 --gres=none --mem=0 train --lr=1 2");
}

static void tells_a_broken_allocation_from_a_broken_program(void **state)
{
    static const struct {
        const char *line;
        enum remark remark;
        int status;
    } rows[] = {
        { "srun: error: Application launch failed: Communication connection "
          "failure",
          REMARK_BROKEN, -1 },
        { "srun: error: Unable to create step for job 5: Invalid job id "
          "specified",
          REMARK_BROKEN, -1 },
        { "srun: error: Slurm job 11 has expired", REMARK_BROKEN, -1 },
        { "srun: Job 83 step creation temporarily disabled, retrying (Socket "
          "timed out on send/recv operation)",
          REMARK_BROKEN, -1 },
        { "srun: Job 83 step creation temporarily disabled, retrying "
          "(Requested nodes are busy)",
          REMARK_OTHER, -1 },
        { "srun: error: n2: task 1: Killed", REMARK_KILLED, -1 },
        { "srun: error: n[1-2]: tasks 0-3: Exited with exit code 2",
          REMARK_EXITED, 2 },
        { "srun: error: n1: task 0: Exited with exit code 143", REMARK_EXITED,
          143 },
        { "srun: error: n1: task 0: Out Of Memory", REMARK_KILLED, -1 },
        { "srun: error: n1: task 0", REMARK_OTHER, -1 },
        { "srun: Job step aborted", REMARK_OTHER, -1 },
        { "slurmstepd: error: *** STEP 5.0 ON n1 CANCELLED AT ***",
          REMARK_OTHER, -1 },
        { "n1: task 0: Exited with exit code 2", REMARK_NONE, -1 },
        { "Application launch failed", REMARK_NONE, -1 },
        { "", REMARK_NONE, -1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        int status = -1;

        assert_int_equal(executor_srun.remark(rows[i].line, &status),
                         rows[i].remark);
        assert_int_equal(status, rows[i].status);
    }
}

static void ranks_log_apart_where_that_is_asked_for(void **state)
{
    const struct srun_options o = { .nodes = 1,
                                    .tasks_per_node = 2,
                                    .cpus_per_task = 1,
                                    .rank_logs = true,
                                    .mpi = "none" };

    (void)state;
    check(&o,
          "srun --job-name=trial-7.2 --mpi=none --kill-on-bad-exit=1 "
          "--exact --input=none --nodes=1 --ntasks=2 --ntasks-per-node=2 "
          "--cpus-per-task=1 --gres=none sh -c test \"$SLURM_PROCID\" = 0 || "
          "exec >>\"$SENTEI_DIR/log.$SENTEI_ATTEMPT.$SLURM_PROCID\" 2>&1; "
          "exec \"$@\" sh train --lr=1 2");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_step_says_all_it_needs),
        cmocka_unit_test(steps_side_by_side_do_not_take_all_memory),
        cmocka_unit_test(tells_a_broken_allocation_from_a_broken_program),
        cmocka_unit_test(ranks_log_apart_where_that_is_asked_for),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
