/* Tables: a file's name says how it is read, columns are found by their names,
 * and what is wrong with a file is said of it.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "trainer/data/table/table.h"

static const char *const columns[] = { "price", "title" };
static const struct table_form form = { ',', true };

/* Every row of a file of that name and content as "line:price|title;". Returns
 * the error of opening or reading it. */
static struct error read_file(const char *name, const char *content,
                              struct text *out)
{
    struct error err = ERROR_INIT;
    const char *field[2];
    struct table t;
    char path[64];
    int more = -1;

    snprintf(path, sizeof path, "/tmp/sentei-table-%d-%s", (int)getpid(), name);
    assert_int_equal(file_write(path, content, strlen(content), 0600, &err), 0);
    text_reset(out);
    if (table_open(&t, path, &form, columns, 2, &err) == 0) {
        while ((more = table_next(&t, field, &err)) > 0)
            text_format(out, "%zu:%s|%s;", table_line(&t), field[0], field[1]);
        table_close(&t);
    }
    assert_int_equal(more < 0, err.kind != ERROR_NONE);
    assert_int_equal(unlink(path), 0);
    return err;
}

static void the_name_says_how_it_is_read(void **state)
{
    static const char csv[] = "title,kind,price\nhat,a,3\n\"b,c\",,\n";
    static const char lines[] = "{\"price\": 3, \"title\": \"hat\"}\n"
                                "{\"title\": \"b,c\", \"kind\": {}}\n";
    struct text out = TEXT_INIT;

    (void)state;
    assert_int_equal(read_file("x.csv", csv, &out).kind, ERROR_NONE);
    assert_string_equal(text_get(&out), "2:3|hat;3:|b,c;");
    assert_int_equal(read_file("x.txt", csv, &out).kind, ERROR_NONE);
    assert_int_equal(read_file("x.jsonl", lines, &out).kind, ERROR_NONE);
    assert_string_equal(text_get(&out), "1:3|hat;2:|b,c;");
    assert_int_equal(read_file("x.ndjson", lines, &out).kind, ERROR_NONE);
    assert_int_equal(read_file("x.jsonl", "", &out).kind, ERROR_NONE);
    assert_string_equal(text_get(&out), "");
    text_clear(&out);
}

static void columns_of_csv_are_in_its_first_line(void **state)
{
    static const struct {
        const char *content, *word, *hint;
    } rows[] = {
        { "", "is empty", "name the columns" },
        { "titel,price\n", "no column 'title'", "'titel'" },
        { "a,price\n", "no column 'title'", "first of 2 is 'a'" },
        { "price,title,price\n", "2 columns are called 'price'", "" },
        { "price,title\n1\n", "1 field", "" },
    };
    struct text out = TEXT_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = read_file("x.csv", rows[i].content, &out);

        assert_int_equal(err.kind, ERROR_USAGE);
        assert_non_null(strstr(err.what, rows[i].word));
        assert_non_null(strstr(err.hint, rows[i].hint));
    }
    text_clear(&out);
}

static void a_file_that_is_none(void **state)
{
    struct error err = ERROR_INIT;
    struct table t;

    (void)state;
    assert_int_equal(
        table_open(&t, "/nonexistent/x.csv", &form, columns, 2, &err), -1);
    assert_non_null(strstr(err.what, "/nonexistent/x.csv"));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_int_equal(table_open(&t, "/tmp", &form, columns, 2, &err), -1);
    assert_non_null(strstr(err.what, "no regular file"));
    table_close(&t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_name_says_how_it_is_read),
        cmocka_unit_test(columns_of_csv_are_in_its_first_line),
        cmocka_unit_test(a_file_that_is_none),
    };
    return cmocka_run_group_tests_name("table", tests, NULL, NULL);
}
