/* Files: whole or not at all.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/file.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static char folder[64];

static char *in_folder(const char *name)
{
    char *path = file_join(folder, name);

    assert_non_null(path);
    return path;
}

static int make_test_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/sentei-file-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int remove_test_folder(void **state)
{
    char command[128];

    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", folder);
    return system(command);
}

static void written_read_and_replaced(void **state)
{
    char *path = in_folder("a"), *data;
    struct error err = ERROR_INIT;
    struct stat info;
    size_t size;

    (void)state;
    assert_int_equal(file_write(path, "old", 3, 0600, &err), 0);
    assert_int_equal(file_write(path, "newer", 5, 0600, &err), 0);
    assert_int_equal(file_read(path, 100, &data, &size, &err), 0);
    assert_int_equal(size, 5);
    assert_string_equal(data, "newer");
    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    free(data);
    assert_int_equal(file_read(path, 4, &data, &size, &err), -1);
    assert_non_null(strstr(err.what, "more than the 4 allowed"));
    free(path);
}

/* Somebody's link in our place is replaced; what it leads to stays. */
static void a_link_is_not_followed(void **state)
{
    char *path = in_folder("link"), *other = in_folder("other"), *data;
    struct error err = ERROR_INIT;
    struct stat info;
    size_t size;

    (void)state;
    assert_int_equal(file_write(other, "precious", 8, 0600, &err), 0);
    assert_int_equal(symlink(other, path), 0);
    assert_int_equal(file_write(path, "ours", 4, 0600, &err), 0);
    assert_int_equal(lstat(path, &info), 0);
    assert_true(S_ISREG(info.st_mode));
    assert_int_equal(file_read(other, 100, &data, &size, &err), 0);
    assert_string_equal(data, "precious");
    free(data);
    free(other);
    free(path);
}

/* A write that fails in the middle (here: over the size limit of files)
 * leaves the old content, and nothing beside it. */
static void a_failed_write_changes_nothing(void **state)
{
    char *path = in_folder("b"), *data, *big = calloc(1, 1 << 16);
    struct rlimit was, tight;
    struct error err = ERROR_INIT;
    size_t size;

    (void)state;
    assert_int_equal(file_write(path, "kept", 4, 0644, &err), 0);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &was);
    tight = was;
    tight.rlim_cur = 1 << 12;
    setrlimit(RLIMIT_FSIZE, &tight);
    assert_int_equal(file_write(path, big, 1 << 16, 0644, &err), -1);
    setrlimit(RLIMIT_FSIZE, &was);
    assert_non_null(strstr(err.what, "cannot write"));
    assert_int_equal(file_read(path, 100, &data, &size, &err), 0);
    assert_string_equal(data, "kept");
    free(data);
    free(big);
    free(path);
}

static void folders(void **state)
{
    char *path = in_folder("x/y/z"), *file = in_folder("f");
    char *below = in_folder("f/g"), *data;
    struct error err = ERROR_INIT;
    size_t size;

    (void)state;
    assert_int_equal(file_make_folder(path, &err), 0);
    assert_int_equal(file_make_folder(path, &err), 0); /* it is there */
    assert_true(file_exists(path));
    assert_int_equal(file_read(path, 9, &data, &size, &err), -1);
    assert_non_null(strstr(err.what, "no regular file"));
    assert_int_equal(file_write(file, "", 0, 0644, &err), 0);
    assert_int_equal(file_make_folder(file, &err), -1);
    assert_int_equal(file_make_folder(below, &err), -1);
    assert_non_null(strstr(err.what, "Not a directory"));
    assert_int_equal(file_make_folder("/proc/x/y", &err), -1);
    assert_non_null(strstr(err.what, "'/proc/x'")); /* where it began */
    assert_int_equal(file_make_folder("/sys/x", &err), -1);
    assert_null(strstr(err.what, "No such file")); /* nor may anybody */
    free(path);
    free(file);
    free(below);
}

/* What the user can mend is USAGE; that no descriptor is left is not. */
static void whose_fault_it_is(void **state)
{
    char *missing = in_folder("missing"), *pipe = in_folder("pipe"), *data;
    struct error err = ERROR_INIT;
    struct rlimit was, none;
    size_t size;

    (void)state;
    assert_int_equal(file_read_named(missing, 9, &data, &size, &err), -1);
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.where, "/missing:1:1"));
    assert_int_equal(mkfifo(pipe, 0600), 0);
    assert_int_equal(file_read_named(pipe, 9, &data, &size, &err), -1);
    assert_int_equal(err.kind, ERROR_USAGE);
    assert_non_null(strstr(err.what, "no regular file"));
    getrlimit(RLIMIT_NOFILE, &was);
    none = (struct rlimit){ 0, was.rlim_max };
    setrlimit(RLIMIT_NOFILE, &none);
    assert_int_equal(file_read_named(missing, 9, &data, &size, &err), -1);
    setrlimit(RLIMIT_NOFILE, &was);
    assert_int_equal(err.kind, ERROR_FAILURE);
    free(missing);
    free(pipe);
}

static void joins(void **state)
{
    static const struct {
        const char *folder, *name, *path;
    } rows[] = { { "a", "b", "a/b" },
                 { "a/", "b", "a/b" },
                 { "a", "/b", "/b" } };

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char *path = file_join(rows[i].folder, rows[i].name);

        assert_string_equal(path, rows[i].path);
        free(path);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(written_read_and_replaced),
        cmocka_unit_test(a_link_is_not_followed),
        cmocka_unit_test(a_failed_write_changes_nothing),
        cmocka_unit_test(folders),
        cmocka_unit_test(whose_fault_it_is),
        cmocka_unit_test(joins),
    };

    return cmocka_run_group_tests(tests, make_test_folder, remove_test_folder);
}
