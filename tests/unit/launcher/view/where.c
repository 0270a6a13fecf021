/* where: which rows an expression keeps, and what is said of a wrong one.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "launcher/view/where.h"
#include "tests/unit/launcher/view/boards.h"

/* The numbers of the trials of 'shop' that match, as "3 0 1". */
static void matches(const char *expression, struct text *out)
{
    struct error err = ERROR_INIT;
    struct columns known = { NULL, 0, 0 };
    struct tree *board = board_of(shop);
    const struct tree *rows = tree_get(board, "rows");

    assert_int_equal(
        columns_read(&known, (const struct tree *const[]){ board }, 1, &err),
        0);
    struct where *w = where_parse(expression, &known, &err);

    if (!w)
        error_print(&err, expression);
    assert_non_null(w);
    for (size_t i = 0; i < tree_count(rows); i++) {
        struct entry e = { tree_at(rows, i), tree_get(board, "study"), 0 };
        if (where_match(w, &e))
            text_format(out, "%s%d", out->size ? " " : "",
                        (int)tree_integer(tree_get(e.row, "trial")));
    }
    where_destroy(w);
    columns_clear(&known);
    tree_destroy(board);
}

static void test_what_is_kept(void **state)
{
    static const struct {
        const char *expression, *trials;
    } cases[] = {
        { "trial=3", "3" },
        { "trial==3", "3" },
        { "trial!=3", "0 1 2 4" },
        { "model.fusion.depth>=3", "3 1" },
        { "params.model.fusion.depth<=2", "0 2 4" },
        { "depth>=3 and state=complete", "3" },
        { "depth<2 or state=pruned", "0 1" },
        { "state=failed or state=complete and depth=1", "0 2" },
        { "(state=failed or state=complete) and depth=1", "0" },
        { "not (depth>=3 or state=complete)", "2 4" },
        { "not not state=running", "4" },
        { "schedule=cosine", "3" },
        { "schedule='natural'", "0" },
        { "schedule ~ \"in\"", "3 1" },
        { "schedule != cosine", "0 1 2 4" }, /* also where there is none */
        { "schedule > a", "3 0 1" },
        { "reason ~ 'exit status'", "2" },
        { "val.loss<0.3", "3" },
        { "metrics.val.pr_auc=nan", "2" },
        { "value=nan", "2" },
        { "value!=nan", "3 0 1 4" },
        { "value<1", "3 0 1" }, /* NAN has no order, nothing neither */
        { "lr<1e-4", "1" },
        { "seconds > 60", "0 2" },
        { "depth=three", "" },
        { "trial ~ 0", "0" },
        { "study=shop and trial<1", "0" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text kept = TEXT_INIT;

        matches(cases[i].expression, &kept);
        if (strcmp(text_get(&kept), cases[i].trials) != 0)
            print_error("%s\n", cases[i].expression);
        assert_string_equal(text_get(&kept), cases[i].trials);
        text_clear(&kept);
    }
}

/* Parse 'expression' over the columns of 'shop', which must fail. */
static void refuse(const char *expression, struct error *err)
{
    struct columns known = { NULL, 0, 0 };
    struct tree *board = board_of(shop);

    assert_int_equal(
        columns_read(&known, (const struct tree *const[]){ board }, 1, err), 0);
    assert_null(where_parse(expression, &known, err));
    assert_int_equal(err->kind, ERROR_USAGE);
    columns_clear(&known);
    tree_destroy(board);
}

static void test_what_is_refused(void **state)
{
    static const struct {
        const char *expression, *where, *what;
    } cases[] = {
        { "", "--where:1", "expected a column at the end" },
        { "  ", "--where:3", "expected a column at the end" },
        { "trial", "--where:6",
          "expected an operator (= != < <= > >= ~) at the end" },
        { "trial ? 3", "--where:7",
          "expected an operator (= != < <= > >= ~) before '? 3'" },
        { "trial = ", "--where:9", "expected a value at the end" },
        { "trial=3 and", "--where:12", "expected a column at the end" },
        { "trial=3 trial=4", "--where:9",
          "expected 'and' or 'or' before 'trial=4'" },
        { "trial=3)", "--where:8", "expected 'and' or 'or' before ')'" },
        { "(trial=3", "--where:9", "expected 'and', 'or' or ')' at the end" },
        { "reason = 'x", "--where:12", "expected a closing quote at the end" },
        { "trial=3 and stat=failed", "--where:13", "no column 'stat'" },
        { "width>3", "--where:1", "column 'width' could be several" },
        { ">3", "--where:1", "expected a column before '>3'" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = ERROR_INIT;

        refuse(cases[i].expression, &err);
        assert_string_equal(err.where, cases[i].where);
        assert_string_equal(err.what, cases[i].what);
        assert_true(err.hint[0] != '\0');
    }
}

static void test_nearest_column(void **state)
{
    static const struct {
        const char *expression, *hint;
    } cases[] = {
        { "stat=failed", "did you mean 'state'?" },
        { "scedule=cosine", "did you mean 'schedule'?" },
        { "model.fusion.dept=1", "did you mean 'model.fusion.depth'?" },
        { "width=1", "'model.fusion.width' or 'model.text.width'?" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct error err = ERROR_INIT;

        refuse(cases[i].expression, &err);
        assert_string_equal(err.hint, cases[i].hint);
    }
}

/* However deep or long, the stack is safe. */
static void test_endless_expression(void **state)
{
    static const char *const pieces[] = { "(", "not ", "trial=1 and " };

    (void)state;
    for (size_t i = 0; i < sizeof pieces / sizeof pieces[0]; i++) {
        struct error err = ERROR_INIT;
        struct text text = TEXT_INIT;

        for (int n = 0; n < 10000; n++)
            text_append(&text, pieces[i]);
        text_append(&text, "trial=1");
        refuse(text_get(&text), &err);
        assert_non_null(strstr(err.what, "expected a shorter expression"));
        text_clear(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_kept),
        cmocka_unit_test(test_what_is_refused),
        cmocka_unit_test(test_nearest_column),
        cmocka_unit_test(test_endless_expression),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
