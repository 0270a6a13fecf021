/* JSON: read, refused, written back equal.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <math.h>
#include <string.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

extern long allocations_left; /* tests/scarce/allocate */

static struct tree *parse(const char *text, struct error *err)
{
    return json_parse(text, strlen(text), "body", err);
}

static void read_and_written_back(void **state)
{
    static const char *const texts[] = {
        "{\"a\":1,\"b\":[true,false,null,1.5,-2],\"c\":{\"d\":\"\"}}",
        "\"quote \\\" backslash \\\\ newline \\n bell \\u0007\"",
        "[0.1,1e-300,12345678901234567]",
        "[]",
        "1.0",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct error err = ERROR_INIT;
        struct tree *t = parse(texts[i], &err);
        struct text out = TEXT_INIT;

        assert_non_null(t);
        json_format(t, &out);
        assert_string_equal(text_get(&out), texts[i]);
        text_clear(&out);
        tree_destroy(t);
    }
}

static void pretty_is_the_same_value(void **state)
{
    struct error err = ERROR_INIT;
    struct tree *t = parse("{\"a\":[1,{\"b\":[]}],\"c\":2}", &err), *back;
    struct text out = TEXT_INIT;

    (void)state;
    json_format_pretty(t, &out);
    assert_non_null(strstr(text_get(&out), "\n  \"a\": [\n    1,\n"));
    back = parse(text_get(&out), &err);
    assert_true(tree_equal(t, back));
    tree_destroy(back);
    tree_destroy(t);
    text_clear(&out);
}

static void numbers_json_has_no_word_for(void **state)
{
    struct tree *list = tree_list();
    struct text out = TEXT_INIT;

    (void)state;
    tree_append(list, tree_float(NAN));
    tree_append(list, tree_float(-INFINITY));
    json_format(list, &out);
    assert_string_equal(text_get(&out), "[\"nan\",\"-inf\"]");
    text_clear(&out);
    tree_destroy(list);
}

/* A log line cut in the middle of a character may not make a reply unreadable. */
static void bytes_that_are_no_utf8_are_replaced(void **state)
{
    static const struct {
        const char *raw, *written;
    } rows[] = { { "ab\xe5\x89", "\"ab\\ufffd\\ufffd\"" },
                 { "\xff \xc0\xaf", "\"\\ufffd \\ufffd\\ufffd\"" },
                 { "\xe5\x89\xaa", "\"\xe5\x89\xaa\"" } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct error err = ERROR_INIT;
        struct tree *t = tree_string(rows[i].raw), *back;
        struct text out = TEXT_INIT;

        json_format(t, &out);
        assert_string_equal(text_get(&out), rows[i].written);
        back = parse(text_get(&out), &err);
        assert_non_null(back);
        tree_destroy(back);
        tree_destroy(t);
        text_clear(&out);
    }
}

static void refused(void **state)
{
    static const char *const texts[] = {
        "",         "{",    "{\"a\":1,\"a\":2}",
        "[1] 2",    "nan",  "{'a':1}",
        "\"\xff\"", "[1,]", "1e999"
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct error err = ERROR_INIT;

        if (parse(texts[i], &err))
            fail_msg("'%s' was read", texts[i]);
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_memory_equal(err.where, "body:", 5);
    }
}

/* Also in the middle of a text that is longer than jansson's first buffers. */
static void lack_of_memory_is_said_and_leaves_nothing(void **state)
{
    static const char json[] =
        "{\"long\": \"0123456789012345678901234567890123456789012345678901234"
        "5678901234567890123456789\", \"list\": [1, 2.5, true, {\"b\": null}]}";
    bool lacked = true;

    (void)state;
    for (long left = 0; lacked; left++) {
        struct error err = ERROR_INIT;
        struct tree *t;

        allocations_left = left;
        t = json_parse(json, sizeof json - 1, "test", &err);
        lacked = allocations_left < 0;
        allocations_left = -1;
        assert_true(lacked == !t);
        assert_int_equal(err.kind, lacked ? ERROR_FAILURE : ERROR_NONE);
        tree_destroy(t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(read_and_written_back),
        cmocka_unit_test(pretty_is_the_same_value),
        cmocka_unit_test(numbers_json_has_no_word_for),
        cmocka_unit_test(bytes_that_are_no_utf8_are_replaced),
        cmocka_unit_test(refused),
        cmocka_unit_test(lack_of_memory_is_said_and_leaves_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
