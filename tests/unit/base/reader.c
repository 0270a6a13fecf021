/* Strict reading: the field, the place and the remedy are named.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/reader.h"

#include <math.h>
#include <string.h>

#include "base/yaml.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static const char *const colours[] = { "red", "green", NULL };

struct sample {
    bool flag;
    int64_t count, size;
    double rate, time;
    const char *name;
    int colour;
};

static int read_sample(const char *text, struct sample *s, struct error *err)
{
    struct tree *t = yaml_parse(text, strlen(text), "x.yaml", err);
    struct reader r;
    int status;

    assert_non_null(t);
    reader_open(&r, tree_get(t, "s"), "x.yaml", "s", err);
    reader_bool(&r, "flag", &s->flag);
    reader_int(&r, "count", 1, 10, &s->count);
    reader_float(&r, "rate", 0, INFINITY, &s->rate);
    reader_string(&r, "name", &s->name);
    reader_enum(&r, "colour", colours, &s->colour);
    reader_seconds(&r, "time", &s->time);
    reader_bytes(&r, "size", &s->size);
    reader_kind(&r, "list", TREE_LIST);
    status = reader_close(&r);
    s->name = NULL; /* it dies with the tree */
    tree_destroy(t);
    return status;
}

static void good_fields_and_defaults(void **state)
{
    struct sample s = { .count = 3, .rate = 0.5 };
    struct error err = ERROR_INIT;

    (void)state;
    assert_int_equal(read_sample("s: {flag: true, colour: green, time: 4h, "
                                 "size: 1k, rate: 2, name: x}",
                                 &s, &err),
                     0);
    assert_true(s.flag);
    assert_int_equal(s.count, 3); /* absent: the default stays */
    assert_int_equal(s.colour, 1);
    assert_true(s.rate == 2 && s.time == 14400 && s.size == 1024);
    assert_int_equal(read_sample("s: {count: 2.0e0}", &s, &err), 0);
    assert_int_equal(s.count, 2);
    assert_int_equal(read_sample("s:", &s, &err), 0); /* an empty map */
}

static void bad_fields(void **state)
{
    static const struct {
        const char *text, *where, *what, *hint;
    } rows[] = {
        { "s: {count: 11}", "x.yaml:1:12",
          "s.count: expected a whole number from 1 to 10, found 11", "" },
        { "s: {count: 1.5}", "x.yaml:1:12", "found 1.5", "" },
        { "s: {count: a}", "x.yaml:1:12", "found 'a'", "" },
        { "s:\n  rate: -1", "x.yaml:2:9", "a number of at least 0", "" },
        { "s: {rate: .nan}", "x.yaml:1:11", "found nan", "" },
        { "s: {rate: 'nan'}", "x.yaml:1:11", "found 'nan'", "" },
        { "s: {flag: 1}", "x.yaml:1:11", "expected true or false", "" },
        { "s: {colour: gren}", "x.yaml:1:13", "one of red, green",
          "did you mean 'green'?" },
        { "s: {time: soon}", "x.yaml:1:11", "a time such as", "" },
        { "s: {size: 12 apples}", "x.yaml:1:11", "a size such as", "" },
        { "s: {name: 3}", "x.yaml:1:11", "expected a string, found 3", "" },
        { "s: {list: {}}", "x.yaml:1:11", "expected a list, found a map", "" },
        { "s: {cuont: 3}", "x.yaml:1:5", "unknown key 'cuont' in s",
          "did you mean 'count'?" },
        { "s: [1]", "x.yaml:1:4", "s: expected a map, found a list", "" },
        { "s: {count: 99, zebra: 1}", "x.yaml:1:12", "s.count", "" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct error err = ERROR_INIT;
        struct sample s = { .count = 3 };

        assert_int_equal(read_sample(rows[i].text, &s, &err), -1);
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_string_equal(err.where, rows[i].where);
        assert_string_equal(err.hint, rows[i].hint);
        if (!strstr(err.what, rows[i].what))
            fail_msg("'%s' does not say '%s'", err.what, rows[i].what);
    }
}

static void missing_and_own_complaints(void **state)
{
    struct error err = ERROR_INIT;
    struct tree *t = yaml_parse("a: 1\n", 5, "x.yaml", &err);
    struct reader r;

    (void)state;
    reader_open(&r, t, "x.yaml", "", &err);
    reader_need(&r, "b");
    reader_any(&r, "b");
    reader_any(&r, "a");
    assert_int_equal(reader_close(&r), -1);
    assert_string_equal(err.what, "b: missing");

    /* a key nobody knows may be the missing one, misspelt */
    reader_open(&r, t, "x.yaml", "", &err);
    reader_need(&r, "b");
    reader_any(&r, "b");
    assert_int_equal(reader_close(&r), -1);
    assert_string_equal(err.what, "unknown key 'a'");

    reader_open(&r, t, "x.yaml", "", &err);
    reader_fail(&r, "a", "must be even, not %d", 1);
    assert_int_equal(reader_close(&r), -1);
    assert_string_equal(err.what, "a: must be even, not 1");
    assert_string_equal(err.where, "x.yaml:1:4");

    reader_open(&r, t, "x.yaml", "", &err);
    reader_allow_unknown(&r);
    assert_int_equal(reader_close(&r), 0);
    tree_destroy(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_fields_and_defaults),
        cmocka_unit_test(bad_fields),
        cmocka_unit_test(missing_and_own_complaints),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
