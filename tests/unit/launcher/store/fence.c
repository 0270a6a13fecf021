/* Two hosts of one store on a file system without locks: the first one, which
 * was stopped and comes back, can neither write nor spoil what the second has.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/text.h"
#include "launcher/store/store.h"

static char folder[64];
static char *db;

/* SQLite comes with a file layer that takes no locks. */
static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/sentei-fence.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    db = file_join(folder, "study.db");
    return sqlite3_vfs_register(sqlite3_vfs_find("unix-none"), 1);
}

static int remove_folder(void **state)
{
    char *command = text_print("rm -rf '%s'", folder);
    int rc = system(command);

    (void)state;
    free(command);
    free(db);
    return rc;
}

static struct store *open_store(void)
{
    struct store_options o = { .path = db };
    struct error err = ERROR_INIT;
    struct store *s = store_open(&o, &err);

    if (!s)
        fail_msg("%s", err.what);
    return s;
}

static int add_trial(struct store *s, int64_t number)
{
    struct store_trial t;

    store_trial_init(&t, number, "{\"x\": 1}", 1, 100);
    return store_add_trial(s, &t, NULL);
}

/* Add trials first..last, a transaction each. */
static void add_trials(struct store *s, int64_t first, int64_t last)
{
    for (int64_t i = first; i <= last; i++) {
        assert_int_equal(store_begin(s, NULL), 0);
        assert_int_equal(add_trial(s, i), 0);
        assert_int_equal(store_commit(s, NULL), 0);
    }
}

static int count(void *context, const struct store_trial *t, struct error *err)
{
    (void)t;
    (void)err;
    ++*(int *)context;
    return 0;
}

/* That the store, opened anew, is whole and has so many trials. */
static void check_store(int expected)
{
    struct store *s = open_store();
    struct error err = ERROR_INIT;
    int trials = 0;

    assert_int_equal(store_verify(s, &err), 0);
    assert_int_equal(store_read_trials(s, count, &trials, &err), 0);
    assert_int_equal(trials, expected);
    store_close(s);
}

static void the_first_can_commit_no_more(void **state)
{
    struct store *first = open_store(), *second;
    struct error err = ERROR_INIT;

    (void)state;
    add_trials(first, 0, 2);
    second = open_store();
    assert_int_equal(store_begin(first, NULL), 0);
    assert_int_equal(add_trial(first, 3), 0);
    assert_false(store_fenced(first));
    assert_int_equal(store_commit(first, &err), -1);
    assert_non_null(strstr(err.what, "another process has taken over"));
    assert_true(store_fenced(first));
    store_rollback(first);
    add_trials(second, 3, 9);
    assert_false(store_fenced(second));
    store_close(first); /* does not touch the other's log */
    add_trials(second, 10, 11);
    store_close(second);
    check_store(12);
}

/* Stopped in the middle of a transaction, and closed at once when it is back. */
static void the_first_was_writing(void **state)
{
    struct store *first = open_store(), *second;

    (void)state;
    add_trials(first, 0, 2);
    assert_int_equal(store_begin(first, NULL), 0);
    assert_int_equal(add_trial(first, 3), 0);
    second = open_store();
    add_trials(second, 3, 4);
    store_close(first);
    add_trials(second, 5, 6);
    store_close(second);
    check_store(7);
}

/* What the first one's descriptors write once it was replaced goes nowhere:
 * here by the back door, as a write that the disk had held up for long. */
static void what_was_held_up_is_seen_by_nobody(void **state)
{
    struct store *first = open_store(), *second;
    char *fence = text_print("%s-fence", db), *before, *after;
    size_t size;

    (void)state;
    add_trials(first, 0, 200);
    assert_int_equal(file_read(fence, 100, &before, &size, NULL), 0);
    second = open_store();
    assert_int_equal(file_read(fence, 100, &after, &size, NULL), 0);
    assert_int_equal(file_write(fence, before, size, 0644, NULL), 0);
    add_trials(first, 201, 300); /* it believes that it may */
    assert_int_equal(file_write(fence, after, size, 0644, NULL), 0);
    add_trials(second, 201, 205);
    store_close(first);
    store_close(second);
    check_store(206);
    free(before);
    free(after);
    free(fence);
}

static void a_clean_end_leaves_no_log_and_no_copy(void **state)
{
    char *command = text_print("test \"$(ls '%s' | tr '\\n' ' ')\" = "
                               "'study.db study.db-fence '",
                               folder);

    (void)state;
    check_store(0);
    assert_int_equal(system(command), 0);
    free(command);
}

#define test(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        test(the_first_can_commit_no_more),
        test(the_first_was_writing),
        test(what_was_held_up_is_seen_by_nobody),
        test(a_clean_end_leaves_no_log_and_no_copy),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
