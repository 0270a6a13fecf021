/* The report line: what is read, what is passed over, what is refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/report.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static void good_lines(void **state)
{
    struct report r;
    struct error err = ERROR_INIT;
    double value;

    (void)state;
    assert_int_equal(report_parse_line("sentei: step=3 val.pr_auc=0.91 "
                                       "train.loss=nan  lr=1e-3\r\n",
                                       &r, &err),
                     1);
    assert_int_equal(r.step, 3);
    assert_int_equal(r.count, 3);
    assert_true(report_get(&r, "val.pr_auc", &value) && value == 0.91);
    assert_true(report_get(&r, "train.loss", &value) && isnan(value));
    assert_false(report_get(&r, "absent", &value));
    assert_int_equal(report_parse_line("sentei: step=0", &r, &err), 1);
    assert_int_equal(r.count, 0);
}

static void other_lines_pass(void **state)
{
    static const char *const lines[] = { "", "epoch 3 loss 0.2", "sentei",
                                         "sentei:step=1", " sentei: step=1" };
    struct report r;

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
        assert_int_equal(report_parse_line(lines[i], &r, NULL), 0);
}

static void broken_lines(void **state)
{
    static const char *const lines[] = {
        "sentei: ",
        "sentei: a=1",
        "sentei: step=-1 a=1",
        "sentei: step=x",
        "sentei: step=1 a",
        "sentei: step=1 a=",
        "sentei: step=1 a=b",
        "sentei: step=1 1a=2",
        "sentei: step=1 a b=2",
        "sentei: step=1 a=1e999",
        "sentei: step=1.5",
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
        struct error err = ERROR_INIT;
        struct report r;

        if (report_parse_line(lines[i], &r, &err) != -1)
            fail_msg("'%s' was read", lines[i]);
        assert_non_null(strstr(err.hint, "step=3"));
    }
}

static void limits(void **state)
{
    struct report r = { 0 };
    char name[80] = "m";

    (void)state;
    for (int i = 0; i < REPORT_MAX_METRICS; i++) {
        snprintf(name, sizeof name, "m%d", i);
        assert_int_equal(report_add(&r, name, i, NULL), 0);
    }
    assert_int_equal(report_add(&r, "m3", 7, NULL), 0); /* replaces */
    assert_int_equal(report_add(&r, "one_more", 1, NULL), -1);
    memset(name, 'x', REPORT_MAX_NAME + 1);
    name[REPORT_MAX_NAME + 1] = '\0';
    assert_false(report_name_ok(name));
    name[REPORT_MAX_NAME] = '\0';
    assert_true(report_name_ok(name));
}

static void lines_and_trees_there_and_back(void **state)
{
    struct report r = { .step = 12 }, back;
    struct error err = ERROR_INIT;
    struct text line = TEXT_INIT;
    struct tree *t;

    (void)state;
    report_add(&r, "a.b", 1.0 / 3, &err);
    report_add(&r, "c", -INFINITY, &err);
    report_format_line(&r, &line);
    assert_int_equal(report_parse_line(text_get(&line), &back, &err), 1);
    assert_true(back.step == 12 && back.count == 2 &&
                back.metrics[0].value == 1.0 / 3 &&
                back.metrics[1].value == -INFINITY);
    t = report_to_tree(&r);
    assert_int_equal(report_from_tree(t, &back, &err), 0);
    assert_true(back.count == 2 && back.metrics[0].value == 1.0 / 3);
    tree_set_string(tree_get(t, "metrics"), "a.b", "much");
    assert_int_equal(report_from_tree(t, &back, &err), -1);
    assert_string_equal(err.what, "metrics.a.b: expected a number");
    tree_destroy(t);
    text_clear(&line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_lines),
        cmocka_unit_test(other_lines_pass),
        cmocka_unit_test(broken_lines),
        cmocka_unit_test(limits),
        cmocka_unit_test(lines_and_trees_there_and_back),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
