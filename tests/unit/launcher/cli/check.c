/* 'sentei check': every file is looked at, the exit status is the worst.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/json.h"
#include "launcher/cli/verb.h"

#define GOOD  "tests/studies/good/minimal.yaml"
#define BAD   "tests/studies/bad/low-above-high.yaml"
#define WORSE "tests/studies/bad/no-such-file.yaml"

/* What went to a stream while it was caught. */
struct caught {
    FILE *stream, *file;
    int saved;
};

static void catch_begin(struct caught *c, FILE *stream)
{
    fflush(stream);
    c->stream = stream;
    c->file = tmpfile();
    c->saved = dup(fileno(stream));
    assert_non_null(c->file);
    assert_true(dup2(fileno(c->file), fileno(stream)) >= 0);
}

static void catch_end(struct caught *c, char *text, size_t size)
{
    fflush(c->stream);
    dup2(c->saved, fileno(c->stream));
    close(c->saved);
    rewind(c->file);
    text[fread(text, 1, size - 1, c->file)] = '\0';
    fclose(c->file);
}

/* Run the verb; what it printed is in 'out' and 'messages'. */
static int check(char **argv, char out[8192], char messages[8192],
                 struct error *err)
{
    struct caught first, second;
    int argc = 0, status;

    while (argv[argc])
        argc++;
    catch_begin(&first, stdout);
    catch_begin(&second, stderr);
    status = verb_check.run(argc, argv, err);
    catch_end(&second, messages, 8192);
    catch_end(&first, out, 8192);
    return status;
}

static void a_good_file_shows_its_plan(void **state)
{
    char *argv[] = { "check", GOOD, NULL };
    char out[8192], messages[8192];
    struct error err = ERROR_INIT;

    (void)state;
    assert_int_equal(check(argv, out, messages, &err), 0);
    assert_int_equal(strncmp(out, GOOD "\n", strlen(GOOD) + 1), 0);
    assert_non_null(strstr(out, "val.loss, minimize"));
    assert_string_equal(messages, "");
}

static void every_file_is_looked_at(void **state)
{
    char *argv[] = { "check", BAD, GOOD, WORSE, NULL };
    char out[8192], messages[8192];
    struct error err = ERROR_INIT;

    (void)state;
    assert_int_equal(check(argv, out, messages, &err), 2);
    assert_non_null(strstr(messages, BAD ":5:34: "));
    assert_non_null(strstr(messages, WORSE ":1:1: "));
    assert_non_null(strstr(out, GOOD));
}

static void a_program_reads_the_plan_as_json(void **state)
{
    char *argv[] = { "check", "--format", "json", GOOD, NULL };
    char out[8192], messages[8192];
    struct error err = ERROR_INIT;

    (void)state;
    assert_int_equal(check(argv, out, messages, &err), 0);
    struct tree *plan = json_parse(out, strlen(out), "plan", &err);
    assert_non_null(plan);
    assert_string_equal(tree_text(tree_get(plan, "study")), "minimal");
    tree_destroy(plan);
}

static void wrong_usage_is_said_once(void **state)
{
    char *none[] = { "check", NULL };
    char *format[] = { "check", "--format", "xml", GOOD, NULL };
    char *option[] = { "check", "--fromat", "json", GOOD, NULL };
    char **rows[] = { none, format, option };
    char out[8192], messages[8192];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct error err = ERROR_INIT;

        assert_int_equal(check(rows[i], out, messages, &err), -1);
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_string_equal(out, "");
        assert_string_equal(messages, "");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_good_file_shows_its_plan),
        cmocka_unit_test(every_file_is_looked_at),
        cmocka_unit_test(a_program_reads_the_plan_as_json),
        cmocka_unit_test(wrong_usage_is_said_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
