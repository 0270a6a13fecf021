/* recording: what answers of an oracle come to, good ones and bad ones.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "base/json.h"
#include "launcher/simulate/recording.h"

static const char text[] = "study: t\n"
                           "objective: {metric: loss, direction: minimize}\n"
                           "constraints: [{metric: size, max: 10}]\n"
                           "space: {x: {type: float, low: 0, high: 1}}\n"
                           "oracle: {command: [x]}\n";

static struct study *study;

static int read_study(void **unused)
{
    struct error err = ERROR_INIT;

    (void)unused;
    study = study_parse(text, strlen(text), "t.yaml", &err);
    return study ? 0 : error_print(&err, "recording");
}

static int free_study(void **unused)
{
    (void)unused;
    study_destroy(study);
    return 0;
}

static int read_answer(const char *json, struct recording *r, struct error *err)
{
    struct tree *answer = json_parse(json, strlen(json), "answer", err);

    assert_non_null(answer);
    int rc = recording_read(r, study, answer, err);
    tree_destroy(answer);
    return rc;
}

static void columns_are_found_by_name(void **unused)
{
    struct error err = ERROR_INIT;
    struct recording r;

    (void)unused;
    assert_int_equal(
        read_answer("{\"columns\": [\"size\", \"more\", \"seconds\", \"loss\", "
                    "\"step\"], \"curve\": [[3, 9, 0.5, 7, 1], [null, 9, 0.5, "
                    "\"nan\", 4], [5, 9, 2, null, 5]]}",
                    &r, &err),
        0);
    assert_int_equal(r.count, 3);
    assert_int_equal(r.width, 2);
    assert_false(r.failed);
    assert_true(r.rows[0].step == 1 && r.rows[1].step == 4);
    assert_true(r.rows[1].seconds == 0.5 && r.rows[2].seconds == 2);
    assert_int_equal(r.rows[0].known, 3);
    assert_int_equal(r.rows[1].known, 1);
    assert_int_equal(r.rows[2].known, 2);
    assert_true(r.values[0] == 7 && r.values[1] == 3);
    assert_true(isnan(r.values[2]));
    recording_clear(&r);
}

static void an_error_is_a_failed_trial(void **unused)
{
    struct error err = ERROR_INIT;
    struct recording r;

    (void)unused;
    assert_int_equal(read_answer("{\"error\": \"no such task\"}", &r, &err), 0);
    assert_true(r.failed);
    recording_clear(&r);
}

#define COLUMNS \
    "{\"columns\": [\"step\", \"seconds\", \"loss\", \"size\"], \"curve\": "
static const struct {
    const char *answer, *complaint;
} bad[] = {
    { "{}", "no lists" },
    { "{\"columns\": 3, \"curve\": []}", "no lists" },
    { COLUMNS "{}}", "no lists" },
    { "{\"columns\": [\"step\", \"loss\", \"size\"], \"curve\": []}",
      "no column 'seconds'" },
    { "{\"columns\": [\"step\", \"seconds\", \"size\"], \"curve\": []}",
      "no column 'loss', only: step, seconds, size" },
    { COLUMNS "[[1, 2, 3]]}", "row 1: expected a list of 4" },
    { COLUMNS "[3]}", "row 1: expected a list of 4" },
    { COLUMNS "[[1, 1, 1, 1], [1, 2, 1, 1]]}", "row 2: steps" },
    { COLUMNS "[[-1, 1, 1, 1]]}", "row 1: steps" },
    { COLUMNS "[[1.5, 1, 1, 1]]}", "row 1: steps" },
    { COLUMNS "[[1, -1, 1, 1]]}", "row 1: seconds" },
    { COLUMNS "[[1, 2, 1, 1], [2, 1, 1, 1]]}", "row 2: seconds" },
    { COLUMNS "[[1, \"inf\", 1, 1]]}", "row 1: seconds" },
    { COLUMNS "[[1, null, 1, 1]]}", "row 1: seconds" },
    { COLUMNS "[[1, 1, \"low\", 1]]}", "row 1: expected a number" },
    { COLUMNS "[[1, 1, 1, []]]}", "row 1: expected a number" },
};

static void bad_answers_are_named(void **unused)
{
    (void)unused;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct error err = ERROR_INIT;
        struct recording r;

        assert_int_equal(read_answer(bad[i].answer, &r, &err), -1);
        if (!strstr(err.what, bad[i].complaint))
            fail_msg("%s: %s", bad[i].answer, err.what);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(columns_are_found_by_name),
        cmocka_unit_test(an_error_is_a_failed_trial),
        cmocka_unit_test(bad_answers_are_named),
    };

    return cmocka_run_group_tests(tests, read_study, free_study);
}
