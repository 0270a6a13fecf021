/* Steps that a worker has left behind, by what Slurm says of them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/launcher/slurm/scene.h"

#include "launcher/slurm/steps.h"
#include "tests/unit/client/server.h"

/* Listed twice, then gone. */
static void those_of_a_slot_are_killed(void **state)
{
    static const char squeue[] =
        "cd \"$(dirname \"$0\")\"; test -e twice && exit; test -e once && touch "
        "twice; touch once; echo '5_3.1|w0.trial-7.1'; echo '5_3.2|w1.trial-8.1'; "
        "echo '5_3.batch|batch'";
    struct error err = ERROR_INIT;
    struct scene s;

    (void)state;
    enter(&s);
    play(&s, "squeue", squeue);
    play(&s, "scancel", "true");
    assert_int_equal(steps_end(s.run, "5_3", "w0.", &err), 0);
    assert_int_equal(calls(&s, "squeue -h -s -j 5_3"), 3);
    assert_int_equal(calls(&s, "scancel --signal=KILL 5_3.1\n"), 2);
    assert_int_equal(calls(&s, "scancel"), 2);
    leave(&s);
}

static int answer(void *context, const char *head, const char *body,
                  char *reply, size_t size)
{
    (void)body;
    snprintf(reply, size, "{\"state\": \"%s\"}", (const char *)context);
    return strstr(head, "/v1/study") ? 200 : 404;
}

/* One that Slurm made and nobody was told of does not go. */
static void one_that_stays_is_left_when_the_study_is_over(void **state)
{
    struct error err = ERROR_INIT;
    struct server server;
    char published[64], *path;
    struct scene s;

    (void)state;
    enter(&s);
    play(&s, "squeue", "echo '5_3.1|w0.trial-7.1'");
    play(&s, "scancel", "true");
    server_start(&server, 0, answer, (void *)(uintptr_t) "finished");
    snprintf(published, sizeof published, "{\"url\": \"http://127.0.0.1:%d\"}",
             server.port);
    path = file_join(s.run, "controller.json");
    assert_int_equal(file_write(path, published, strlen(published), 0644, NULL),
                     0);
    free(path);
    path = file_join(s.run, "token");
    assert_int_equal(file_write(path, "secret", 6, 0600, NULL), 0);
    free(path);
    assert_int_equal(steps_end(s.run, "5_3", "w0.", &err), 0);
    assert_int_equal(calls(&s, "scancel --signal=KILL 5_3.1\n"), 1);
    server_stop(&server);
    leave(&s);
}

static void no_answer_is_an_error(void **state)
{
    struct error err = ERROR_INIT;
    struct scene s;

    (void)state;
    enter(&s);
    play(&s, "squeue", "echo 'Invalid job id specified' >&2; exit 1");
    assert_int_equal(steps_end(s.run, "5_3", "w0.", &err), -1);
    assert_non_null(strstr(err.what, "Invalid job id"));
    leave(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(those_of_a_slot_are_killed),
        cmocka_unit_test(one_that_stays_is_left_when_the_study_is_over),
        cmocka_unit_test(no_answer_is_an_error),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
