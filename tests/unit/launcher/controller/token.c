/* The controller's secret: made for its owner alone, kept, and refused where
 * somebody else may know it or have put it there.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file.h"
#include "launcher/controller/token.h"

static char folder[64];
static char *path, *other;

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/sentei-token-XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    path = file_join(folder, "token");
    other = file_join(folder, "other");
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    unlink(path);
    unlink(other);
    free(path);
    free(other);
    return rmdir(folder);
}

static char *open_token(void)
{
    struct error err = ERROR_INIT;
    char *token = NULL;

    if (token_open(path, &token, &err) < 0)
        fail_msg("%s", err.what);
    assert_int_equal(strlen(token), 64);
    return token;
}

static void assert_refused(const char *why)
{
    struct error err = ERROR_INIT;
    char *token = NULL;

    assert_int_equal(token_open(path, &token, &err), -1);
    if (!strstr(err.what, why))
        fail_msg("%s", err.what);
    assert_true(strstr(err.hint, "a new one is made"));
}

static void it_is_made_for_its_owner_alone_and_kept(void **state)
{
    mode_t mask = umask(0);
    char *first = open_token(), *second = open_token();
    struct stat status;

    (void)state;
    umask(mask);
    assert_string_equal(first, second);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    free(first);
    free(second);
}

static void what_is_too_short_is_replaced(void **state)
{
    (void)state;
    assert_int_equal(file_write(path, "abc\n", 4, 0600, NULL), 0);
    free(open_token());
}

static void one_that_others_may_read_is_refused(void **state)
{
    (void)state;
    free(open_token());
    assert_int_equal(chmod(path, 0640), 0);
    assert_refused("others may read");
}

static void a_link_is_refused(void **state)
{
    (void)state;
    free(open_token());
    assert_int_equal(rename(path, other), 0);
    assert_int_equal(symlink(other, path), 0);
    assert_refused("cannot open the secret");
}

static void another_users_is_refused(void **state)
{
    enum { NOBODY = 65534 };

    (void)state;
    if (geteuid() != 0)
        skip(); /* only root can give a file away */
    free(open_token());
    assert_int_equal(chown(path, NOBODY, NOBODY), 0);
    assert_refused("belongs to somebody else");
}

static void a_pipe_is_refused(void **state)
{
    (void)state;
    assert_int_equal(mkfifo(path, 0600), 0);
    assert_refused("no regular file");
}

#define TEST(name) \
    cmocka_unit_test_setup_teardown(name, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(it_is_made_for_its_owner_alone_and_kept),
        TEST(what_is_too_short_is_replaced),
        TEST(one_that_others_may_read_is_refused),
        TEST(a_link_is_refused),
        TEST(another_users_is_refused),
        TEST(a_pipe_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
