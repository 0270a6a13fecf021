/* Command lines: read by a table, refused with the nearest option.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/options.h"

#include <string.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static bool flag;
static int64_t count;
static double rate, time_s;
static const char *file;
static struct option_list sets;

static const struct option_row rows[] = {
    { "flag", 'f', OPTION_FLAG, &flag, NULL, "a flag" },
    { "count", 'j', OPTION_INT, &count, "N", "a count" },
    { "rate", 0, OPTION_FLOAT, &rate, "X", "a rate" },
    { "time", 0, OPTION_SECONDS, &time_s, "TIME", "a time" },
    { "file", 'o', OPTION_STRING, &file, "FILE", "a file" },
    { "set", 0, OPTION_STRINGS, &sets, "K=V", "many" },
    { 0 },
};
static const struct options options = { "sentei test", "X [options]", "A test.",
                                        NULL, rows };

static void options_and_the_rest(void **state)
{
    char *argv[] = { "test",  "a",   "-fj3",      "--rate=0.5", "b",
                     "--set", "x=1", "--set=y=2", "--time",     "2m",
                     "-o",    "out", "--",        "-c",         NULL };
    struct error err = ERROR_INIT;
    char **rest;
    int n;

    (void)state;
    assert_int_equal(options_parse(&options, 14, argv, &rest, &n, &err), 0);
    assert_true(flag && count == 3 && rate == 0.5 && time_s == 120);
    assert_string_equal(file, "out");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_and_the_rest),
        cmocka_unit_test(refusals),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
