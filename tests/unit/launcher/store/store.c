/* The life of a trial in the store, and what befalls a file: another holder, a
 * full disk, damage, a controller that was killed.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"
#include "launcher/store/store.h"

static char folder[64];
static char *db, *owner;

static int make_folder(void **state)
{
    (void)state;
    strcpy(folder, "/tmp/sentei-store.XXXXXX");
    if (!mkdtemp(folder))
        return -1;
    db = file_join(folder, "study.db");
    owner = file_join(folder, "controller.json");
    return 0;
}

static int remove_folder(void **state)
{
    char *command = text_print("rm -rf '%s'", folder);
    int rc = system(command);

    (void)state;
    free(command);
    free(db);
    free(owner);
    return rc;
}

static struct store *open_store(bool view)
{
    struct store_options o = { .path = db, .run = folder, .view = view };
    struct error err = ERROR_INIT;
    struct store *s = store_open(&o, &err);

    if (!s)
        print_message("%s\n", err.what);
    return s;
}

/* A trial with one report of one attempt, left running. */
static void add_running(struct store *s, struct store_trial *t, int64_t number)
{
    struct store_attempt a = { .trial = number, .number = 1, .ended = NAN };
    struct store_report r = { .trial = number,
                              .attempt = 1,
                              .step = 1,
                              .has_value = true,
                              .value = 0.5,
                              .metrics = "{\"v\":0.5}" };
    struct error err = ERROR_INIT;

    strcpy(a.worker, "host:1:0");
    strcpy(a.lease, "token");
    store_trial_init(t, number, "{\"lr\":0.1}", 1, 100);
    assert_int_equal(store_add_trial(s, t, &err), 0);
    t->attempts = 1;
    assert_int_equal(store_save_attempt(s, &a, &err), 0);
    assert_int_equal(store_move_trial(s, t, TRIAL_RUNNING, 101, "", &err), 0);
    t->results[0] = 0.5;
    t->known = 1;
    t->step = t->best_step = 1;
    assert_int_equal(store_add_report(s, t, &r, &err), 0);
}

static int copy_trial(void *context, const struct store_trial *t,
                      struct error *err)
{
    (void)err;
    *(struct store_trial *)context = *t;
    return 0;
}

static void what_was_committed_is_read_back(void **state)
{
    struct error err = ERROR_INIT;
    struct store *s = open_store(false);
    struct store_trial t, got = { 0 };
    char *metrics, *value;

    (void)state;
    assert_non_null(s);
    assert_int_equal(store_begin(s, &err), 0);
    add_running(s, &t, 0);
    assert_int_equal(store_set_meta(s, "stop", "enough", &err), 0);
    assert_int_equal(store_commit(s, &err), 0);
    store_close(s);

    s = open_store(true);
    assert_int_equal(store_verify(s, &err), 0);
    assert_int_equal(store_read_trials(s, copy_trial, &got, &err), 0);
    assert_int_equal(got.state, TRIAL_RUNNING);
    assert_int_equal(got.reports, 1);
    assert_int_equal(got.best_step, 1);
    assert_true(got.known == 1 && got.results[0] == 0.5 && isnan(got.ended));
    assert_true(got.best_report > 0 && got.best_report == got.last_report);
    assert_int_equal(store_get_metrics(s, got.best_report, &metrics, &err), 0);
    assert_string_equal(metrics, "{\"v\":0.5}");
    assert_int_equal(store_get_meta(s, "stop", &value, &err), 0);
    assert_string_equal(value, "enough");
    free(metrics);
    free(value);
    store_close(s);
}

