/* Configurations: defaults, what overrides what, and each mistake at its place.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "trainer/config.h"

static void test_a_short_file_has_defaults(void **state)
{
    struct error err = ERROR_INIT;
    struct config c;

    (void)state;
    assert_int_equal(
        config_parse(&c, "data: d\n", "c.yaml", NULL, NULL, 0, &err), 0);
    assert_string_equal(c.data, "d");
    assert_int_equal(c.epochs, 10);
    assert_int_equal(c.batch_size, 128);
    assert_int_equal(c.augment, AUGMENT_NONE);
    assert_int_equal(c.precision, PRECISION_FP32);
    assert_int_equal(c.helpers, 0);
    assert_true(c.inputs.image && c.inputs.text);
    assert_int_equal(c.model.fusion.depth, 2);
    config_clear(&c);
}

static void test_settings_win_over_parameters_win_over_the_file(void **state)
{
    const char *settings[] = { "model.fusion.width=64",
                               "batch.schedule=cosine" };
    struct error err = ERROR_INIT;
    struct config c;

    (void)state;
    assert_int_equal(
        config_parse(&c,
                     "data: d\n"
                     "epochs: 3\n"
                     "model: {fusion: {width: 16, depth: 4}}\n",
                     "c.yaml",
                     "{\"model.fusion.width\": 32, \"epochs\": 5, "
                     "\"optimizer.lr\": 0.01, \"model.image.type\": \"none\"}",
                     settings, 2, &err),
        0);
    assert_int_equal(c.epochs, 5);
    assert_int_equal(c.model.fusion.width, 64);
    assert_int_equal(c.model.fusion.depth, 4);
    assert_true(c.optimizer.lr == 0.01);
    assert_int_equal(c.sampling.schedule.kind, SCHEDULE_COSINE);
    assert_false(c.inputs.image);
    config_clear(&c);
}

static const struct mistake {
    const char *file, *params, *setting, *where, *what;
} mistakes[] = {
    { "epochs: 3\n", NULL, NULL, "c.yaml", "data" },
    { "data: d\nepoch: 3\n", NULL, NULL, "c.yaml:2:1", "epoch" },
    { "data: d\nepochs: many\n", NULL, NULL, "c.yaml:2:9", "epochs" },
    { "data: d\nepochs: 0\n", NULL, NULL, "c.yaml:2:9", "epochs" },
    { "data: d\nbackend: gpu\n", NULL, NULL, "c.yaml:2:10", "cuda" },
    { "data: d\nprecision: tf32\n", NULL, NULL, "c.yaml:2:12",
      "backend cpu has no tf32" },
    { "data: d\nbackend: plain\nprecision: bf16\n", NULL, NULL, "c.yaml:3:12",
      "backend plain has no bf16" },
    { "data: d\nmodel: {image: {precision: bf16}}\n", NULL, NULL, "c.yaml:2:28",
      "at the top level" },
    { "data: d\n", NULL, "model.image.precision=bf16",
      "--set model.image.precision=bf16", "at the top level" },
    { "data: d\nmodel: {fusion: {wide: 3}}\n", NULL, NULL, "c.yaml:2:18",
      "'wide' in model.fusion" },
    { "data: d\nmodel: 3\n", NULL, NULL, "c.yaml:2:8", "model" },
    { "data: d\noptimizer: {lr: .nan}\n", NULL, NULL, "c.yaml:2:17",
      "optimizer.lr" },
    { "data: d\nbatch: {weights: {a: 2}}\n", NULL, NULL, "c.yaml:2:18",
      "sampler: weighted" },
    { "data: d\nbatch: {sampler: weighted, by: c, weights: {a: 0}}\n", NULL,
      NULL, "c.yaml:2:", "from 0.001" },
    { "data: d\nbatch: {schedule: linar}\n", NULL, NULL, "c.yaml:2:19",
      "batch.schedule" },
    { "data: d\ndistribution: {late: 1}\n", NULL, NULL, "c.yaml:2:22",
      "distribution.late" },
    { "data: d\ndistribution: {later: true}\n", NULL, NULL, "c.yaml:2:16",
      "'later' in distribution" },
    { "data: d\nhelpers: 2\n", NULL, NULL, "c.yaml:2:10", "helpers" },
    { "- data\n", NULL, NULL, "c.yaml:1:1", "map" },
    { "data: d\n", NULL, "model.fusion.widht=3", "--set model.fusion.widht=3",
      "'widht' in model.fusion" },
    { "data: d\n", NULL, "optimizer.lr=fast", "--set optimizer.lr=fast",
      "optimizer.lr" },
    { "data: d\n", NULL, "epochs", "", "key=value" },
    { "data: d\n", NULL, "data.x=1", "", "data.x" },
    { "data: d\n", "{\"optimizer.lr\": \"a\"}", NULL, "parameter optimizer.lr",
      "optimizer.lr" },
    { "data: d\n", "{\"optimiser.lr\": 1}", NULL, "parameter optimiser.lr",
      "optimiser" },
    { "data: d\n", "{", NULL, "SENTEI_PARAMS", "" },
};

static void test_mistakes_are_named_where_they_are(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const struct mistake *m = &mistakes[i];
        struct error err = ERROR_INIT;
        struct config c;

        assert_int_equal(config_parse(&c, m->file, "c.yaml", m->params,
                                      &m->setting, m->setting ? 1 : 0, &err),
                         -1);
        if (err.kind != ERROR_USAGE ||
            strncmp(err.where, m->where, strlen(m->where)) != 0 ||
            !strstr(err.what, m->what))
            fail_msg("mistake %zu: '%s': '%s'", i, err.where, err.what);
    }
}

static void test_a_missing_file(void **state)
{
    struct error err = ERROR_INIT;
    struct config c;

    (void)state;
    assert_int_equal(
        config_read(&c, "/nonexistent/c.yaml", NULL, NULL, 0, &err), -1);
    assert_int_equal(err.kind, ERROR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_short_file_has_defaults),
        cmocka_unit_test(test_settings_win_over_parameters_win_over_the_file),
        cmocka_unit_test(test_mistakes_are_named_where_they_are),
        cmocka_unit_test(test_a_missing_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
