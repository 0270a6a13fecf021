/* Errors: what, where, hint, in that order, cut when too long.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <errno.h>
#include <string.h>

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

static void sentence_place_and_remedy(void **state)
{
    struct error err = ERROR_INIT;

    (void)state;
    assert_int_equal(error_set(&err, "cannot open '%s'", "x"), -1);
    error_where(&err, "%s:%d", "f.yaml", 3);
    error_hint(&err, "make it");
    error_prefix(&err, "trial %d", 7);
    assert_string_equal(err.what, "trial 7: cannot open 'x'");
    assert_string_equal(err.where, "f.yaml:3");
    assert_string_equal(err.hint, "make it");
    assert_int_equal(err.kind, ERROR_FAILURE);

    error_usage(&err, "another");
    assert_string_equal(err.where, ""); /* a new error starts clean */
    assert_string_equal(err.hint, "");
    assert_int_equal(err.kind, ERROR_USAGE);
}

static void errno_is_told(void **state)
{
    struct error err = ERROR_INIT;

    (void)state;
    errno = ENOSPC;
    assert_int_equal(error_errno(&err, "cannot write '%s'", "f"), -1);
    assert_string_equal(err.what, "cannot write 'f': No space left on device");
}

static void long_words_are_cut_not_spilled(void **state)
{
    struct error err = ERROR_INIT;
    char big[5000];

    (void)state;
    memset(big, 'x', sizeof big - 1);
    big[sizeof big - 1] = '\0';
    error_set(&err, "%s", big);
    error_prefix(&err, "%s", big);
    error_where(&err, "%s", big);
    errno = ENOENT;
    error_errno(&err, "%s", big);
    assert_int_equal(strlen(err.what), sizeof err.what - 1);
}

static void nobody_may_care(void **state)
{
    (void)state;
    assert_int_equal(error_set(NULL, "x"), -1);
    assert_int_equal(error_errno(NULL, "x"), -1);
    assert_int_equal(error_hint(NULL, "x"), -1);
    assert_int_equal(error_prefix(NULL, "x"), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentence_place_and_remedy),
        cmocka_unit_test(errno_is_told),
        cmocka_unit_test(long_words_are_cut_not_spilled),
        cmocka_unit_test(nobody_may_care),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
