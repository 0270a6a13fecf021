/* A worker from its first ask to "done", against a controller that follows a
 * script and writes down what it was told.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/text.h"
#include "client/spool.h"
#include "launcher/worker/worker.h"
#include "tests/unit/client/controller.h"

/* Hands out 'trials' trials, then says done. 'heard' is what came, a word or
 * two a call. */
struct play {
    struct server server;
    char run[64];
    int trials, asked;
    int report_status;
    const char *decision; /* to heartbeats and reports */
    struct text heard;
};

static int answer_ask(struct play *p, char *reply, size_t size)
{
    text_append(&p->heard, "ask; ");
    if (p->asked++ < p->trials)
        snprintf(reply, size,
                 "{\"kind\": \"trial\", \"trial\": 5, \"attempt\": 2, "
                 "\"lease\": \"abc\", \"lease_s\": 30, \"last_step\": 0, "
                 "\"params\": {\"x\": 0.5}, \"folder\": \"%s/trials/00005\"}",
                 p->run);
    else
        snprintf(reply, size, "{\"kind\": \"done\", \"reason\": \"enough\"}");
    return 200;
}

static void note_reports(struct play *p, const struct tree *said)
{
    const struct tree *reports = tree_get(said, "reports");

    for (size_t i = 0; i < tree_count(reports); i++)
        text_format(&p->heard, "report %d; ",
                    (int)tree_integer(tree_get(tree_at(reports, i), "step")));
}

static int answer(void *context, const char *head, const char *body,
                  char *reply, size_t size)
{
    struct play *p = context;
    struct tree *said = json_parse(body, strlen(body), "body", NULL);
    int status = 200;

    snprintf(reply, size, "{\"decision\": \"%s\"}", p->decision);
    if (strstr(head, "/v1/ask")) {
        status = answer_ask(p, reply, size);
    } else if (strstr(head, "/v1/report")) {
        note_reports(p, said);
        status = p->report_status;
    } else if (strstr(head, "/v1/tell")) {
        text_format(&p->heard, "tell %s %s; ",
                    tree_text(tree_get(said, "outcome")),
                    tree_text(tree_get(said, "reason")));
    }
    tree_destroy(said);
    return status;
}

static void write_file(const char *folder, const char *name, const char *text)
{
    char *path = file_join(folder, name);

    assert_int_equal(file_write(path, text, strlen(text), 0644, NULL), 0);
    free(path);
}

/* A run folder with a study whose trials are this shell script. */
static void open_play(struct play *p, const char *script)
{
    struct text study = TEXT_INIT;
    char url[64];

    *p = (struct play){ .trials = 1,
                        .report_status = 200,
                        .decision = "continue",
                        .heard = TEXT_INIT };
    folder_make(p->run);
    text_format(&study,
                "study: play\n"
                "objective: {metric: loss, direction: minimize}\n"
                "space: {x: {type: float, low: 0, high: 1}}\n"
                "trainer: {command: [sh, -c, '%s']}\n",
                script);
    write_file(p->run, "study.yaml", text_get(&study));
    text_clear(&study);
    server_start(&p->server, 0, answer, p);
    snprintf(url, sizeof url, "{\"url\": \"http://127.0.0.1:%d\"}",
             p->server.port);
    write_file(p->run, "controller.json", url);
}

static void close_play(struct play *p)
{
    server_stop(&p->server);
    text_clear(&p->heard);
    folder_remove(p->run);
}

static void work(struct play *p)
{
    const struct worker_options o = { .run = p->run,
                                      .grace_s = 20,
                                      .patience_s = 20,
                                      .executor = &executor_local };
    struct error err = ERROR_INIT;

    if (worker_run(&o, &err) < 0)
        fail_msg("%s", err.what);
}

static void a_trial_is_run_and_told(void **state)
{
    static const struct {
        const char *script, *decision, *heard;
    } rows[] = {
        { "echo sentei: step=1 loss={x}", "continue",
          "ask; report 1; tell complete ; ask; " },
        { "exit 3", "continue", "ask; tell failed exit status 3; ask; " },
        { "exit 75", "continue", "ask; tell interrupted ; ask; " },
        /* a trial that reports by itself and heard the decision itself */
        { "exit 75", "pause", "ask; tell paused ; ask; " },
        { "exit 0", "prune", "ask; tell pruned ; ask; " },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct play p;

        open_play(&p, rows[i].script);
        p.decision = rows[i].decision;
        work(&p);
        assert_string_equal(text_get(&p.heard), rows[i].heard);
        close_play(&p);
    }
}

static void it_finds_its_environment(void **state)
{
    struct play p;
    char *folder, *path, *seen;
    size_t size;

    (void)state;
    setenv("SENTEI_TRIAL", "99", 1); /* a trial that runs a study itself */
    open_play(&p, "echo $SENTEI_STUDY $SENTEI_TRIAL $SENTEI_ATTEMPT "
                  "$SENTEI_LEASE $SENTEI_PARAMS >$SENTEI_DIR/seen; "
                  "test -s $SENTEI_TOKEN_FILE -a -d $SENTEI_RUN");
    work(&p);
    assert_string_equal(text_get(&p.heard), "ask; tell complete ; ask; ");
    folder = file_join(p.run, "trials/00005");
    path = file_join(folder, "seen");
    assert_int_equal(file_read(path, 4096, &seen, &size, NULL), 0);
    assert_string_equal(seen, "play 5 2 abc {\"x\":0.5}\n");
    free(seen);
    free(path);
    free(folder);
    close_play(&p);
    unsetenv("SENTEI_TRIAL");
}