static void results_keep_nan_infinity_and_the_unknown(void **state)
{
    struct error err = ERROR_INIT;
    struct store *s = open_store(false);
    struct store_trial t, got = { 0 };

    (void)state;
    assert_int_equal(store_begin(s, &err), 0);
    add_running(s, &t, 0);
    t.result_count = 4;
    t.known = 1u | 2u | 8u;
    t.results[0] = NAN;
    t.results[1] = -INFINITY;
    t.results[3] = 2.5;
    assert_int_equal(store_save_progress(s, &t, &err), 0);
    assert_int_equal(store_commit(s, &err), 0);
    assert_int_equal(store_read_trials(s, copy_trial, &got, &err), 0);
    assert_int_equal(got.known, 1u | 2u | 8u);
    assert_true(isnan(got.results[0]) && got.results[1] == -INFINITY &&
                got.results[3] == 2.5);
    assert_int_equal(store_verify(s, &err), 0); /* NaN counts as a value */
    store_close(s);
}

static void what_was_not_committed_is_gone(void **state)
{
    struct error err = ERROR_INIT;
    struct store *s = open_store(false);
    struct store_trial t, got = { .number = -1 };

    (void)state;
    assert_int_equal(store_begin(s, &err), 0);
    add_running(s, &t, 0);
    store_rollback(s);
    assert_int_equal(store_read_trials(s, copy_trial, &got, &err), 0);
    assert_int_equal(got.number, -1);
    store_close(s);
}

/* What sqlite3 would do with this statement, behind the store's back. */
static void tamper(const char *statement)
{
    char *command = text_print("sqlite3 '%s' \"%s\"", db, statement);

    assert_int_equal(system(command), 0);
    free(command);
}

static void each_broken_invariant_is_named(void **state)
{
    static const struct {
        const char *statement, *name;
    } rows[] = {
        { "UPDATE attempt SET ended = 5", "invariant 1" },
        { "UPDATE trial SET state = 'paused'", "invariant 2" },
        { "UPDATE trial SET ended = 5", "invariant 3" },
        { "UPDATE trial SET state = 'waiting', attempts = 2; "
          "UPDATE attempt SET ended = 5",
          "invariant 4" },
        { "UPDATE trial SET failures = 2", "invariant 5" },
        { "UPDATE trial SET value = NULL", "invariant 6" },
        { "UPDATE trial SET best_step = 9", "invariant 6" },
        { "UPDATE trial SET best_report = NULL", "invariant 6" },
        { "UPDATE trial SET reports = 2", "invariant 7" },
        { "UPDATE trial SET last_report = NULL", "invariant 7" },
        { "PRAGMA foreign_keys = OFF; UPDATE trial SET number = 3; "
          "UPDATE attempt SET trial = 3; UPDATE report SET trial = 3",
          "invariant 8" },
    };

    (void)state;
    if (system("command -v sqlite3 >/dev/null") != 0)
        skip();
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = ERROR_INIT;
        struct store *s = open_store(false);
        struct store_trial t;

        assert_int_equal(store_begin(s, &err), 0);
        add_running(s, &t, 0);
        assert_int_equal(store_commit(s, &err), 0);
        assert_int_equal(store_verify(s, &err), 0);
        store_close(s);
        tamper(rows[i].statement);
        s = open_store(false);
        assert_int_equal(store_verify(s, &err), -1);
        assert_non_null(strstr(err.what, rows[i].name));
        store_close(s);
        assert_int_equal(unlink(db), 0);
    }
}

static void a_second_holder_is_told_who_has_it(void **state)
{
    static const char json[] = "{\"host\": \"node7\", \"pid\": 4242}";
    struct store_options o = { .path = db, .run = folder };
    struct error err = ERROR_INIT;
    struct store *s = open_store(false);

    (void)state;
    assert_null(store_open(&o, &err));
    assert_non_null(strstr(err.what, "in use by another process"));
    assert_int_equal(file_write(owner, json, strlen(json), 0644, &err), 0);
    assert_null(store_open(&o, &err));
    assert_non_null(strstr(err.what, "in use by process 4242 on node7"));
    o.view = true;
    assert_null(store_open(&o, &err));
    store_close(s);
}

