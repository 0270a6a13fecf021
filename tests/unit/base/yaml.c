/* YAML: what is read, what is refused and where, and what is written.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/yaml.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static struct tree *parse(const char *text, struct error *err)
{
    return yaml_parse(text, strlen(text), "x.yaml", err);
}

static void scalars_follow_the_core_schema(void **state)
{
    static const struct {
        const char *text;
        enum tree_kind kind;
    } rows[] = {
        { "1", TREE_INT },
        { "-7", TREE_INT },
        { "1.5", TREE_FLOAT },
        { "1.0e-5", TREE_FLOAT },
        { "1e3", TREE_FLOAT },
        { ".inf", TREE_FLOAT },
        { "-.inf", TREE_FLOAT },
        { ".nan", TREE_FLOAT },
        { "true", TREE_BOOL },
        { "False", TREE_BOOL },
        { "no", TREE_STRING },
        { "yes", TREE_STRING },
        { "null", TREE_NULL },
        { "~", TREE_NULL },
        { "04:00:00", TREE_STRING },
        { "'1'", TREE_STRING },
        { "0x10", TREE_STRING },
        { "infinity", TREE_STRING },
        { "1e", TREE_STRING },
        { "64G", TREE_STRING },
        { "99999999999999999999", TREE_FLOAT },
    };
    struct error err = ERROR_INIT;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tree *t = parse(rows[i].text, &err);

        assert_non_null(t);
        if (tree_kind(t) != rows[i].kind)
            fail_msg("'%s' is %s", rows[i].text, tree_kind_name(tree_kind(t)));
        tree_destroy(t);
    }
}

static void values_and_keys_have_places(void **state)
{
    struct error err = ERROR_INIT;
    struct tree *t = parse("a: 1\nb:\n  - x\n  - {c: 2}\n", &err);
    struct tree *inner = tree_at(tree_get(t, "b"), 1);

    (void)state;
    assert_int_equal(tree_line(inner), 4);
    assert_int_equal(tree_column(inner), 5);
    assert_int_equal(tree_key_line(inner, 0), 4);
    assert_int_equal(tree_key_column(inner, 0), 6);
    assert_int_equal(tree_column(tree_get(inner, "c")), 9);
    tree_destroy(t);
}

static void refused_with_a_place(void **state)
{
    static const struct {
        const char *text, *where, *what;
    } rows[] = {
        { "", "x.yaml:1:1", "empty" },
        { "a: 1\na: 2\n", "x.yaml:2:1", "duplicate key 'a'" },
        { "a: &x 1\n", "x.yaml:1:4", "anchors" },
        { "a: *x\n", "x.yaml:1:4", "aliases" },
        { "a: !!str 1\n", "x.yaml:1:4", "tags" },
        { "a: !t [1]\n", "x.yaml:1:4", "tags" },
        { "&k a: 1\n", "x.yaml:1:1", "anchors" },
        { "[1]: 2\n", "x.yaml:1:1", "key must be a word" },
        { "a: 1\n---\nb: 2\n", "x.yaml:2:1", "second document" },
        { "a:\n\t- 1\n", "x.yaml:2:1", "not valid YAML" },
        { "a: [1, 2\n", "x.yaml:2:1", "not valid YAML" },
        { "a: \"\\0\"\n", "x.yaml:1:4", "zero byte" },
        { "\xff\xfe\x00", "x.yaml:1:1", "not valid YAML" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct error err = ERROR_INIT;

        assert_null(parse(rows[i].text, &err));
        assert_int_equal(err.kind, ERROR_USAGE);
        assert_string_equal(err.where, rows[i].where);
        if (!strstr(err.what, rows[i].what))
            fail_msg("'%s' does not say '%s'", err.what, rows[i].what);
    }
}

static void limits(void **state)
{
    struct error err = ERROR_INIT;
    char deep[201], *big = calloc(1, YAML_MAX_BYTES + 2);
    struct text wide = TEXT_INIT;

    (void)state;
    memset(deep, '[', 100);
    memset(deep + 100, ']', 100);
    deep[200] = '\0';
    assert_null(parse(deep, &err));
    assert_non_null(strstr(err.what, "too deeply"));

    assert_non_null(big);
    memset(big, ' ', YAML_MAX_BYTES + 1);
    assert_null(parse(big, &err));
    assert_non_null(strstr(err.what, "more than the"));
    free(big);

    text_append(&wide, "[");
    for (int i = 0; i < YAML_MAX_NODES; i++)
        text_append(&wide, "1,");
    text_append(&wide, "1]");
    assert_null(parse(text_get(&wide), &err));
    assert_non_null(strstr(err.what, "too many values"));
    text_clear(&wide);
}

static void written_and_read_back(void **state)
{
    static const char *const texts[] = {
        "a: 1\nb: [x, 'no', \"1\", 1.0, null, true, .inf]\nc: {d: {}, e: []}\n",
        "text: \"line\\nbreak \\\\ \\\" tab\\t: # - {}\"\n'key: odd': -1.5e-9\n",
        "- [1, [2, 3]]\n- {a: [{b: c}]}\n",
        "'04:00:00'\n",
        "breaks: \"a\\Lb\\Pc\\u0085d\"\nhidden: \"\\ufeff\\u0080\\e\"\n",
    };

    (void)state;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        struct error err = ERROR_INIT;
        struct tree *t = parse(texts[i], &err), *back;
        struct text out = TEXT_INIT;

        assert_non_null(t);
        yaml_format(t, &out);
        back = parse(text_get(&out), &err);
        if (!back || !tree_equal(t, back))
            fail_msg("%s: %s\n%s", err.where, err.what, text_get(&out));
        tree_destroy(back);
        tree_destroy(t);
        text_clear(&out);
    }
}

static void a_missing_file_is_the_users_mistake(void **state)
{
    struct error err = ERROR_INIT;

    (void)state;
    assert_null(yaml_read("/nonexistent/x.yaml", &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.what, "No such file"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_follow_the_core_schema),
        cmocka_unit_test(values_and_keys_have_places),
        cmocka_unit_test(refused_with_a_place),
        cmocka_unit_test(limits),
        cmocka_unit_test(written_and_read_back),
        cmocka_unit_test(a_missing_file_is_the_users_mistake),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
