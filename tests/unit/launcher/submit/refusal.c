/* What sbatch says against a study, told in the study's own words.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "launcher/submit/refusal.h"

/* What sbatch said, and the words of ours in what a user is told. */
static void refusals_name_the_key_to_change(void **state)
{
    static const struct {
        const char *said, *what;
    } rows[] = {
        { "sbatch: error: QOSMaxSubmitJobPerUserLimit\nsbatch: error: Batch "
          "job submission failed: Job violates accounting/QOS policy (job "
          "submit limit, user's size and/or time limits)\n",
          "the array has more elements than you may submit" },
        { "sbatch: error: Batch job submission failed: Invalid account or "
          "account/partition combination specified\n",
          "slurm.account" },
        { "sbatch: error: Batch job submission failed: Requested time limit is "
          "invalid (missing or exceeds some limit)\n",
          "resources.time" },
        { "sbatch: error: Invalid generic resource (gres) specification\n",
          "resources.gpus_per_task" },
        { "sbatch: unrecognized option '--foo'\nTry \"sbatch --help\" for more "
          "information\n",
          "slurm.extra: sbatch knows no such option (sbatch: unrecognized "
          "option '--foo')" },
        { "sbatch: error: Batch job submission failed: Invalid qos "
          "specification\n",
          "slurm.qos" },
        { "sbatch: error: Batch job submission failed: Requested node "
          "configuration is not available\n",
          "no node has what the study asks for" },
        { "sbatch: error: Unable to allocate resources: Unable to contact "
          "slurm controller (connect failure)\n",
          "Slurm's controller does not answer" },
        { "sbatch: error: something new\n", "sbatch: something new" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scheduler_reply r = { 1, TEXT_INIT, TEXT_INIT };
        struct error err = ERROR_INIT;

        text_append(&r.said, rows[i].said);
        assert_int_equal(refusal_explain(&r, NULL, NULL, &err), -1);
        if (!strstr(err.what, rows[i].what))
            fail_msg("no '%s' in '%s'", rows[i].what, err.what);
        scheduler_clear(&r);
    }
}

/* An array refused for its size may be tried smaller; nothing else may. There
 * is no Slurm to ask for its limit here: half of it. */
static void a_refused_size_has_a_smaller_one(void **state)
{
    static const struct {
        const char *said;
        int64_t workers, smaller;
    } rows[] = {
        { "sbatch: error: QOSMaxSubmitJobPerUserLimit\n", 10, 5 },
        { "sbatch: error: AssocMaxSubmitJobLimit\n", 5, 2 },
        { "sbatch: error: AssocMaxSubmitJobLimit\n", 1, 0 },
        { "sbatch: error: Batch job submission failed: Invalid job array "
          "specification\n",
          4000, 2000 },
        { "sbatch: error: invalid partition specified: x\n", 10, 0 },
    };

    (void)state;
    setenv("PATH", "/nowhere", 1);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct scheduler_reply r = { 1, TEXT_INIT, TEXT_INIT };

        text_append(&r.said, rows[i].said);
        assert_int_equal(refusal_smaller(&r, rows[i].workers), rows[i].smaller);
        scheduler_clear(&r);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refusals_name_the_key_to_change),
        cmocka_unit_test(a_refused_size_has_a_smaller_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
