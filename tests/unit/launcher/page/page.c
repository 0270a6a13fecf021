/* The page's files are in the program, and a report is whole in itself.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/page/page.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

static void files_by_their_path(void **state)
{
    static const struct {
        const char *path, *begins;
    } rows[] = {
        { "/", "<!doctype html>" },
        { "/page.css", "/* The study's page" },
        { "/page.js", "/* page:" },
        { "/study.js", "/* study:" },
        { "/pictures.js", "/* pictures:" },
    };
    struct page_file file;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_true(page_find(rows[i].path, &file));
        assert_true(file.size > strlen(rows[i].begins));
        assert_memory_equal(file.data, rows[i].begins, strlen(rows[i].begins));
    }
    assert_true(page_find("/chart.js", &file));
    assert_non_null(memmem(file.data, file.size, "Chart.js", 8));
    assert_false(page_find("/../token", &file));
    assert_false(page_find("/v1/study", &file));
    assert_false(page_find("", &file));
}

/* How often 'word' stands in a text. */
static int count(const char *text, const char *word)
{
    int n = 0;

    for (const char *at = text; (at = strstr(at, word)); at += strlen(word))
        n++;
    return n;
}

static void a_report_names_no_other_file(void **state)
{
    struct tree *changes = tree_map();
    struct text out = TEXT_INIT;

    (void)state;
    tree_set_string(changes, "study", "</script><script>alert(1)</script>");
    page_begin(&out);
    page_data(changes, &out);
    page_end(&out);
    assert_false(out.failed);
    assert_int_equal(count(out.data, "<script src="), 0);
    assert_int_equal(count(out.data, "<link rel=\"stylesheet\""), 0);
    assert_int_equal(count(out.data, "class=\"data\""), 1);
    assert_int_equal(count(out.data, "alert(1)"), 1);
    assert_int_equal(count(out.data, "<script>alert(1)"), 0);
    assert_non_null(strstr(out.data, "\\u003c/script>\\u003cscript>alert(1)"));
    /* the data stand before the code that reads them */
    assert_true(strstr(out.data, "class=\"data\"") <
                strstr(out.data, "/* study: what"));
    text_clear(&out);
    tree_destroy(changes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_by_their_path),
        cmocka_unit_test(a_report_names_no_other_file),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
