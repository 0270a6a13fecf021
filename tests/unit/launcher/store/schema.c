/* A database is brought up to date, and one from the future is refused.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "launcher/store/schema.h"

static struct sql *open_memory(void)
{
    struct error err = ERROR_INIT;
    struct sql *s = NULL;

    assert_int_equal(sql_open(&s, ":memory:", SQL_WRITE, 0, &err), SQL_OPENED);
    return s;
}

static int64_t get_int(struct sql *s, const char *query)
{
    struct error err = ERROR_INIT;
    struct sql_rows *rows = sql_ask(s, query, NULL, 0, &err);
    int64_t value;

    assert_non_null(rows);
    assert_int_equal(sql_next(rows, &err), 1);
    value = sql_get_int(rows, 0);
    sql_end(rows);
    return value;
}

static void an_empty_file_gets_the_tables(void **state)
{
    struct error err = ERROR_INIT;
    struct sql *s = open_memory();

    (void)state;
    assert_int_equal(schema_migrate(s, "x", &err), 0);
    assert_int_equal(get_int(s, "PRAGMA user_version"), schema_version());
    assert_int_equal(get_int(s, "SELECT count(*) FROM trial"), 0);
    assert_int_equal(schema_check(s, "x", &err), 0);
    sql_close(s);
}

static void a_second_time_changes_nothing(void **state)
{
    struct error err = ERROR_INIT;
    struct sql *s = open_memory();

    (void)state;
    assert_int_equal(schema_migrate(s, "x", &err), 0);
    assert_int_equal(sql_run(s, "INSERT INTO meta VALUES ('a', 'b')", &err), 0);
    assert_int_equal(schema_migrate(s, "x", &err), 0);
    assert_int_equal(get_int(s, "SELECT count(*) FROM meta"), 1);
    sql_close(s);
}

static void a_newer_file_is_refused_and_left_alone(void **state)
{
    struct error err = ERROR_INIT;
    struct sql *s = open_memory();

    (void)state;
    assert_int_equal(sql_run(s, "PRAGMA user_version = 999", &err), 0);
    assert_int_equal(schema_migrate(s, "x", &err), -1);
    assert_non_null(strstr(err.what, "format 999"));
    assert_string_equal(err.hint, "use a newer sentei");
    assert_int_equal(schema_check(s, "x", &err), -1);
    assert_int_equal(get_int(s, "SELECT count(*) FROM sqlite_master"), 0);
    sql_close(s);
}

static void a_step_that_fails_is_undone(void **state)
{
    struct error err = ERROR_INIT;
    struct sql *s = open_memory();

    (void)state;
    assert_int_equal(sql_run(s, "CREATE TABLE event (x)", &err), 0);
    assert_int_equal(schema_migrate(s, "x", &err), -1); /* it is there */
    assert_int_equal(get_int(s, "PRAGMA user_version"), 0);
    assert_int_equal(get_int(s, "SELECT count(*) FROM sqlite_master"), 1);
    sql_close(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_empty_file_gets_the_tables),
        cmocka_unit_test(a_second_time_changes_nothing),
        cmocka_unit_test(a_newer_file_is_refused_and_left_alone),
        cmocka_unit_test(a_step_that_fails_is_undone),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
