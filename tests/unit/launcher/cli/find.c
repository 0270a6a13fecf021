/* find: what a person types, and which run is meant.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "launcher/cli/find.h"

/* A new run 'name' in 'runs' that changed at 'when'. */
static void make_run(const char *runs, const char *name, time_t when)
{
    struct error err = ERROR_INIT;
    struct timespec times[2] = { { when, 0 }, { when, 0 } };
    char *folder = file_join(runs, name);
    char *file = file_join(folder, "study.yaml");

    assert_int_equal(file_make_folder(folder, &err), 0);
    assert_int_equal(file_write(file, "x", 1, 0600, &err), 0);
    assert_int_equal(utimensat(AT_FDCWD, file, times, 0), 0);
    free(file);
    free(folder);
}

static void remove_run(const char *runs, const char *name)
{
    char *folder = file_join(runs, name);
    char *file = file_join(folder, "study.yaml");

    unlink(file);
    rmdir(folder);
    free(file);
    free(folder);
}

/* 'name' in 'runs' is the run folder 'expected' (under 'runs'). */
static void expect_run(const char *name, const char *runs, const char *expected)
{
    struct error err = ERROR_INIT;
    char *found = find_run(name, runs, &err);
    char *wanted = file_join(runs, expected);

    assert_non_null(found);
    assert_string_equal(found, wanted);
    free(found);
    free(wanted);
}

/* 'name' in 'runs' is refused with this hint. */
static void expect_none(const char *name, const char *runs, const char *hint)
{
    struct error err = ERROR_INIT;

    assert_null(find_run(name, runs, &err));
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.hint, hint));
}

static void test_names_and_folders(void **state)
{
    const char *runs = *state;
    struct error err = ERROR_INIT;
    char *folder = file_join(runs, "clothing");
    char **list;
    size_t count;

    expect_none(NULL, runs, "sentei run STUDY.yaml");
    expect_none("clothing", runs, "sentei run STUDY.yaml");

    make_run(runs, "clothing", 2000);
    make_run(runs, "reviews", 1000);
    expect_run("reviews", runs, "reviews");
    expect_run(folder, "nowhere", folder); /* a path stands for itself */
    expect_run(NULL, runs, "clothing");    /* the newest */
    expect_none("review", runs, "did you mean 'reviews'?");
    expect_none("studies/reviews.yaml", runs, "did you mean 'reviews'?");
    expect_none("quickstart", runs, "the newest run is 'clothing'");

    assert_int_equal(find_all(runs, &list, &count, &err), 0);
    assert_int_equal(count, 2);
    assert_string_equal(list[0], folder);
    assert_null(list[2]);
    find_free(list);
    free(folder);
}

static void test_no_folder_of_runs(void **state)
{
    struct error err = ERROR_INIT;
    char **list;
    size_t count;

    (void)state;
    expect_none(NULL, "/no/such/folder", "sentei run STUDY.yaml");
    assert_int_equal(find_all("/no/such/folder", &list, &count, &err), 0);
    assert_int_equal(count, 0);
    find_free(list);
}

static int setup(void **state)
{
    char *folder = text_copy("/tmp/sentei-find-XXXXXX");

    *state = folder;
    return folder && mkdtemp(folder) ? 0 : -1;
}

static int teardown(void **state)
{
    remove_run(*state, "clothing");
    remove_run(*state, "reviews");
    int rc = rmdir(*state);

    free(*state);
    return rc;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_names_and_folders, setup,
                                        teardown),
        cmocka_unit_test(test_no_folder_of_runs),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
