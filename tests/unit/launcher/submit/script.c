/* The batch script of a study, from the least one to one with every key.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "launcher/submit/script.h"

#define HEAD                                                      \
    "study: small\nobjective: {metric: v, direction: maximize}\n" \
    "space: {x: {type: float, low: 0, high: 1}}\n"                \
    "trainer: {command: [train]}\n"

typedef void write_fn(const struct script *s, struct text *out);

/* What 'write' makes of a study whose file ends with 'rest'; the caller clears. */
static struct text written(write_fn *write, const char *rest, const char *run,
                           bool placed)
{
    struct error err = ERROR_INIT;
    struct text out = TEXT_INIT;
    struct study *study;
    struct demand d;
    char file[4096];

    snprintf(file, sizeof file, "%s%s", HEAD, rest);
    study = study_parse(file, strlen(file), "study.yaml", &err);
    assert_string_equal(err.what, "");
    demand_read(&d, study);
    write(&(struct script){ study, &d, "sentei-small", run, "/opt/sentei",
                            placed },
          &out);
    assert_false(out.failed);
    study_destroy(study);
    return out;
}

static struct text script_of(const char *rest, const char *run)
{
    return written(script_write, rest, run, false);
}

static void a_study_that_says_nothing_has_defaults(void **state)
{
    struct text out = script_of("", "/runs/small");

    (void)state;
    assert_string_equal(text_get(&out),
                        "#!/bin/sh\n"
                        "#SBATCH --job-name=sentei-small\n"
                        "#SBATCH --array=0-3\n"
                        "#SBATCH --nodes=1\n"
                        "#SBATCH --ntasks-per-node=1\n"
                        "#SBATCH --cpus-per-task=1\n"
                        "#SBATCH --output=\"/runs/small/slurm/%A_%a.log\"\n"
                        "#SBATCH --open-mode=append\n"
                        "#SBATCH --requeue\n"
                        "#SBATCH --signal=B:USR1@120\n"
                        "\n"
                        "exec /opt/sentei pilot /runs/small\n");
    text_clear(&out);
}

