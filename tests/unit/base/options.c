/* Command lines: read by a table, refused with the nearest option.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/options.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static bool flag;
static int64_t count;
static double rate, time_s;
static const char *file;
static int format;
static struct option_list sets;

static const struct option_row rows[] = {
    { "flag", 'f', OPTION_FLAG, &flag, NULL, "a flag" },
    { "count", 'j', OPTION_INT, &count, "N", "a count" },
    { "rate", 0, OPTION_FLOAT, &rate, "X", "a rate" },
    { "time", 0, OPTION_SECONDS, &time_s, "TIME", "a time" },
    { "file", 'o', OPTION_STRING, &file, "FILE", "a file" },
    { "format", 0, OPTION_CHOICE, &format, "table|json|csv", "a choice" },
    { "set", 0, OPTION_STRINGS, &sets, "K=V", "many" },
    { 0 },
};
static const struct options options = { "sentei test", "X [options]", "A test.",
                                        NULL, rows };

static void options_and_the_rest(void **state)
{
    char *argv[] = { "test",  "a",   "-fj3",      "--rate=0.5", "b",
                     "--set", "x=1", "--set=y=2", "--time",     "2m",
                     "-o",    "out", "--format",  "csv",        "--",
                     "-c",    NULL };
    struct error err = ERROR_INIT;
    char **rest;
    int n;

    (void)state;
    assert_int_equal(options_parse(&options, 16, argv, &rest, &n, &err), 0);
    assert_true(flag && count == 3 && rate == 0.5 && time_s == 120);
    assert_string_equal(file, "out");
    assert_int_equal(format, 2);
    assert_int_equal(sets.count, 2);
    assert_string_equal(sets.items[1], "y=2");
    assert_int_equal(n, 3);
    assert_string_equal(rest[0], "a");
    assert_string_equal(rest[2], "-c");
}

static void refusals(void **state)
{
    static const struct {
        const char *word, *what, *hint;
    } cases[] = {
        { "--cuont=3", "unknown option '--cuont=3'", "'--count'?" },
        { "--zzzzzz", "unknown option '--zzzzzz'", "test --help" },
        { "-q", "unknown option '-q'", "test --help" },
        { "--count", "option '--count' needs a value", "test --help" },
        { "-j", "option '-j' needs a value", "test --help" },
        { "--count=x", "--count: expected a whole number, found 'x'",
          "--help" },
        { "--rate=", "--rate: expected a number, found ''", "--help" },
        { "--format=jsno",
          "--format: expected table, json or csv, found 'jsno'", "'json'?" },
        { "--format=xml", "--format: expected table", "--help" },
        { "--time=1:99", "--time: expected a time", "--help" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *argv[] = { "test", (char *)cases[i].word, NULL };
        struct error err = ERROR_INIT;
        char **rest;
        int n;

        assert_int_equal(options_parse(&options, 2, argv, &rest, &n, &err), -1);
        assert_int_equal(err.kind, ERROR_USAGE);
        if (!strstr(err.what, cases[i].what) ||
            !strstr(err.hint, cases[i].hint))
            fail_msg("%s: '%s', '%s'", cases[i].word, err.what, err.hint);
    }
}

/* What options_help() prints. */
static void read_help(const struct options *o, char *text, size_t size)
{
    FILE *stream = tmpfile();
    int out = dup(1);

    assert_non_null(stream);
    fflush(stdout);
    dup2(fileno(stream), 1);
    options_help(o);
    fflush(stdout);
    dup2(out, 1);
    close(out);
    rewind(stream);
    text[fread(text, 1, size - 1, stream)] = '\0';
    fclose(stream);
}

static void help_fits_a_terminal(void **state)
{
    static const struct option_row two[] = {
        { "all", 'a', OPTION_FLAG, &flag, NULL,
          "a flag about which so much can be said that it needs two lines" },
        { "a-name-that-is-long", 0, OPTION_STRING, &file, "FILE", "a file" },
        { 0 },
    };
    static const struct options o = {
        "sentei test", "X [options]",
        "Written on\nlines that end anywhere, it is laid out anew so that no "
        "line is too long.",
        "  sentei test 1\nsentei test 2", two
    };
    char text[2000];

    (void)state;
    read_help(&o, text, sizeof text);
    assert_string_equal(
        text, "usage: sentei test X [options]\n\n"
              "Written on lines that end anywhere, it is laid out anew so that "
              "no line is too\nlong.\n\n"
              "options:\n"
              "  -a, --all                   a flag about which so much can be "
              "said that it\n"
              "                              needs two lines\n"
              "      --a-name-that-is-long FILE\n"
              "                              a file\n"
              "  -h, --help                  this text\n\n"
              "examples:\n  sentei test 1\n  sentei test 2\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_the_rest),
        cmocka_unit_test(refusals),
        cmocka_unit_test(help_fits_a_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
