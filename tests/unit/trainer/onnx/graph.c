/* Graphs: what is built stands in the file under its names; what the format
 * cannot hold is refused, and the file stays as it was.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tests/unit/trainer/one_file.h"
#include "trainer/onnx/graph.h"

static bool holds(const char *data, size_t size, const char *word)
{
    return memmem(data, size, word, strlen(word)) != NULL;
}

/* y = x w + 1 */
static struct graph *line(const float *weight, int64_t rows, int64_t columns)
{
    struct graph *g = graph_create();
    const struct graph_tensor x = {
        "x", GRAPH_FLOAT, 2, { GRAPH_ROWS, rows }, NULL
    };
    const struct graph_tensor y = {
        "y", GRAPH_FLOAT, 2, { GRAPH_ROWS, columns }, NULL
    };
    const struct graph_tensor w = {
        "w", GRAPH_FLOAT, 2, { rows, columns }, weight
    };
    const char *product;

    assert_non_null(g);
    product = graph_node(g, "MatMul", graph_input(g, &x, "what goes in"),
                         graph_constant(g, &w));
    graph_output(g, graph_node(g, "Add", product, graph_float(g, 1)), &y);
    return g;
}

static void what_is_built_is_written(void **state)
{
    static const char *const words[] = { "x",   "what goes in", "w",
                                         "y",   "rows",         "MatMul",
                                         "Add", "line",         "sentei" };
    const float weight[] = { 1.5F, -2, 3, 4 };
    struct error err = ERROR_INIT;
    struct graph *g = line(weight, 2, 2);
    char *data;
    size_t size, i;

    (void)state;
    assert_int_equal(graph_write(g, "line", path, &err), 0);
    graph_destroy(g);
    assert_int_equal(file_read(path, 4096, &data, &size, &err), 0);
    for (i = 0; i < sizeof words / sizeof *words; i++)
        assert_true(holds(data, size, words[i]));
    assert_non_null(memmem(data, size, weight, sizeof weight));
    free(data);
}

/* The size is known before a byte is read. */
static void two_gibibytes_are_too_many(void **state)
{
    const float weight[] = { 0 };
    struct error err = ERROR_INIT;
    struct graph *g = line(weight, 1 << 20, 512);
    char *data;
    size_t size;

    (void)state;
    assert_int_equal(file_write(path, "before", 6, 0600, &err), 0);
    assert_int_equal(graph_write(g, "line", path, &err), -1);
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.what, "2 GiB"));
    assert_non_null(strstr(err.hint, "model.safetensors"));
    graph_destroy(g);
    assert_int_equal(file_read(path, 4096, &data, &size, &err), 0);
    assert_string_equal(data, "before");
    free(data);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_built_is_written),
        cmocka_unit_test(two_gibibytes_are_too_many),
    };

    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
