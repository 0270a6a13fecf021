/* The grid and what it is made of: widths, cuts, forms of numbers, curves.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "launcher/format/display.h"
#include "launcher/format/grid.h"
#include "launcher/format/sparkline.h"

static void test_clean_and_width(void **state)
{
    static const struct {
        const char *raw, *clean, *ascii;
        int width;
    } cases[] = {
        { "plain", "plain", "plain", 5 },
        { "", "", "", 0 },
        { "a\nb\tc", "a\\nb\\tc", "a\\nb\\tc", 7 },
        { "\033[31m", "\\x1b[31m", "\\x1b[31m", 8 },
        { "\x7f", "\\x7f", "\\x7f", 4 },
        { "\xc2\x85", "\\u0085", "\\u0085", 6 },
        { "\u202eabc", "\\u202eabc", "\\u202eabc", 9 },
        { "\u200b", "\\u200b", "\\u200b", 6 },
        { "\xff\xfe", "\\xff\\xfe", "\\xff\\xfe", 8 },
        { "\xc0\xaf", "\\xc0\\xaf", "\\xc0\\xaf", 8 }, /* overlong '/' */
        { "\xed\xa0\x80", "\\xed\\xa0\\x80", "\\xed\\xa0\\x80", 12 },
        { "\xe5\x89", "\\xe5\\x89", "\\xe5\\x89", 8 }, /* cut short */
        { "é", "é", "?", 1 },
        { "1 ± 2", "1 ± 2", "1 +- 2", 5 },
        { "e\u0301", "e\u0301", "e?", 1 },
        { "剪定", "剪定", "??", 4 },
        { "🌱", "🌱", "?", 2 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text clean = TEXT_INIT, ascii = TEXT_INIT;

        display_clean(cases[i].raw, true, &clean);
        display_clean(cases[i].raw, false, &ascii);
        assert_string_equal(text_get(&clean), cases[i].clean);
        assert_string_equal(text_get(&ascii), cases[i].ascii);
        assert_int_equal(display_width(text_get(&clean)), cases[i].width);
        text_clear(&clean);
        text_clear(&ascii);
    }
}

