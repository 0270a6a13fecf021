/* The client as a trial sees it: outside a study, in one, with a controller
 * that prunes, goes away, comes back elsewhere, or says the attempt is stale.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "client/sentei.h"
#include "tests/unit/client/controller.h"

static void leave_study(void)
{
    static const char *const names[] = { "SENTEI_URL",     "SENTEI_TOKEN_FILE",
                                         "SENTEI_STUDY",   "SENTEI_TRIAL",
                                         "SENTEI_ATTEMPT", "SENTEI_LEASE",
                                         "SENTEI_PARAMS",  "SENTEI_DIR",
                                         "SENTEI_RUN" };

    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        unsetenv(names[i]);
}

/* The environment a worker would give; run folder and trial's are one here. */
static void enter_study(const char *folder)
{
    leave_study();
    setenv("SENTEI_RUN", folder, 1);
    setenv("SENTEI_DIR", folder, 1);
    setenv("SENTEI_TRIAL", "12", 1);
    setenv("SENTEI_ATTEMPT", "2", 1);
    setenv("SENTEI_LEASE", "abc", 1);
    setenv("SENTEI_PARAMS",
           "{\"optimizer.lr\": 0.125, \"depth\": 3, \"schedule\": \"cosine\"}",
           1);
}

static struct sentei *must_open(void)
{
    char message[256] = "";
    struct sentei *s = sentei_open(message, sizeof message);

    if (!s)
        fail_msg("%s", message);
    return s;
}

static enum sentei_decision report(struct sentei *s, int64_t step)
{
    assert_int_equal(sentei_metric(s, "loss", 1.0 / (double)step), 0);
    return sentei_report(s, step);
}

static void outside_a_study_all_is_default(void **state)
{
    struct sentei *s;

    (void)state;
    leave_study();
    setenv("SENTEI_PARAMS", "not read outside", 1);
    s = must_open();
    assert_false(sentei_in_study(s));
    assert_int_equal(sentei_trial(s), -1);
    assert_int_equal(sentei_attempt(s), 0);
    assert_string_equal(sentei_folder(s), ".");
    assert_string_equal(sentei_params(s), "{}");
    assert_true(sentei_float(s, "optimizer.lr", 0.5) == 0.5);
    assert_int_equal(report(s, 1), SENTEI_CONTINUE);
    assert_int_equal(sentei_settle(s, 0), SENTEI_CONTINUE);
    assert_int_equal(sentei_close(s), 0);
}

static void parameters_are_typed(void **state)
{
    char folder[64];
    struct sentei *s;

    (void)state;
    folder_make(folder);
    enter_study(folder);
    s = must_open();
    assert_true(sentei_float(s, "optimizer.lr", 0) == 0.125);
    assert_true(sentei_float(s, "depth", 0) == 3);
    assert_true(sentei_float(s, "schedule", 9) == 9);
    assert_int_equal(sentei_int(s, "depth", 0), 3);
    assert_int_equal(sentei_int(s, "absent", 4), 4);
    assert_string_equal(sentei_string(s, "schedule", ""), "cosine");
    assert_string_equal(sentei_string(s, "depth", "none"), "none");
    assert_int_equal(sentei_trial(s), 12);
    assert_int_equal(sentei_attempt(s), 2);
    assert_int_equal(sentei_close(s), 0);
    folder_remove(folder);
}

static void a_broken_environment_is_said(void **state)
{
    static const struct {
        const char *name, *value, *message;
    } rows[] = {
        { "SENTEI_TRIAL", "x", "SENTEI_TRIAL is not a whole number: 'x'" },
        { "SENTEI_ATTEMPT", NULL, "SENTEI_ATTEMPT is not set" },
        { "SENTEI_LEASE", NULL, "SENTEI_LEASE is not set" },
        { "SENTEI_PARAMS", "[1]", "SENTEI_PARAMS is not a map" },
        { "SENTEI_RUN", NULL, "neither SENTEI_URL nor SENTEI_RUN" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char message[256] = "";

        enter_study("/tmp");
        if (rows[i].value)
            setenv(rows[i].name, rows[i].value, 1);
        else
            unsetenv(rows[i].name);
        assert_null(sentei_open(message, sizeof message));
        assert_non_null(strstr(message, rows[i].message));
    }
}

static void decisions_arrive(void **state)
{
    struct controller c;
    char folder[64];
    struct sentei *s;

    (void)state;
    folder_make(folder);
    enter_study(folder);
    controller_init(&c);
    controller_start(&c, 0, folder);
    s = must_open();
    assert_int_equal(sentei_metric(s, "no spaces", 1), -1);
    report(s, 1);
    assert_int_equal(sentei_settle(s, 20), SENTEI_CONTINUE);
    controller_set(&c, 200, "prune");
    report(s, 2);
    assert_int_equal(sentei_settle(s, 20), SENTEI_PRUNE);
    controller_set(&c, 200, "pause");
    report(s, 3);
    assert_int_equal(sentei_settle(s, 20), SENTEI_PAUSE);
    assert_int_equal(sentei_close(s), SENTEI_EXIT_PAUSED);
    assert_int_equal(c.step_count, 3);
    controller_stop(&c);
    folder_remove(folder);
}

static void reports_wait_for_a_controller_that_comes_back(void **state)
{
    struct controller c;
    char folder[64], spool[80];
    struct sentei *s;

    (void)state;
    folder_make(folder);
    snprintf(spool, sizeof spool, "%s/spool.jsonl", folder);
    enter_study(folder);
    controller_init(&c);
    s = must_open();
    for (int64_t step = 1; step <= 300; step++)
        assert_int_equal(report(s, step), SENTEI_CONTINUE);
    controller_start(&c, 0, folder);
    assert_true(controller_await(&c, &c.step_count, 300));
    for (size_t i = 0; i < 300; i++)
        assert_int_equal(c.steps[i], i + 1);
    assert_int_equal(sentei_settle(s, 20), SENTEI_CONTINUE);
    assert_false(file_exists(spool));
    controller_stop(&c);
    controller_start(&c, 0, folder); /* another port */
    controller_set(&c, 200, "prune");
    report(s, 301);
    assert_int_equal(sentei_settle(s, 20), SENTEI_PRUNE);
    assert_int_equal(sentei_close(s), 0);
    controller_stop(&c);
    folder_remove(folder);
}

static void a_stale_lease_stays_stale(void **state)
{
    struct controller c;
    char folder[64];
    struct sentei *s;

    (void)state;
    folder_make(folder);
    enter_study(folder);
    controller_init(&c);
    controller_start(&c, 0, folder);
    controller_set(&c, 409, "continue");
    s = must_open();
    report(s, 1);
    assert_int_equal(sentei_settle(s, 20), SENTEI_STALE);
    controller_set(&c, 200, "continue");
    assert_int_equal(report(s, 2), SENTEI_STALE);
    assert_int_equal(sentei_settle(s, 20), SENTEI_STALE);
    assert_int_equal(sentei_close(s), 0);
    assert_int_equal(c.step_count, 0);
    controller_stop(&c);
    folder_remove(folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(outside_a_study_all_is_default),
        cmocka_unit_test(parameters_are_typed),
        cmocka_unit_test(a_broken_environment_is_said),
        cmocka_unit_test(decisions_arrive),
        cmocka_unit_test(reports_wait_for_a_controller_that_comes_back),
        cmocka_unit_test(a_stale_lease_stays_stale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
