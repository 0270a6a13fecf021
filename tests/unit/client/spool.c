/* Reports kept in a file survive torn lines, come back in order, and leave
 * only when they were answered.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/spool.h"
#include "tests/unit/client/controller.h"

static const struct lease lease = { 7, 2, "abc" };

static struct tree *steps(int64_t first, int64_t last)
{
    struct tree *list = tree_list();

    for (int64_t step = first; step <= last; step++) {
        struct tree *report = tree_map();

        tree_set_int(report, "step", step);
        tree_set(report, "metrics", tree_map());
        tree_append(list, report);
    }
    return list;
}

static void append(const char *path, int64_t attempt, int64_t first,
                   int64_t last)
{
    struct tree *list = steps(first, last);

    assert_int_equal(spool_append(path, attempt, list, NULL), 0);
    tree_destroy(list);
}

static void append_raw(const char *path, const char *bytes)
{
    FILE *f = fopen(path, "ab");

    assert_non_null(f);
    fputs(bytes, f);
    fclose(f);
}

static void check_steps(const char *path, int64_t first, int64_t last,
                        const int64_t *expected, size_t count)
{
    struct tree *list = spool_read(path, first, last, NULL);

    assert_int_equal(tree_count(list), count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(tree_integer(tree_get(tree_at(list, i), "step")),
                         expected[i]);
    tree_destroy(list);
}

static void lines_come_back_by_attempt_and_in_order(void **state)
{
    static const int64_t all[] = { 1, 2, 3, 2, 3 }, second[] = { 2, 3 };
    char folder[64], path[80];

    (void)state;
    folder_make(folder);
    snprintf(path, sizeof path, "%s/spool.jsonl", folder);
    check_steps(path, 0, INT64_MAX, NULL, 0);
    append(path, 1, 1, 3);
    append_raw(path, "{\"attempt\": 1, \"step\": 4, \"met"); /* a crash */
    append(path, 2, 2, 3);
    append_raw(path, "\xff\xfe garbage");
    check_steps(path, 0, INT64_MAX, all, 5);
    check_steps(path, 2, 2, second, 2);
    folder_remove(folder);
}

static void an_unwritable_place_is_said(void **state)
{
    struct error err = ERROR_INIT;
    struct tree *list = steps(1, 1);

    (void)state;
    assert_int_equal(spool_append("/nowhere/spool", 1, list, &err), -1);
    assert_non_null(strstr(err.what, "/nowhere/spool"));
    assert_int_equal(spool_append("/dev/full", 1, list, &err), -1);
    tree_destroy(list);
}

/* What becomes of the file at each answer. */
static void the_file_leaves_when_it_was_answered(void **state)
{
    static const struct {
        int status;
        bool kept, refused;
        size_t steps;
    } rows[] = {
        { 503, true, false, 0 },
        { 409, true, false, 0 },
        { 400, false, true, 0 },
        { 200, false, false, 600 },
    };
    char folder[64], path[80], refused[96];
    struct controller c;
    struct contact *contact;

    (void)state;
    folder_make(folder);
    snprintf(path, sizeof path, "%s/spool.jsonl", folder);
    snprintf(refused, sizeof refused, "%s.refused", path);
    controller_init(&c);
    controller_start(&c, 0, folder);
    contact = contact_create(folder, NULL, NULL, NULL);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tree *reply;

        unlink(path);
        unlink(refused);
        append(path, 1, 1, 600);
        controller_set(&c, rows[i].status, "prune");
        assert_int_equal(
            spool_deliver(path, 0, 2, &lease, contact, 5, &reply, NULL),
            rows[i].status);
        tree_destroy(reply);
        assert_int_equal(file_exists(path), rows[i].kept);
        assert_int_equal(file_exists(refused), rows[i].refused);
        assert_int_equal(c.step_count, rows[i].steps);
    }
    for (size_t i = 0; i < 600; i++)
        assert_int_equal(c.steps[i], i + 1);
    contact_destroy(contact);
    controller_stop(&c);
    folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_come_back_by_attempt_and_in_order),
        cmocka_unit_test(an_unwritable_place_is_said),
        cmocka_unit_test(the_file_leaves_when_it_was_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
