/* Commands: places are filled, groups are left out, braces stay.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/json.h"
#include "launcher/study/command.h"

static struct tree *parse(const char *json)
{
    struct error err = ERROR_INIT;
    struct tree *t = json_parse(json, strlen(json), "test", &err);

    if (!t)
        fail_msg("%s: %s", err.where, err.what);
    return t;
}

/* The words of 'command' filled in, joined by '|'. */
static char *expand(const char *command, const char *params)
{
    struct tree *words = parse(command), *values = parse(params);
    const struct command_values v = {
        .params = values, .trial = 12, .attempt = 2, .folder = "/runs/x/00012"
    };
    struct error err = ERROR_INIT;
    struct text joined = TEXT_INIT;
    char **argv = command_expand(words, &v, &err);

    assert_non_null(argv);
    for (char **w = argv; *w; w++) {
        text_append(&joined, w == argv ? "" : "|");
        text_append(&joined, *w);
    }
    command_free(argv);
    tree_destroy(words);
    tree_destroy(values);
    return text_take(&joined);
}

static void places_are_filled_and_other_braces_stay(void **state)
{
    static const struct {
        const char *command, *params, *words;
    } rows[] = {
        { "[\"a\"]", "{}", "a" },
        { "[\"a\",\"{x}\"]", "{\"x\":3}", "a|3" },
        { "[\"a\",\"{x}{x}-{y}\"]", "{\"x\":0.1,\"y\":true}", "a|0.10.1-true" },
        { "[\"a\",\"--s={s}\"]", "{\"s\":\"two words\"}", "a|--s=two words" },
        { "[\"a\",\"{s}\"]", "{\"s\":\"\"}", "a|" },
        { "[\"a\",\"{s}\"]", "{\"s\":\"{x}\"}", "a|{x}" },
        { "[\"a\",\"{m.n/k@2-b}\"]", "{\"m.n/k@2-b\":1}", "a|1" },
        { "[\"a\",\"{trial}.{attempt}\",\"{folder}/ok\"]", "{}",
          "a|12.2|/runs/x/00012/ok" },
        { "[\"a\",\"{{x}}\"]", "{\"x\":3}", "a|{x}" },
        { "[\"a\",\"{{x}\"]", "{\"x\":3}", "a|{3" },
        { "[\"a\",\"{x}}\"]", "{\"x\":3}", "a|3}" },
        { "[\"a\",\"{{{x}}}\"]", "{\"x\":3}", "a|{{x}}" },
        { "[\"a\",\"{print $1} {} { x{3} {\"]", "{}",
          "a|{print $1} {} { x{3} {" },
        { "[\"a\",\"{x\"]", "{\"x\":3}", "a|{x" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char *words = expand(rows[i].command, rows[i].params);

        assert_string_equal(words, rows[i].words);
        free(words);
    }
}

static void what_names_an_inactive_parameter_is_left_out(void **state)
{
    static const char command[] =
        "[\"a\", [\"--ramp\", \"{ramp}\"], \"--r={ramp}\", \"{{ramp}}\", \"z\"]";
    char *with = expand(command, "{\"ramp\": 5}");
    char *without = expand(command, "{}");

    (void)state;
    assert_string_equal(with, "a|--ramp|5|--r=5|{ramp}|z");
    assert_string_equal(without, "a|{ramp}|z");
    free(with);
    free(without);
}

static void numbers_read_back_as_they_were(void **state)
{
    char *words =
        expand("[\"a\",\"{x}\",\"{n}\"]",
               "{\"x\":1.2345678901234567e-5,\"n\":-9007199254740992}");

    (void)state;
    assert_true(strtod(words + 2, NULL) == 1.2345678901234567e-5);
    assert_string_equal(strrchr(words, '|'), "|-9007199254740992");
    free(words);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(places_are_filled_and_other_braces_stay),
        cmocka_unit_test(what_names_an_inactive_parameter_is_left_out),
        cmocka_unit_test(numbers_read_back_as_they_were),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
