/* assign: what a shell reads back is what the trial had.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/view/assign.h"
#include "tests/unit/launcher/view/boards.h"

static const char params[] =
    "{\"model.depth\": 3, \"lr\": 1.25e-05, \"2nd\": -1,"
    " \"on\": true, \"none\": null, \"empty\": \"\","
    " \"words\": \"it's $(rm) `x` \\\"q\\\"\\nnext\", \"x-y\": \"~\"}";

static void test_env_text(void **state)
{
    struct error err = ERROR_INIT;
    struct tree *t = board_of(params);
    struct text out = TEXT_INIT;

    (void)state;
    assert_int_equal(assign_env(t, &out, &err), 0);
    assert_string_equal(text_get(&out),
                        "model_depth=3\n"
                        "lr=1.25e-05\n"
                        "_2nd=-1\n"
                        "on=true\n"
                        "none=null\n"
                        "empty=''\n"
                        "words='it'\\''s $(rm) `x` \"q\"\nnext'\n"
                        "x_y='~'\n");
    text_clear(&out);
    tree_destroy(t);
}

static void test_args_text(void **state)
{
    struct tree *t = board_of(params);
    struct text out = TEXT_INIT;

    (void)state;
    assign_args(t, &out);
    assert_string_equal(text_get(&out),
                        "--model.depth 3 --lr 1.25e-05 --2nd -1 --on true "
                        "--none null --empty '' --words 'it'\\''s $(rm) `x` "
                        "\"q\"\nnext' --x-y '~'\n");
    text_clear(&out);
    tree_destroy(t);
}

/* A real shell agrees. */
static void test_shell_reads_back(void **state)
{
    struct error err = ERROR_INIT;
    struct tree *t = board_of(params);
    struct text script = TEXT_INIT;
    char answer[64] = "";

    (void)state;
    assert_int_equal(assign_env(t, &script, &err), 0);
    text_append(&script, "[ \"$words\" = 'it'\"'\"'s $(rm) `x` \"q\"\n"
                         "next' ] && printf %s \"$model_depth,$x_y\"\n");
    assert_int_equal(setenv("SCRIPT", text_get(&script), 1), 0);
    FILE *shell = popen("eval \"$SCRIPT\"", "r");

    assert_non_null(shell);
    assert_non_null(fgets(answer, sizeof answer, shell));
    assert_int_equal(pclose(shell), 0);
    assert_string_equal(answer, "3,~");
    text_clear(&script);
    tree_destroy(t);
}

static void test_names_that_meet(void **state)
{
    struct error err = ERROR_INIT;
    struct tree *t = board_of("{\"a.b\": 1, \"a_b\": 2}");
    struct text out = TEXT_INIT;

    (void)state;
    assert_int_equal(assign_env(t, &out, &err), -1);
    assert_string_equal(err.what, "'a.b' and 'a_b' have the same name in a "
                                  "shell");
    text_clear(&out);
    tree_destroy(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_env_text),
        cmocka_unit_test(test_args_text),
        cmocka_unit_test(test_shell_reads_back),
        cmocka_unit_test(test_names_that_meet),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