static void each_key_has_its_line(void **state)
{
    static const struct {
        const char *rest, *line;
    } rows[] = {
        { "resources: {nodes: 3}", "#SBATCH --nodes=3\n" },
        { "resources: {tasks_per_node: 4}", "#SBATCH --ntasks-per-node=4\n" },
        { "resources: {cpus_per_task: 8}", "#SBATCH --cpus-per-task=8\n" },
        { "resources: {tasks_per_node: 4, gpus_per_task: 1}",
          "#SBATCH --gres=gpu:4\n" },
        { "resources: {memory: 64G}", "#SBATCH --mem=65536M\n" },
        { "resources: {time: \"04:00:00\"}", "#SBATCH --time=0-04:00:00\n" },
        { "resources: {time: 90s}", "#SBATCH --time=0-00:02:00\n" },
        { "resources: {time: 3d}", "#SBATCH --time=3-00:00:00\n" },
        { "slurm: {array: 64, at_once: 16}", "#SBATCH --array=0-63%16\n" },
        { "slurm: {partition: gpu}", "#SBATCH --partition=gpu\n" },
        { "slurm: {account: shop}", "#SBATCH --account=shop\n" },
        { "slurm: {exclude: \"n[1-2]\"}", "#SBATCH --exclude=n[1-2]\n" },
        { "slurm: {signal: 5m}", "#SBATCH --signal=B:USR1@300\n" },
        { "slurm: {requeue: false}", "#SBATCH --no-requeue\n" },
        { "slurm: {extra: [\"--exclusive\"]}", "#SBATCH --exclusive\n" },
        { "slurm: {modules: [cuda/12]}", "\nmodule load cuda/12\n" },
        { "slurm: {setup: [\". ./env\"]}", "\n. ./env\n" },
        { "slurm: {environment: {A: \"it's\"}}", "\nexport A='it'\\''s'\n" },
        { "slurm: {environment: {A: 1, B: true}}",
          "\nexport A=1\nexport B=true\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text out = script_of(rows[i].rest, "/runs/small");

        if (!strstr(text_get(&out), rows[i].line))
            fail_msg("%s: no '%s' in\n%s", rows[i].rest, rows[i].line,
                     text_get(&out));
        text_clear(&out);
    }
}

static void trials_side_by_side_multiply_what_is_asked(void **state)
{
    struct text out =
        script_of("resources: {tasks_per_node: 2, gpus_per_task: 1, memory: "
                  "10G}\nslurm: {trials_at_once: 3}",
                  "/runs/small");

    (void)state;
    assert_non_null(strstr(text_get(&out), "--ntasks-per-node=6\n"));
    assert_non_null(strstr(text_get(&out), "--gres=gpu:6\n"));
    assert_non_null(strstr(text_get(&out), "--mem=30720M\n"));
    text_clear(&out);
}

static void a_strange_folder_is_quoted(void **state)
{
    struct text out = script_of("", "/my runs/50% 'a'");

    (void)state;
    assert_non_null(
        strstr(text_get(&out),
               "#SBATCH --output=\"/my runs/50%% 'a'/slurm/%A_%a.log\"\n"));
    assert_non_null(strstr(text_get(&out),
                           "exec /opt/sentei pilot '/my runs/50% "
                           "'\\''a'\\'''\n"));
    text_clear(&out);
}

/* A small job, on another partition, for longer than a worker's. */
static void the_controller_has_a_script_of_its_own(void **state)
{
    struct text out =
        written(script_write_controller,
                "resources: {nodes: 4, gpus_per_task: 2, time: 1h}\n"
                "slurm: {partition: gpu, account: shop, extra: "
                "[\"--exclusive\"], modules: [a], controller_partition: cpu, "
                "controller_time: 2d}",
                "/runs/small", true);

    (void)state;
    assert_string_equal(text_get(&out),
                        "#!/bin/sh\n"
                        "#SBATCH --job-name=sentei-small-controller\n"
                        "#SBATCH --ntasks=1\n"
                        "#SBATCH --cpus-per-task=1\n"
                        "#SBATCH --time=2-00:00:00\n"
                        "#SBATCH --partition=cpu\n"
                        "#SBATCH --account=shop\n"
                        "#SBATCH --output=\"/runs/small/slurm/%j.log\"\n"
                        "#SBATCH --open-mode=append\n"
                        "#SBATCH --requeue\n"
                        "#SBATCH --signal=B:USR1@120\n"
                        "\n"
                        "module load a\n"
                        "exec /opt/sentei pilot /runs/small --controller\n");
    text_clear(&out);
}

static void without_keys_it_is_where_the_workers_are(void **state)
{
    struct text out =
        written(script_write_controller,
                "resources: {time: 1h}\nslurm: {partition: gpu}", "/r", true);

    (void)state;
    assert_non_null(strstr(text_get(&out), "--time=0-01:00:00\n"));
    assert_non_null(strstr(text_get(&out), "--partition=gpu\n"));
    text_clear(&out);
}

static void workers_leave_it_the_first_turn(void **state)
{
    struct text out = written(script_write, "", "/r", true);

    (void)state;
    assert_non_null(strstr(text_get(&out), "pilot /r --defer 60s\n"));
    text_clear(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_study_that_says_nothing_has_defaults),
        cmocka_unit_test(each_key_has_its_line),
        cmocka_unit_test(trials_side_by_side_multiply_what_is_asked),
        cmocka_unit_test(a_strange_folder_is_quoted),
        cmocka_unit_test(the_controller_has_a_script_of_its_own),
        cmocka_unit_test(without_keys_it_is_where_the_workers_are),
        cmocka_unit_test(workers_leave_it_the_first_turn),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