/* Its number may be an innocent process's by now. */
static void a_dead_holder_is_not_named(void **state)
{
    struct store_options o = { .path = db, .run = folder };
    struct error err = ERROR_INIT;
    struct store *s = open_store(false);
    char host[64] = "", *json;
    pid_t pid = fork();

    (void)state;
    if (pid == 0)
        _exit(0);
    assert_int_equal(waitpid(pid, NULL, 0), pid);
    gethostname(host, sizeof host - 1);
    json = text_print("{\"host\": \"%s\", \"pid\": %d}", host, (int)pid);
    assert_int_equal(file_write(owner, json, strlen(json), 0644, &err), 0);
    assert_null(store_open(&o, &err));
    assert_non_null(strstr(err.what, "in use by another process"));
    assert_null(strstr(err.hint, "kill"));
    free(json);
    store_close(s);
}

static void a_full_disk_loses_nothing_that_was_committed(void **state)
{
    struct store_options o = { .path = db, .max_bytes = 128 * 1024 };
    struct error err = ERROR_INIT;
    struct store *s = store_open(&o, &err);
    struct store_trial t, got = { .number = -1 };
    int64_t committed = 0;
    int rc = 0;

    (void)state;
    assert_non_null(s);
    while (rc == 0) {
        struct store_event e = { 1, -1, "note", "some words to fill a page" };

        assert_int_equal(store_begin(s, &err), 0);
        add_running(s, &t, committed);
        for (int i = 0; rc == 0 && i < 100; i++)
            rc = store_add_event(s, &e, &err);
        if (rc == 0)
            rc = store_commit(s, &err);
        if (rc == 0)
            committed++;
    }
    assert_true(committed > 0);
    assert_non_null(strstr(err.what, "no space left"));
    assert_true(err.hint[0]);
    store_rollback(s);
    assert_int_equal(store_read_trials(s, copy_trial, &got, &err), 0);
    assert_int_equal(got.number, committed - 1);
    assert_int_equal(store_verify(s, &err), 0);
    store_close(s);
}

