/* What becomes of Optuna's journals; tests/integration/optuna.sh lets Optuna
 * write them, and databases.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/optuna/read.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/json.h"

#define STUDY "{\"op_code\":0,\"study_name\":\"s\",\"directions\":[1]}\n"
#define TRIAL "{\"op_code\":4,\"study_id\":0}\n"
#define PARAM(name, value, distribution)                                      \
    "{\"op_code\":5,\"trial_id\":0,\"param_name\":\"" name                    \
    "\",\"param_value_internal\":" value ",\"distribution\":\"{\\\"name\\\":" \
    "\\\"" distribution "}}\"}\n"
#define FLOAT "FloatDistribution\\\",\\\"attributes\\\":{\\\"low\\\":0"
#define INT   "IntDistribution\\\",\\\"attributes\\\":{\\\"low\\\":0"
#define CHOICE                                                                   \
    "CategoricalDistribution\\\",\\\"attributes\\\":{\\\"choices\\\":[\\\"a\\\"" \
    ",true]"
#define STEP(step, value)                          \
    "{\"op_code\":7,\"trial_id\":0,\"step\":" step \
    ",\"intermediate_value\":" value "}\n"
#define END(state, values) \
    "{\"op_code\":6,\"trial_id\":0,\"state\":" state ",\"values\":" values "}\n"

static char path[] = "optuna.XXXXXX";

static int make_file(void **state)
{
    int file = mkstemp(path);

    (void)state;
    return file < 0 || close(file) < 0;
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

/* The trials of a journal as JSON, NULL with 'err'. */
static char *read_back(const char *journal, struct error *err)
{
    static const char objectives[] =
        "[{\"metric\":\"v\",\"direction\":\"minimize\"}]";
    struct tree *o =
        json_parse(objectives, strlen(objectives), "objectives", err);
    struct text out = TEXT_INIT;
    struct tree *trials;

    assert_int_equal(file_write(path, journal, strlen(journal), 0600, err), 0);
    assert_true(optuna_is(path));
    trials = optuna_read(path, o, err);
    if (trials)
        json_format(trials, &out);
    tree_destroy(o);
    tree_destroy(trials);
    return trials ? text_take(&out) : NULL;
}

#define TRIAL_IS(state, params, curve)                          \
    "[{\"trial\":0,\"state\":\"" state "\",\"params\":{" params \
    "},\"curve\":[" curve "]}]"
#define POINT(step, metrics) "{\"step\":" step ",\"metrics\":{" metrics "}}"

static void plays_a_journal(void **state)
{
    static const struct {
        const char *journal, *trials;
    } cases[] = {
        { STUDY, "[]" },
        { STUDY STUDY TRIAL, TRIAL_IS("other", "", "") },
        { STUDY TRIAL PARAM("x", "0.5", FLOAT) PARAM("n", "3.0", INT)
              PARAM("k", "1", CHOICE) END("1", "[2]"),
          TRIAL_IS("complete", "\"x\":0.5,\"n\":3,\"k\":true",
                   POINT("1", "\"v\":2.0")) },
        /* the value is one of the steps; a number among the attributes */
        { STUDY TRIAL STEP("1", "4") STEP("2", "2") STEP(
              "3",
              "3") "{\"op_code\":8,\"trial_id\":0,\"user_attr\":{\"a\":7}}\n"
                   "{\"op_code\":8,\"trial_id\":0,\"user_attr\":{\"b c\":7}}\n" END(
                       "1", "[2]"),
          TRIAL_IS("complete", "",
                   POINT("1", "\"v\":4.0") "," POINT(
                       "2", "\"v\":2.0,\"a\":7") "," POINT("3", "\"v\":3.0")) },
        /* what JSON has not, but Python writes */
        { STUDY TRIAL STEP("1", "NaN") STEP("2", "-Infinity")
              END("1", "[Infinity]"),
          TRIAL_IS(
              "complete", "",
              POINT("1", "\"v\":\"nan\"") "," POINT(
                  "2", "\"v\":\"-inf\"") "," POINT("3", "\"v\":\"inf\"")) },
        /* pruned: its curve alone; after its end nothing counts */
        { STUDY TRIAL STEP("1", "4") END("2", "null") STEP("2", "9"),
          TRIAL_IS("pruned", "", POINT("1", "\"v\":4.0")) },
        /* what does not fit is left out */
        { STUDY TRIAL PARAM("k", "2", CHOICE) PARAM(
              "x", "\"nan\"",
              FLOAT) "{\"op_code\":7,\"trial_id\":-1}\n{\"op_code\":6}\n[]\n7\n"
                     "{\"op_code\":99,\"trial_id\":0}\n" END("3", "null"),
          TRIAL_IS("failed", "", "") },
        /* a last line that is being written */
        { STUDY "{\"op_code\":4,\"study_", "[]" },
        /* a study that was deleted, and another's trials */
        { STUDY TRIAL "{\"op_code\":1,\"study_id\":0}\n" STUDY
                      "{\"op_code\":4,\"study_id\":1,\"state\":1,\"value\":5,"
                      "\"values\":null}\n",
          TRIAL_IS("complete", "", POINT("1", "\"v\":5.0")) },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = ERROR_INIT;
        char *trials = read_back(cases[i].journal, &err);

        if (!trials)
            error_print(&err, cases[i].journal);
        assert_non_null(trials);
        assert_string_equal(trials, cases[i].trials);
        free(trials);
    }
}

static void refuses_what_is_not_for_this_study(void **state)
{
    static const struct {
        const char *journal, *what;
    } cases[] = {
        { STUDY "{\"op_code\":0,\"study_name\":\"t\",\"directions\":[1]}\n",
          "has 2 studies" },
        { "{\"op_code\":0,\"study_name\":\"s\",\"directions\":[2]}\n",
          "'s' is to maximize what this study is to minimize, v" },
        { "{\"op_code\":0,\"study_name\":\"s\",\"directions\":[1,1]}\n",
          "'s' has 2 objectives, this study 1" },
        { STUDY "{\"op_code\":\n", "" },
        { "{\"op_code\":4,\"study_id\":0}\n", "has 0 studies" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct error err = ERROR_INIT;

        assert_null(read_back(cases[i].journal, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.what, cases[i].what));
    }
}

static void knows_what_is_optunas(void **state)
{
    (void)state;
    assert_false(optuna_is("/no/such/file"));
    assert_false(optuna_is("/no/such/file#study"));
    assert_false(optuna_is("."));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(plays_a_journal),
        cmocka_unit_test(refuses_what_is_not_for_this_study),
        cmocka_unit_test(knows_what_is_optunas),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
