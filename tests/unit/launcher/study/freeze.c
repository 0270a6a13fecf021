/* Freezing: a run keeps its study; what may change does, what may not is named.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "base/text.h"
#include "base/yaml.h"
#include "launcher/study/study.h"

/* The parts of a study that the rows below exchange. */
#define OBJECTIVE "objective: {metric: loss, direction: minimize}\n"
#define SPACE     "space:\n  x: {type: int, low: 1, high: 8}\n"
#define TRAINER   "trainer: {config: {data: d, model: {width: 4}}}\n"

struct run {
    char *above;  /* a temporary folder */
    char *folder; /* above/runs/x, not there yet */
    char *frozen; /* its study.yaml */
};

static int make_run(void **state)
{
    struct run *run = calloc(1, sizeof *run);

    run->above = text_copy("/tmp/sentei-freeze-XXXXXX");
    assert_non_null(mkdtemp(run->above));
    run->folder = file_join(run->above, "runs/x");
    run->frozen = file_join(run->folder, "study.yaml");
    *state = run;
    return 0;
}

static int remove_run(void **state)
{
    struct run *run = *state;
    char *runs = file_join(run->above, "runs");

    unlink(run->frozen);
    rmdir(run->folder);
    rmdir(runs);
    rmdir(run->above);
    free(runs);
    free(run->frozen);
    free(run->folder);
    free(run->above);
    free(run);
    return 0;
}

/* Freeze the study with this text into the run. */
static int freeze(const struct run *run, const char *text, struct error *err)
{
    char *whole = text_print("study: x\n%s", text);
    struct study *s = study_parse(whole, strlen(whole), "x.yaml", err);

    if (!s)
        fail_msg("%s: %s", err->where, err->what);
    free(whole);
    int status = study_freeze(s, run->folder, err);
    study_destroy(s);
    return status;
}

static void assert_frozen(const struct run *run, const char *phrase)
{
    char *data;
    size_t size;

    assert_int_equal(file_read(run->frozen, YAML_MAX_BYTES, &data, &size, NULL),
                     0);
    assert_non_null(strstr(data, phrase));
    free(data);
}

static void the_file_is_kept_byte_for_byte(void **state)
{
    static const char text[] = "# why\n" OBJECTIVE SPACE TRAINER "# end";
    struct run *run = *state;
    struct error err = ERROR_INIT;

    assert_int_equal(freeze(run, text, &err), 0);
    assert_frozen(run, text);
    assert_int_equal(freeze(run, text, &err), 0);
}

static void a_budget_may_change(void **state)
{
    struct run *run = *state;
    struct error err = ERROR_INIT;

    assert_int_equal(freeze(run, OBJECTIVE SPACE TRAINER, &err), 0);
    assert_int_equal(freeze(run,
                            "# more\n" SPACE OBJECTIVE TRAINER
                            "stop: {trials: 9}\nlocal: {workers: 3}\n",
                            &err),
                     0);
    assert_frozen(run, "trials: 9");
}

static void what_must_not_change_is_named(void **state)
{
    static const struct {
        const char *text, *phrase;
    } rows[] = {
        { OBJECTIVE "space:\n  x: {type: int, low: 1, high: 9}\n" TRAINER,
          "high was 8, is 9" },
        { OBJECTIVE SPACE "  y: {type: bool}\n" TRAINER, "y" },
        { "objective: {metric: loss, direction: maximize}\n" SPACE TRAINER,
          "objective: was minimize loss (best), is maximize loss (best)" },
        { "objective: {metric: loss, direction: minimize, value: last}\n" SPACE
              TRAINER,
          "is minimize loss (last)" },
        { "objective: [{metric: loss, direction: minimize}, "
          "{metric: s, direction: minimize}]\n" SPACE TRAINER,
          "objective: there were 1, there are 2" },
        { OBJECTIVE SPACE "trainer: {config: {data: d, model: {width: 5}}}\n",
          "trainer.config.model.width: was 4, is 5" },
        { OBJECTIVE SPACE "trainer: {config: {data: d, model: {}}}\n",
          "trainer.config.model.width: was 4, is null" },
        { OBJECTIVE SPACE "trainer: {command: [./train]}\n",
          "trainer.command: was null, is [\"./train\"]" },
    };
    struct run *run = *state;
    struct error err = ERROR_INIT;

    assert_int_equal(freeze(run, OBJECTIVE SPACE TRAINER, &err), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(freeze(run, rows[i].text, &err), -1);
        assert_int_equal(err.kind, ERROR_USAGE);
        if (!strstr(err.what, rows[i].phrase))
            fail_msg("'%s' does not say '%s'", err.what, rows[i].phrase);
        assert_string_not_equal(err.hint, "");
        assert_frozen(run, OBJECTIVE SPACE TRAINER);
    }
}

static void a_broken_frozen_file_is_not_overwritten(void **state)
{
    struct run *run = *state;
    struct error err = ERROR_INIT;

    assert_int_equal(file_make_folder(run->folder, &err), 0);
    assert_int_equal(file_write(run->frozen, "half a", 6, 0644, &err), 0);
    assert_int_equal(freeze(run, OBJECTIVE SPACE TRAINER, &err), -1);
    assert_non_null(strstr(err.what, "frozen"));
    assert_frozen(run, "half a");
}

static void a_folder_that_cannot_be_is_an_error(void **state)
{
    struct run *run = *state;
    struct run below = { NULL, file_join(run->frozen, "y"), NULL };
    struct error err = ERROR_INIT;

    assert_int_equal(freeze(run, OBJECTIVE SPACE TRAINER, &err), 0);
    assert_int_equal(freeze(&below, OBJECTIVE SPACE TRAINER, &err), -1);
    assert_int_equal(err.kind, ERROR_FAILURE);
    free(below.folder);
}

int main(void)
{
#define RUN_TEST(f) cmocka_unit_test_setup_teardown(f, make_run, remove_run)
    const struct CMUnitTest tests[] = {
        RUN_TEST(the_file_is_kept_byte_for_byte),
        RUN_TEST(a_budget_may_change),
        RUN_TEST(what_must_not_change_is_named),
        RUN_TEST(a_broken_frozen_file_is_not_overwritten),
        RUN_TEST(a_folder_that_cannot_be_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
