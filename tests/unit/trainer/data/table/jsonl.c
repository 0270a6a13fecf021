/* JSON Lines: what each line gives, and where it is wrong.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "trainer/data/table/jsonl.h"

static const char *const columns[] = { "a", "b" };

static const struct example {
    const char *input;
    const char *output; /* "line:a|b;" a record, "!" for an error */
    const char *where;  /* of the error, or NULL */
    const char *word;   /* in it */
} examples[] = {
    { "", "", NULL, NULL },
    { "\n\r\n", "", NULL, NULL },
    { "{\"a\": 1, \"b\": \"x\"}\n", "1:1|x;", NULL, NULL },
    { "\xEF\xBB\xBF{\"b\":\"x\",\"c\":[{}],\"a\":1}", "1:1|x;", NULL, NULL },
    { "{\"a\":1}\r\n\n{\"b\":2}\r\n", "1:1|;3:|2;", NULL, NULL },
    { "{\"a\":null,\"b\":true}\n{\"a\":-0.5,\"b\":false}\n",
      "1:|true;2:-0.5|false;", NULL, NULL },
    { "{\"a\":[1,2.5,[3,null]],\"b\":[]}\n", "1:1 2.5 3 |;", NULL, NULL },
    { "{\"a\":\"l\\nm\",\"b\":\"\\u00e9\"}\n", "1:l\nm|\xC3\xA9;", NULL, NULL },
    { "{\"a\":9223372036854775807,\"b\":0.1}", "1:9223372036854775807|0.1;",
      NULL, NULL },
    { "{\"a\":1,\"b\":2}\n{\"a\":{}}\n", "1:1|2;!", "t.jsonl:2",
      "'a' holds an object" },
    { "{\"a\":1,\"b\":[[{}]]}\n", "!", "t.jsonl:1", "'b' holds an object" },
    { "\n[1,2]\n", "!", "t.jsonl:2", "expected an object, found a list" },
    { "{\"a\":1,\"b\":2}\n{\"a\":\n1}\n", "1:1|2;!", "t.jsonl:2", "JSON" },
    { "{\"a\":1,\"a\":2}\n", "!", "t.jsonl:1", "duplicate" },
    { "{\"a\":\"\\u0000\"}\n", "!", "t.jsonl:1", "JSON" },
    { "{\"a\":\"\xFF\"}\n", "!", "t.jsonl:1", "JSON" },
    { "{\"a\":1,\"B\":2}\n{\"a\":3}\n", "1:1|;2:3|;!", "t.jsonl",
      "no line has the key 'b'" },
};

static void check(const struct example *e)
{
    struct error err = ERROR_INIT;
    struct text out = TEXT_INIT;
    struct jsonl j;
    int more;
    /* a copy of exactly that size, so that the sanitizer sees overruns */
    size_t size = strlen(e->input);
    char *data = malloc(size ? size : 1);

    assert_non_null(data);
    memcpy(data, e->input, size);
    assert_int_equal(jsonl_open(&j, "t.jsonl", data, size, columns, 2, &err),
                     0);
    while ((more = jsonl_next(&j, &err)) > 0)
        text_format(&out, "%zu:%s|%s;", j.record_line, jsonl_field(&j, 0),
                    jsonl_field(&j, 1));
    text_append(&out, more < 0 ? "!" : "");
    assert_string_equal(text_get(&out), e->output);
    assert_string_equal(err.where, e->where ? e->where : "");
    if (e->where) {
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.what, e->word));
    }
    jsonl_close(&j);
    text_clear(&out);
    free(data);
}

static void lines(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        check(&examples[i]);
}

static void a_misspelt_column_is_told_the_nearest_key(void **state)
{
    static const char data[] = "{\"price\":1,\"title\":\"x\"}\n";
    static const char *const wanted[] = { "title", "prise" };
    struct error err = ERROR_INIT;
    struct jsonl j;

    (void)state;
    assert_int_equal(
        jsonl_open(&j, "t", data, sizeof data - 1, wanted, 2, &err), 0);
    assert_int_equal(jsonl_next(&j, &err), 1);
    assert_int_equal(jsonl_next(&j, &err), -1);
    assert_non_null(strstr(err.what, "'prise'"));
    assert_non_null(strstr(err.hint, "'price'"));
    jsonl_close(&j);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines),
        cmocka_unit_test(a_misspelt_column_is_told_the_nearest_key),
    };
    return cmocka_run_group_tests_name("jsonl", tests, NULL, NULL);
}
