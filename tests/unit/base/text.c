/* Strings that grow, and quantities as people write them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/text.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static void grows_and_is_taken(void **state)
{
    struct text t = TEXT_INIT;
    char *taken;

    (void)state;
    for (int i = 0; i < 1000; i++)
        text_format(&t, "%d,", i);
    assert_int_equal(t.size, strlen(t.data));
    assert_memory_equal(t.data, "0,1,2,3,", 8);
    taken = text_take(&t);
    assert_non_null(taken);
    assert_null(t.data);
    assert_string_equal(text_get(&t), "");
    free(taken);
    taken = text_take(&t);
    assert_string_equal(taken, "");
    free(taken);
}

static void doubles_read_back_equal(void **state)
{
    const double values[] = { 0.1,         1.0 / 3,   1e-300, -0.0,
                              123456789.0, 0x1p-1074, M_PI,   1e22 };

    (void)state;
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        struct text t = TEXT_INIT;
        double back;

        text_append_double(&t, values[i]);
        assert_int_equal(text_to_double(text_get(&t), &back), 0);
        assert_memory_equal(&back, &values[i], sizeof back);
        text_clear(&t);
    }
}

static void quantities(void **state)
{
    static const struct {
        const char *string;
        double seconds; /* -1: refused */
        int64_t bytes;  /* -1: refused */
    } rows[] = {
        { "0", 0, 0 },
        { "90", 90, 90 },
        { "90s", 90, -1 },
        { "15m", 900, 15 * 1048576 },
        { "4h", 14400, -1 },
        { "04:00:00", 14400, -1 },
        { "30:00", 1800, -1 },
        { "2-12:00:00", 216000, -1 },
        { "2-12", -1, -1 },
        { "1:60", -1, -1 },
        { "1:2:3:4", -1, -1 },
        { "::", -1, -1 },
        { "64G", -1, INT64_C(64) << 30 },
        { "1.5k", -1, 1536 },
        { "64GB", -1, -1 },
        { "", -1, -1 },
        { "-1", -1, -1 },
        { " 1", -1, -1 },
        { "nan", -1, -1 },
        { "99999999999P", -1, -1 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        double seconds = -1;
        int64_t bytes = -1;

        text_to_seconds(rows[i].string, &seconds);
        text_to_bytes(rows[i].string, &bytes);
        if (seconds != rows[i].seconds || bytes != rows[i].bytes)
            fail_msg("'%s' read as %g s, %jd bytes", rows[i].string, seconds,
                     (intmax_t)bytes);
    }
}

static void whole_numbers_are_strict(void **state)
{
    static const char *const bad[] = {
        "", " 1", "1 ", "0x10", "1.0", "+-1", "9223372036854775808", "-"
    };
    int64_t value = 7;

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(text_to_int(bad[i], &value), -1);
    assert_int_equal(value, 7);
    assert_int_equal(text_to_int("-42", &value), 0);
    assert_int_equal(value, -42);
}

static void durations_read_well(void **state)
{
    static const struct {
        double seconds;
        const char *words;
    } rows[] = { { 0.84, "0.8 s" },      { 9.94, "9.9 s" },
                 { 42, "42 s" },         { 200, "3 min 20 s" },
                 { 7500, "2 h 05 min" }, { 273600, "3 d 4 h" },
                 { INFINITY, "?" } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text t = TEXT_INIT;

        text_append_duration(&t, rows[i].seconds);
        assert_string_equal(text_get(&t), rows[i].words);
        text_clear(&t);
    }
}

static void nothing_steers_the_terminal(void **state)
{
    static const struct {
        const char *raw, *plain;
    } rows[] = { { "exit status 3", "exit status 3" },
                 { "\033[2Jgone\n", "?[2Jgone?" },
                 { "\xc2\x9b"
                   "31m",
                   "??31m" },
                 { "\xe5\x89\xaa\xe5", "\xe5\x89\xaa?" } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *s = text_copy(rows[i].raw);

        text_make_plain(s);
        assert_string_equal(s, rows[i].plain);
        free(s);
    }
}

static void nearest_word(void **state)
{
    static const char *const words[] = { "sampler", "pruner", "seed", "lr" };
    static const struct {
        const char *word, *near;
    } rows[] = { { "samplre", "sampler" },
                 { "prunner", "pruner" },
                 { "sed", "seed" },
                 { "SEED", NULL },
                 { "zebra", NULL },
                 { "x", NULL },
                 { "", NULL } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *near = text_nearest(rows[i].word, words, 4);

        if (rows[i].near)
            assert_string_equal(near, rows[i].near);
        else
            assert_null(near);
    }
}

static void shell_words(void **state)
{
    static const struct {
        const char *word, *quoted;
    } rows[] = { { "plain-word_1.5,a=b", "plain-word_1.5,a=b" },
                 { "", "''" },
                 { "two words", "'two words'" },
                 { "$(rm x)", "'$(rm x)'" },
                 { "it's", "'it'\\''s'" },
                 { "line\nbreak", "'line\nbreak'" } };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct text t = TEXT_INIT;

        text_append_quoted(&t, rows[i].word);
        assert_string_equal(text_get(&t), rows[i].quoted);
        text_clear(&t);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_and_is_taken),
        cmocka_unit_test(doubles_read_back_equal),
        cmocka_unit_test(quantities),
        cmocka_unit_test(whole_numbers_are_strict),
        cmocka_unit_test(durations_read_well),
        cmocka_unit_test(nothing_steers_the_terminal),
        cmocka_unit_test(nearest_word),
        cmocka_unit_test(shell_words),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