static void a_killed_holder_leaves_all_it_committed(void **state)
{
    struct error err = ERROR_INIT;
    struct store_trial got = { .number = -1 };
    struct store *s;
    int status;
    pid_t pid = fork();

    (void)state;
    if (pid == 0) {
        struct store_trial t;

        s = open_store(false);
        store_begin(s, &err);
        add_running(s, &t, 0);
        store_commit(s, &err);
        store_begin(s, &err);
        add_running(s, &t, 1); /* not committed */
        kill(getpid(), SIGKILL);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    s = open_store(true);
    assert_non_null(s);
    assert_int_equal(store_read_trials(s, copy_trial, &got, &err), 0);
    assert_int_equal(got.number, 0);
    assert_int_equal(store_verify(s, &err), 0);
    store_close(s);
}

static void damage_is_called_damage(void **state)
{
    static const char noise[] = "this was a database once, "
                                "then somebody opened it in an editor ........"
                                "............................................";
    struct store_options o = { .path = db };
    struct error err = ERROR_INIT;

    (void)state;
    assert_int_equal(file_write(db, noise, sizeof noise, 0644, &err), 0);
    assert_null(store_open(&o, &err));
    assert_non_null(strstr(err.what, "damaged"));
    assert_non_null(strstr(err.hint, ".recover"));
}

static void a_view_makes_no_file(void **state)
{
    struct store_options o = { .path = db, .view = true };
    struct error err = ERROR_INIT;

    (void)state;
    assert_null(store_open(&o, &err));
    assert_non_null(strstr(err.hint, "not been started"));
    assert_false(file_exists(db));
}

static void a_folder_that_is_not_there(void **state)
{
    struct store_options o = { .path = "/nowhere/at/all/study.db" };
    struct error err = ERROR_INIT;

    (void)state;
    assert_null(store_open(&o, &err));
    assert_non_null(strstr(err.what, "cannot open '/nowhere/at/all/study.db'"));
}

static void a_file_nobody_may_write_to_is_read_as_it_is(void **state)
{
    struct error err = ERROR_INIT;
    struct store_trial t, got = { .number = -1 };
    struct store *s = open_store(false);

    (void)state;
    if (geteuid() == 0) { /* root may write anywhere: be somebody else */
        assert_int_equal(chmod(folder, 0777), 0);
    }
    assert_int_equal(store_begin(s, &err), 0);
    add_running(s, &t, 0);
    assert_int_equal(store_commit(s, &err), 0);
    store_close(s);
    assert_int_equal(chmod(db, 0444), 0);
    assert_int_equal(chmod(folder, 0555), 0);
    pid_t pid = fork();
    int status;

    if (pid == 0) {
        if (geteuid() == 0 && setuid(65534) < 0)
            _exit(3);
        s = open_store(true);
        _exit(s && store_read_trials(s, copy_trial, &got, &err) == 0 &&
                      got.number == 0
                  ? 0
                  : 1);
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(chmod(folder, 0755), 0);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static int count_steps(void *context, const struct store_report *r,
                       struct error *err)
{
    struct text *steps = context;

    (void)err;
    text_format(steps, "%jd ", (intmax_t)r->step);
    return 0;
}

static void a_curve_is_found_among_others(void **state)
{
    struct error err = ERROR_INIT;
    struct store *s = open_store(false);
    struct text steps = TEXT_INIT;
    struct store_trial t[2];

    (void)state;
    assert_int_equal(store_begin(s, &err), 0);
    add_running(s, &t[0], 0);
    add_running(s, &t[1], 1);
    for (int step = 2; step < 5; step++)
        for (int i = 0; i < 2; i++) {
            struct store_report r = { .trial = i,
                                      .attempt = 1,
                                      .step = step * (i ? 10 : 1),
                                      .metrics = "{}" };

            assert_int_equal(store_add_report(s, &t[i], &r, &err), 0);
        }
    assert_int_equal(store_commit(s, &err), 0);
    assert_int_equal(
        store_read_curve(s, t[1].last_report, count_steps, &steps, &err), 0);
    assert_string_equal(text_get(&steps), "40 30 20 1 ");
    text_clear(&steps);
    store_close(s);
}

static void terms_add_up(void **state)
{
    struct error err = ERROR_INIT;
    struct store *s = open_store(false);
    double seconds, started, seen;
    int64_t term;

    (void)state;
    assert_int_equal(store_elapsed(s, 0, &seconds, &started, &seen, &err), 0);
    assert_true(seconds == 0 && isnan(started) && isnan(seen));
    assert_int_equal(store_begin_term(s, "a", 1, 100, &term, &err), 0);
    assert_int_equal(store_touch_term(s, term, 110, &err), 0);
    assert_int_equal(store_begin_term(s, "b", 2, 500, &term, &err), 0);
    assert_int_equal(term, 2);
    assert_int_equal(store_touch_term(s, term, 503, &err), 0);
    assert_int_equal(store_elapsed(s, 0, &seconds, &started, &seen, &err), 0);
    assert_true(seconds == 13 && started == 100 && seen == 503);
    assert_int_equal(store_elapsed(s, 1, &seconds, &started, &seen, &err), 0);
    assert_true(seconds == 10 && seen == 110);
    store_close(s);
}

#define with_folder(test) \
    cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
        with_folder(what_was_committed_is_read_back),
        with_folder(results_keep_nan_infinity_and_the_unknown),
        with_folder(what_was_not_committed_is_gone),
        with_folder(each_broken_invariant_is_named),
        with_folder(a_second_holder_is_told_who_has_it),
        with_folder(a_dead_holder_is_not_named),
        with_folder(a_full_disk_loses_nothing_that_was_committed),
        with_folder(a_killed_holder_leaves_all_it_committed),
        with_folder(damage_is_called_damage),
        with_folder(a_view_makes_no_file),
        with_folder(a_folder_that_is_not_there),
        with_folder(a_file_nobody_may_write_to_is_read_as_it_is),
        with_folder(a_curve_is_found_among_others),
        with_folder(terms_add_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