/* What an earlier attempt could not deliver comes first, under the new lease;
 * then what the trial's own client left. */
static void leftovers_are_delivered(void **state)
{
    struct play p;
    char *folder;

    (void)state;
    open_play(&p, "echo sentei: step=4 loss=1; echo "
                  "\"{\\\"attempt\\\":2,\\\"step\\\":5,\\\"metrics\\\":{}}\" "
                  ">$SENTEI_DIR/spool.jsonl");
    folder = file_join(p.run, "trials/00005");
    assert_int_equal(file_make_folder(folder, NULL), 0);
    write_file(folder, "spool.jsonl",
               "{\"attempt\":1,\"step\":2,\"metrics\":{}}\n");
    write_file(folder, "spool.worker.jsonl",
               "{\"attempt\":1,\"step\":3,\"metrics\":{}}\n");
    work(&p);
    assert_string_equal(text_get(&p.heard),
                        "ask; report 2; report 3; report 4; report 5; "
                        "tell complete ; ask; ");
    free(folder);
    close_play(&p);
}

/* A program that began before they are delivered would replace them. */
static void leftovers_that_nobody_takes_are_kept(void **state)
{
    static const char line[] = "{\"attempt\":1,\"step\":2,\"metrics\":{}}\n";
    struct worker_options o = { .patience_s = 0.1,
                                .executor = &executor_local };
    struct error err = ERROR_INIT;
    struct play p;
    char *folder, *spool, *left;
    size_t size;

    (void)state;
    open_play(&p, "true");
    p.report_status = 503;
    folder = file_join(p.run, "trials/00005");
    assert_int_equal(file_make_folder(folder, NULL), 0);
    write_file(folder, "spool.jsonl", line);
    o.run = p.run;
    assert_int_equal(worker_run(&o, &err), -1);
    assert_non_null(strstr(err.what, "earlier attempts"));
    assert_null(strstr(text_get(&p.heard), "tell"));
    spool = file_join(folder, "spool.jsonl");
    assert_int_equal(file_read(spool, 4096, &left, &size, NULL), 0);
    assert_string_equal(left, line);
    free(left);
    free(spool);
    free(folder);
    close_play(&p);
}

static void a_stale_trial_is_killed_and_not_told(void **state)
{
    struct play p;

    (void)state;
    open_play(&p, "echo sentei: step=1 loss=1; while :; do sleep 0.02; done");
    p.report_status = 409;
    work(&p);
    assert_string_equal(text_get(&p.heard), "ask; report 1; ask; ");
    close_play(&p);
}

/* In an allocation no trial begins that would not end before its time is up, if
 * it took as long as those before it. */
static void no_trial_begins_that_does_not_fit(void **state)
{
    static const struct {
        double seconds; /* of the allocation */
        const char *script, *heard;
        bool left;
    } rows[] = {
        { 2, "sleep 1.9", "ask; tell complete ; ", true },
        { 1000, "true", "ask; tell complete ; ask; tell complete ; ask; ",
          false },
        { -1, "true", "", true },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct error err = ERROR_INIT;
        struct worker_options o = { .grace_s = 20,
                                    .patience_s = 20,
                                    .executor = &executor_local };
        struct play p;
        bool left = !rows[i].left;

        open_play(&p, rows[i].script);
        p.trials = 2;
        o.run = p.run;
        o.left = &left;
        o.until = clock_wall() + rows[i].seconds;
        assert_int_equal(worker_run(&o, &err), 0);
        assert_string_equal(text_get(&p.heard), rows[i].heard);
        assert_int_equal(left, rows[i].left);
        close_play(&p);
    }
}

static void what_cannot_work_is_said(void **state)
{
    struct worker_options o = { .run = "/nowhere",
                                .patience_s = 0.1,
                                .executor = &executor_local };
    struct error err = ERROR_INIT;
    struct play p;

    (void)state;
    assert_int_equal(worker_run(&o, &err), -1);
    assert_non_null(strstr(err.what, "no run folder '/nowhere'"));
    open_play(&p, "true");
    server_stop(&p.server);
    o.run = p.run;
    assert_int_equal(worker_run(&o, &err), -1);
    assert_non_null(strstr(err.what, "no answer from the controller"));
    server_start(&p.server, 0, answer, &p);
    close_play(&p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_trial_is_run_and_told),
        cmocka_unit_test(it_finds_its_environment),
        cmocka_unit_test(leftovers_are_delivered),
        cmocka_unit_test(leftovers_that_nobody_takes_are_kept),
        cmocka_unit_test(a_stale_trial_is_killed_and_not_told),
        cmocka_unit_test(no_trial_begins_that_does_not_fit),
        cmocka_unit_test(what_cannot_work_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
