/* CSV as people write it: what each text gives, and where it is wrong.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "trainer/data/table/csv.h"

/* Every record as "line:field|field;", and "!line" for an error. */
static void format_all(struct csv *c, struct text *out, struct error *err)
{
    int more;
    while ((more = csv_next(c, err)) > 0) {
        text_format(out, "%zu:", c->record_line);
        for (size_t i = 0; i < c->field_count; i++)
            text_format(out, "%s%s", i ? "|" : "", csv_field(c, i));
        text_append_char(out, ';');
    }
    if (more < 0)
        text_append_char(out, '!');
}

struct example {
    const char *input;
    const char *output;
    const char *where; /* of the error, or NULL */
    const char *word;  /* in it */
};

static void check(const struct example *e, char separator, bool quotes)
{
    struct error err = ERROR_INIT;
    struct text out = TEXT_INIT;
    struct csv c;
    /* a copy of exactly that size, so that the sanitizer sees overruns */
    size_t size = strlen(e->input);
    char *data = malloc(size ? size : 1);
    assert_non_null(data);
    memcpy(data, e->input, size);
    csv_open(&c, "t.csv", data, size, separator, quotes);
    format_all(&c, &out, &err);
    assert_string_equal(text_get(&out), e->output);
    if (e->where) {
        assert_string_equal(err.where, e->where);
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.what, e->word));
        assert_true(err.hint[0]);
    } else {
        assert_int_equal(err.kind, ERROR_NONE);
    }
    csv_close(&c);
    text_clear(&out);
    free(data);
}

static void commas(void **state)
{
    const struct example examples[] = {
        { "", "", NULL, NULL },
        { "\n\r\n\n", "", NULL, NULL },
        { "a,b\n1,2\n", "1:a|b;2:1|2;", NULL, NULL },
        { "a,b\n1,2", "1:a|b;2:1|2;", NULL, NULL },
        { "a,b\r\n1,2\r\n", "1:a|b;2:1|2;", NULL, NULL },
        { "a,b\n\n\r\n1,2\n\n", "1:a|b;4:1|2;", NULL, NULL },
        { "\xEF\xBB\xBF"
          "a,b\n1,2\n",
          "1:a|b;2:1|2;", NULL, NULL },
        { "\xEF\xBB\xBF\"a\",b\n1,2\n", "1:a|b;2:1|2;", NULL, NULL },
        { "a,b\n,\n", "1:a|b;2:|;", NULL, NULL },
        { "a,b\n1,", "1:a|b;2:1|;", NULL, NULL },
        { "a,b\n\"\",\"\"", "1:a|b;2:|;", NULL, NULL },
        { "a,b\n\"x,y\",\"say \"\"hi\"\"\"\n", "1:a|b;2:x,y|say \"hi\";", NULL,
          NULL },
        { "a,b\n\"one\ntwo\r\nthree\",2\n3,4\n",
          "1:a|b;2:one\ntwo\r\nthree|2;5:3|4;", NULL, NULL },
        { "a,b\n\"\"\"\",x\n", "1:a|b;2:\"|x;", NULL, NULL },
        { "a,b\n5\" screen,x\n", "1:a|b;2:5\" screen|x;", NULL, NULL },
        { "a,b\n\rx,y\n", "1:a|b;2:\rx|y;", NULL, NULL },
        { "a,b\n 1 , 2 \n", "1:a|b;2: 1 | 2 ;", NULL, NULL },
        { "a,b\n\"1\",\"2\"", "1:a|b;2:1|2;", NULL, NULL },
        /* and what is wrong */
        { "a,b\n1\n", "1:a|b;!", "t.csv:2", "this row has 1 field," },
        { "a,b\n1,2\n\"3\n\n\",4,5\n", "1:a|b;2:1|2;!", "t.csv:3",
          "has 3 fields, the first line has 2" },
        { "a,b\n1,\"2\n3,4\n5,6\n", "1:a|b;!", "t.csv:2", "never closed" },
        { "a,b\n\"1\"x,2\n", "1:a|b;!", "t.csv:2", "after the closing" },
        { "a,b\n\"1\" ,2\n", "1:a|b;!", "t.csv:2", "after the closing" },
        { "a,b\n\"", "1:a|b;!", "t.csv:2", "never closed" },
        { "a,b\n1,2\n\"\"\"", "1:a|b;2:1|2;!", "t.csv:3", "never closed" },
    };
    (void)state;
    for (size_t i = 0; i < sizeof examples / sizeof *examples; i++)
        check(&examples[i], ',', true);
}

static void tabs_and_plain_quotes(void **state)
{
    const struct example tabs[] = {
        { "a\tb\n1,5\t\"x\ty\"\n", "1:a|b;2:1,5|x\ty;", NULL, NULL },
    };
    const struct example plain[] = {
        { "a\tb\n\"x\ty\"\n", "1:a|b;2:\"x|y\";", NULL, NULL },
        { "a\tb\n\"\t\"\n", "1:a|b;2:\"|\";", NULL, NULL },
    };
    (void)state;
    check(&tabs[0], '\t', true);
    check(&plain[0], '\t', false);
    check(&plain[1], '\t', false);
}

static void nul_bytes_are_named(void **state)
{
    const char *const files[] = { "a,b\n1,x\0y\n", "a,b\n1,\"x\0\"\n" };
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct error err = ERROR_INIT;
        struct csv c;
        csv_open(&c, "t.csv", files[i], 10, ',', true);
        assert_int_equal(csv_next(&c, &err), 1);
        assert_int_equal(csv_next(&c, &err), -1);
        assert_string_equal(err.where, "t.csv:2");
        assert_non_null(strstr(err.what, "NUL"));
        assert_non_null(strstr(err.hint, "iconv"));
        csv_close(&c);
    }
}

static void a_table_reads_twice(void **state)
{
    struct error err = ERROR_INIT;
    struct text first = TEXT_INIT, second = TEXT_INIT;
    const char data[] = "\xEF\xBB\xBF"
                        "a,b\n\"1\n\",2\n3,4\n";
    struct csv c;
    (void)state;
    csv_open(&c, "t.csv", data, sizeof data - 1, ',', true);
    format_all(&c, &first, &err);
    csv_rewind(&c);
    format_all(&c, &second, &err);
    assert_string_equal(text_get(&first), "1:a|b;2:1\n|2;4:3|4;");
    assert_string_equal(text_get(&first), text_get(&second));
    csv_close(&c);
    text_clear(&first);
    text_clear(&second);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commas),
        cmocka_unit_test(tabs_and_plain_quotes),
        cmocka_unit_test(nul_bytes_are_named),
        cmocka_unit_test(a_table_reads_twice),
    };
    return cmocka_run_group_tests_name("csv", tests, NULL, NULL);
}