static void test_cut(void **state)
{
    static const struct {
        const char *text;
        int width;
        bool utf8;
        const char *cut;
        int taken;
    } cases[] = {
        { "schedule", 8, true, "schedule", 8 },
        { "schedule", 7, true, "schedu…", 7 },
        { "schedule", 7, false, "sched..", 7 },
        { "剪定選定", 6, true, "剪定…", 5 }, /* no half character */
        { "剪定選定", 1, true, "", 0 },
        { "schedule", 1, false, "s", 1 },
        { "schedule", 0, true, "", 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text out = TEXT_INIT;
        int taken =
            display_cut(cases[i].text, cases[i].width, cases[i].utf8, &out);

        assert_string_equal(text_get(&out), cases[i].cut);
        assert_int_equal(taken, cases[i].taken);
        text_clear(&out);
    }
}

static void test_wrap(void **state)
{
    static const struct {
        const char *line;
        int width, indent;
        const char *lines;
    } rows[] = {
        { "  key  one two three", 0, 7, "  key  one two three\n" },
        { "  key  one two three", 20, 7, "  key  one two three\n" },
        { "  key  one two three", 15, 7, "  key  one two\n       three\n" },
        { "  key  one   two", 12, 7, "  key  one\n       two\n" },
        { "k  {\"a\":1,\"b\":2}", 11, 3, "k  {\"a\":1,\n   \"b\":2}\n" },
        { "k  unbreakable x", 6, 3, "k  unbreakable\n   x\n" },
        { "k  \u526a\u5b9a \u9078\u5b9a", 8, 3,
          "k  \u526a\u5b9a\n   \u9078\u5b9a\n" },
        { "", 10, 3, "\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text out = TEXT_INIT;

        display_wrap(rows[i].line, rows[i].width, rows[i].indent, &out);
        assert_string_equal(text_get(&out), rows[i].lines);
        text_clear(&out);
    }
}

/* A column of numbers, one below the other, is written so. */
static void test_forms(void **state)
{
    static const struct {
        double numbers[4];
        const char *shown, *exact;
    } cases[] = {
        { { 1, 20, 300, -4 }, "1 20 300 -4", "1 20 300 -4" },
        { { 0.5, 0.25, 0.125, 1 },
          "0.500 0.250 0.125 1.000",
          "0.5 0.25 0.125 1" },
        { { 0.123456, 0.1, 0, 1 },
          "0.1235 0.1000 0.0000 1.0000",
          "0.123456 0.1 0 1" },
        { { 0.1, 0.2, 0.3, 0.4 }, "0.1 0.2 0.3 0.4", "0.1 0.2 0.3 0.4" },
        { { 123.456, 1, 2, 3 }, "123.46 1.00 2.00 3.00", "123.456 1 2 3" },
        { { 12345.678, 1, 2, 3 },
          "12345.68 1.00 2.00 3.00",
          "12345.678 1 2 3" },
        { { 1e-5, 0.00123456, 0.1, 0 },
          "1e-05 0.00123 0.1 0",
          "1e-05 0.00123456 0.1 0" },
        { { 0.00111, 0.9, 0.01, 0 },
          "0.00111 0.90000 0.01000 0.00000",
          "0.00111 0.9 0.01 0" },
        { { 1e20, 1, 2, 3 }, "1e+20 1 2 3", "1e+20 1 2 3" },
        { { NAN, 0.5, INFINITY, -INFINITY },
          "nan 0.5 inf -inf",
          "nan 0.5 inf -inf" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct table t;
        struct text shown = TEXT_INIT, exact = TEXT_INIT;

        table_init(&t);
        table_column(&t, "x", "x", false);
        for (int n = 0; n < 4; n++) {
            table_row(&t, ROW_PLAIN);
            table_cell(&t, cell_number(cases[i].numbers[n]));
        }
        assert_true(table_ok(&t));
        for (int n = 0; n < 4; n++) {
            text_append(&shown, n ? " " : "");
            cell_show(&t.cells[n], table_form(&t, 0), &shown);
            text_append(&exact, n ? " " : "");
            cell_write(&t.cells[n], &exact);
        }
        assert_string_equal(text_get(&shown), cases[i].shown);
        assert_string_equal(text_get(&exact), cases[i].exact);
        text_clear(&shown);
        text_clear(&exact);
        table_clear(&t);
    }
}

/* Three columns, two rows; the last two columns may give way. */
static void fill(struct table *t)
{
    table_init(t);
    table_column(t, "id", "id", false);
    table_column(t, "a.schedule", "a.schedule", true);
    table_column(t, "b.width", "b.width", true);
    table_row(t, ROW_BEST);
    table_cell(t, cell_number(1));
    table_cell(t, cell_text("剪定-natural"));
    table_cell(t, cell_number(1024));
    table_row(t, ROW_DIM);
    table_cell(t, cell_number(20));
    table_cell(t, cell_text("x"));
    table_cell(t, cell_text(NULL));
}

static void test_screens(void **state)
{
    static const struct {
        struct screen screen;
        const char *text;
    } cases[] = {
        { { 0, false, true },
          "  id  a.schedule    b.width\n"
          "*  1  剪定-natural     1024\n"
          "  20  x\n" },
        { { 27, true, true },
          "\033[1m  id  a.schedule    b.width\033[0m\n"
          "\033[1m*  1  剪定-natural     1024\033[0m\n"
          "\033[2m  20  x\033[0m\n" },
        { { 26, false, true },
          "  id  schedule      width\n"
          "*  1  剪定-natural   1024\n"
          "  20  x\n" },
        { { 22, false, true },
          "  id  schedule   width\n"
          "*  1  剪定-nat…   1024\n"
          "  20  x\n" },
        { { 20, false, false },
          "  id  schedule\n"
          "*  1  ?\?-natural\n"
          "  20  x\n"
          "(1 more on a wider..\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct table t;
        struct text out = TEXT_INIT;

        fill(&t);
        grid_print(&t, &cases[i].screen, &out);
        assert_string_equal(text_get(&out), cases[i].text);
        text_clear(&out);
        table_clear(&t);
    }
}

/* At no width is a line wider than the screen. */
static void test_never_wraps(void **state)
{
    (void)state;
    for (int width = 20; width < 60; width++) {
        struct table t;
        struct text out = TEXT_INIT;
        struct screen screen = { width, false, true };

        fill(&t);
        grid_print(&t, &screen, &out);
        for (char *line = strtok(out.data, "\n"); line;
             line = strtok(NULL, "\n"))
            assert_true(display_width(line) <= width);
        text_clear(&out);
        table_clear(&t);
    }
}

static void test_sparkline(void **state)
{
    static const struct {
        double values[8];
        size_t count, width;
        bool utf8;
        const char *line;
    } cases[] = {
        { { 0, 1, 2, 3, 4, 5, 6, 7 }, 8, 8, true, "▁▂▃▄▅▆▇█" },
        { { 0, 1, 2, 3, 4, 5, 6, 7 }, 8, 8, false, "_.,-~=*#" },
        { { 0, 1, 2, 3, 4, 5, 6, 7 }, 8, 4, true, "▁▃▆█" },
        { { 5, 5, 5 }, 3, 8, true, "▅▅▅" },
        { { 1, NAN, 3, INFINITY }, 4, 8, true, "▁ █ " },
        { { NAN }, 1, 8, true, " " },
        { { 0 }, 0, 8, true, "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct text out = TEXT_INIT;

        sparkline_print(cases[i].values, cases[i].count, cases[i].width,
                        cases[i].utf8, &out);
        assert_string_equal(text_get(&out), cases[i].line);
        text_clear(&out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clean_and_width),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_wrap),
        cmocka_unit_test(test_forms),
        cmocka_unit_test(test_screens),
        cmocka_unit_test(test_never_wraps),
        cmocka_unit_test(test_sparkline),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
