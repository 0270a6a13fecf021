/* Maps of leaf categories: what each leaf becomes, and each mistake at its line.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "trainer/data/pack/category_map.h"

static char path[] = "/tmp/sentei-map-XXXXXX";

static int make_file(void **state)
{
    int fd = mkstemp(path);

    (void)state;
    return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
    (void)state;
    return unlink(path);
}

static int read_map(struct category_map *m, const char *text, size_t size,
                    struct error *err)
{
    assert_int_equal(file_write(path, text, size, 0600, err), 0);
    return category_map_read(m, path, err);
}

static void test_leaves_become_classes(void **state)
{
    static const char text[] = "# leaf\tclass\n"
                               "Women/Bags/Tote\tbags\r\n"
                               "\n"
                               "Sale/Tote\t-> Old/Tote\n"
                               "Old/Tote\t-> Women/Bags/Tote\n"
                               "Hats\thats and caps\n"
                               "arrow\t->not a link\n"
                               "three\tfields\tthen\n"
                               "re\rturn\tturns\n"
                               "last\tclass";
    static const struct {
        const char *leaf, *class;
    } rows[] = {
        { "Women/Bags/Tote", "bags" },
        { "Sale/Tote", "bags" },
        { "Old/Tote", "bags" },
        { "Hats", "hats and caps" },
        { "arrow", "->not a link" },
        { "three", "fields\tthen" },
        { "re\rturn", "turns" },
        { "last", "class" },
        { "hats", NULL },
        { "bags", NULL },
        { "# leaf", NULL },
        { "", NULL },
    };
    struct error err = ERROR_INIT;
    struct category_map m;

    (void)state;
    assert_int_equal(read_map(&m, text, sizeof text - 1, &err), 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const char *class = category_map_find(&m, rows[i].leaf);

        if (rows[i].class)
            assert_string_equal(class, rows[i].class);
        else
            assert_null(class);
    }
    category_map_clear(&m);
}

static void test_a_map_may_be_empty(void **state)
{
    struct error err = ERROR_INIT;
    struct category_map m;

    (void)state;
    assert_int_equal(read_map(&m, "", 0, &err), 0);
    assert_null(category_map_find(&m, "a"));
    category_map_clear(&m);
}

static void test_mistakes_have_a_line(void **state)
{
    static const struct {
        const char *text, *where, *what;
    } rows[] = {
        { "a\tb\nno tab\n", ":2", "a tab and its class" },
        { "\tb\n", ":1", "a leaf" },
        { "a\t\n", ":1", "its class" },
        { "a\tb\n#\n\na\tc\n", ":4", "'a' is on line 1 already" },
        { "b\tc\na\t-> x\n", ":2", "'a' links to 'x', which is no leaf" },
        { "a\t-> b\nb\t-> c\nc\t-> b\n", ":1", "from 'a' go in a circle" },
        { "a\t-> a\n", ":1", "in a circle" },
        { "a\t-> \n", ":1", "no leaf" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = ERROR_INIT;
        struct category_map m;
        char where[64];

        snprintf(where, sizeof where, "%s%s", path, rows[i].where);
        assert_int_equal(read_map(&m, rows[i].text, strlen(rows[i].text), &err),
                         -1);
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_string_equal(err.where, where);
        assert_non_null(strstr(err.what, rows[i].what));
        assert_null(m.leaf);
    }
}

static void test_a_binary_file_is_none(void **state)
{
    struct error err = ERROR_INIT;
    struct category_map m;

    (void)state;
    assert_int_equal(read_map(&m, "a\tb\n\0c\td\n", 9, &err), -1);
    assert_non_null(strstr(err.what, "NUL"));
    assert_int_equal(category_map_read(&m, "/nonexistent/map", &err), -1);
    assert_int_equal(err.kind, ERROR_USAGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leaves_become_classes),
        cmocka_unit_test(test_a_map_may_be_empty),
        cmocka_unit_test(test_mistakes_have_a_line),
        cmocka_unit_test(test_a_binary_file_is_none),
    };

    return cmocka_run_group_tests(tests, make_file, remove_file);
}
