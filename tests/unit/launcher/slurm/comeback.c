/* Who is noted as going back into the queue, and what becomes of it by what Slurm
 * says; its commands are played by the shell.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/slurm/comeback.h"

#include "base/clock.h"
#include "tests/unit/launcher/slurm/scene.h"

/* What the two commands do. */
static void begin(struct scene *s, const char *squeue, const char *scontrol)
{
    enter(s);
    play(s, "squeue", squeue);
    play(s, "scontrol", scontrol);
}

static bool is_noted(const struct scene *s, const char *element)
{
    char *path = text_print("%s/slurm/back/%s", s->run, element);
    bool is = file_exists(path);

    free(path);
    return is;
}

static void nobody_is_asked_for_nothing(void **state)
{
    double now = 0;
    struct scene s;

    (void)state;
    begin(&s, "exit 0", "exit 0");
    assert_int_equal(comeback_hasten(s.run, &now), 0);
    comeback_note(s.run, "5_3");
    comeback_forget(s.run, "5_3");
    assert_int_equal(comeback_hasten(s.run, &now), 0);
    assert_int_equal(calls(&s, "squeue"), 0);
    leave(&s);
}

static void those_in_the_queue_start_now(void **state)
{
    double now = 0;
    struct scene s;

    (void)state;
    begin(&s,
          "printf '5_1|COMPLETING\\n5_3|PENDING\\n5_30|RUNNING\\n6|PENDING\\n'",
          "exit 0");
    comeback_note(s.run, "5_1");
    comeback_note(s.run, "5_3");
    comeback_note(s.run, "5_30"); /* has not left yet */
    comeback_note(s.run, "5_4");  /* is over */
    assert_int_equal(comeback_hasten(s.run, &now), 2);
    assert_int_equal(calls(&s, "squeue"), 1);
    assert_int_equal(calls(&s, "scontrol update JobId=5_3 StartTime=now\n"), 1);
    assert_true(is_noted(&s, "5_1") && is_noted(&s, "5_30"));
    assert_false(is_noted(&s, "5_3") || is_noted(&s, "5_4"));
    comeback_forget_all(s.run);
    assert_false(is_noted(&s, "5_1") || is_noted(&s, "5_30"));
    leave(&s);
}

static void several_are_one_call(void **state)
{
    double now = 0;
    struct scene s;

    (void)state;
    begin(&s, "printf '5_1|PENDING\\n6|PENDING\\n'", "exit 0");
    comeback_note(s.run, "5_1");
    comeback_note(s.run, "6");
    assert_int_equal(comeback_hasten(s.run, &now), 0);
    assert_int_equal(calls(&s, "JobId=5_1,6 ") + calls(&s, "JobId=6,5_1 "), 1);
    leave(&s);
}

/* slurmctld is away: they are seen to later. */
static void no_answer_forgets_nobody(void **state)
{
    double now = 0;
    struct scene s;

    (void)state;
    begin(&s, "exit 1", "exit 1");
    comeback_note(s.run, "7");
    assert_int_equal(comeback_hasten(s.run, &now), 1);
    play(&s, "squeue", "echo '7|PENDING'");
    now = 0;
    assert_int_equal(comeback_hasten(s.run, &now), 1);
    assert_true(is_noted(&s, "7"));
    play(&s, "scontrol", "exit 0");
    now = 0;
    assert_int_equal(comeback_hasten(s.run, &now), 0);
    assert_false(is_noted(&s, "7"));
    leave(&s);
}

/* Nor is Slurm asked twice in a moment. */
static void they_are_asked_for_now_and_then(void **state)
{
    double next = 0, began = clock_monotonic();
    struct scene s;

    (void)state;
    begin(&s, "echo '7|COMPLETING'", "exit 0");
    comeback_note(s.run, "7");
    for (int i = 0; i < 5; i++)
        assert_int_equal(comeback_hasten(s.run, &next), 1);
    assert_int_equal(calls(&s, "squeue"), 1);
    assert_true(next >= began + COMEBACK_S);
    leave(&s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nobody_is_asked_for_nothing),
        cmocka_unit_test(those_in_the_queue_start_now),
        cmocka_unit_test(several_are_one_call),
        cmocka_unit_test(no_answer_forgets_nobody),
        cmocka_unit_test(they_are_asked_for_now_and_then),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
