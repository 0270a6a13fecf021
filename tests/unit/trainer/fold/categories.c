/* The table of categories and the request for data: names that need quoting,
 * folds summed up, a template of the user's.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/tree.h"
#include "trainer/data/writer.h"
#include "trainer/fold/categories.h"

struct place {
    char folder[64];
    struct dataset *data;
};

/* A set whose field 'kind' has the values: (unknown), cup, a'b\c, and one with
 * a tab in it. */
static int make(void **state)
{
    static struct place p = { .folder = "/tmp/sentei-categories-XXXXXX" };
    struct category_field field = { (char[]){ "kind" }, 4 };
    struct dataset shape = { .name = (char[]){ "made" },
                             .category_count = 1,
                             .category = &field,
                             .classes = 2 };
    struct tree *source = tree_map(), *all = tree_map(), *kind = tree_list();
    uint32_t category = 1;
    struct row row = { .label = 1, .category = &category };
    struct error err = ERROR_INIT;
    struct writer *w;

    *state = &p;
    tree_append(kind, tree_string("cup"));
    tree_append(kind, tree_string("a'b\\c"));
    tree_append(kind, tree_string("x\ty"));
    tree_set(all, "kind", kind);
    tree_set(source, "values", all);
    if (!mkdtemp(p.folder) || !(w = writer_open(p.folder, &shape, &err)) ||
        writer_append(w, &row, &err) < 0 || writer_finish(w, source, &err) < 0)
        return -1;
    writer_close(w);
    p.data = dataset_open(p.folder, &err);
    return p.data ? 0 : -1;
}

static int end(void **state)
{
    const struct place *p = *state;
    char command[96];

    dataset_close(p->data);
    snprintf(command, sizeof command, "rm -r %s", p->folder);
    return system(command);
}

static void expect_file(const struct place *p, const char *name,
                        const char *wanted)
{
    char *path = file_join(p->folder, name), *text = NULL;
    struct error err = ERROR_INIT;
    size_t size;

    assert_non_null(path);
    assert_int_equal(file_read(path, 1 << 16, &text, &size, &err), 0);
    assert_string_equal(text, wanted);
    free(text);
    free(path);
}

/* Two folds that judged the same: counts add up, weight and loss are means. */
static void write_twice(const struct place *p, const char *template)
{
    struct category_score score[] = {
        { .weight = 1 },
        { 10, 4, 9, 3, 40, 25, 0.25, 0.5 },
        { 5, 1, 2, 0, 20, 5, 1.5, 2 },
        { 2, 0, 2, 0, 8, 1, 1, 3 },
    };
    const struct feedback f = { .field = 0, .count = 4, .score = score };
    const struct feedback *folds[] = { &f, &f };
    const struct config c = { .data = p->folder,
                              .sampling = { .by = "kind" },
                              .feedback = { 1, 4, 20, template } };
    struct error err = ERROR_INIT;

    assert_int_equal(categories_write(folds, 2, &c, p->data, p->folder, &err),
                     0);
}

static void test_counts_of_folds_add_up(void **state)
{
    write_twice(*state, NULL);
    expect_file(*state, "categories.tsv",
                "category\trows\tpositives\taccuracy\trecall\tloss\tweight\t"
                "trained\ttrained_positives\n"
                "(unknown)\t0\t0\tnan\tnan\t0.0000\t1.000\t0\t0\n"
                "cup\t20\t8\t0.9000\t0.7500\t0.2500\t0.500\t80\t50\n"
                "a'b\\c\t10\t2\t0.4000\t0.0000\t1.5000\t2.000\t40\t10\n"
                "x y\t4\t0\t1.0000\tnan\t1.0000\t3.000\t16\t2\n");
}

static void test_what_does_badly_with_few_positives_is_asked_for(void **state)
{
    write_twice(*state, NULL);
    expect_file(*state, "data-request.hql",
                "-- categories that the model does badly on and has few "
                "positives of\n"
                "SELECT * FROM listings WHERE kind IN ('a\\'b\\\\c', "
                "'x\ty');\n");
}

static void test_a_template_says_how_to_ask(void **state)
{
    const struct place *p = *state;
    char *path = file_join(p->folder, "request.hql.in");
    const char template[] = "{{values} of {field}, {fields}\n";
    struct error err = ERROR_INIT;

    assert_non_null(path);
    assert_int_equal(
        file_write(path, template, sizeof template - 1, 0644, &err), 0);
    write_twice(p, path);
    expect_file(p, "data-request.hql",
                "{'a\\'b\\\\c', 'x\ty' of kind, {fields}\n");
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counts_of_folds_add_up),
        cmocka_unit_test(test_what_does_badly_with_few_positives_is_asked_for),
        cmocka_unit_test(test_a_template_says_how_to_ask),
    };

    return cmocka_run_group_tests(tests, make, end);
}
