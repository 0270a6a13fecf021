/* What a view reads from the store is what the controller said from memory.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/launcher/service/desk.h"

enum { TRIALS = 60, ASKED = 8 };

static const char *const paths[ASKED] = {
    "/v1/leaderboard",       "/v1/leaderboard?top=1",
    "/v1/leaderboard?top=3", "/v1/leaderboard?top=59",
    "/v1/leaderboard?top=0", "/v1/trials/17",
    "/v1/trials/7",          "/v1/study",
};

/* What is the same with and without a controller, as JSON. */
static char *said(struct desk *d, const char *path)
{
    static const char *const parts[] = { "best",     "improvements", "states",
                                         "trials",   "reports",      "busy_s",
                                         "imported", "gpu_hours" };
    struct text json = TEXT_INIT;

    assert_int_equal(desk_get(d, path), 200);
    const struct tree *rows = tree_get(d->reply, "rows");
    const struct tree *study = tree_get(d->reply, "study");

    if (tree_kind(study) == TREE_STRING) /* the summary itself */
        study = d->reply;
    json_format(rows || study ? rows : d->reply, &json);
    for (size_t i = 0; study && i < sizeof parts / sizeof *parts; i++)
        json_format(tree_get(study, parts[i]), &json);
    return text_take(&json);
}

/* Trials of all kinds: good, infeasible, without a number, failed. */
static void fill(struct desk *d)
{
    for (int i = 0; i < TRIALS; i++) {
        struct handout h = desk_ask(d, "a:1:0");

        if (i % 7 != 6)
            assert_int_equal(
                desk_post(d, "/v1/report",
                          "{'trial': %jd, 'attempt': %jd, 'lease': '%s', "
                          "'step': 1, 'metrics': {'v': %s%d, 'size': %d}}",
                          (intmax_t)h.trial, (intmax_t)h.attempt, h.lease, "0.",
                          (i * 37) % 101 + 1, (i * 11) % 13),
                200);
        d->now += 1;
        desk_tell(d, &h, i % 5 == 4 ? "failed" : "complete");
    }
    desk_ask(d, "a:1:0"); /* one runs, and has not reported */
}

static void both_say_the_same(const char *lines)
{
    char *told[ASKED];
    struct desk d;

    desk_open(&d, lines, 0);
    fill(&d);
    for (int i = 0; i < ASKED; i++)
        told[i] = said(&d, paths[i]);
    d.view = true;
    desk_restart(&d);
    for (int i = 0; i < ASKED; i++) {
        char *viewed = said(&d, paths[i]);

        assert_string_equal(viewed, told[i]);
        free(viewed);
        free(told[i]);
    }
    assert_int_equal(desk_get(&d, "/v1/trials/61"), 404);
    assert_int_equal(desk_get(&d, "/v1/trials/x"), 404);
    desk_close(&d);
}

static void of_one_objective(void **state)
{
    (void)state;
    both_say_the_same("retry: {attempts: 1}\n");
}

static void under_a_constraint(void **state)
{
    (void)state;
    both_say_the_same("retry: {attempts: 1}\n"
                      "constraints: [{metric: size, max: 6}]\n");
}

/* The first of many are those of all, whatever the order they came in. */
static void few_of_many(void **state)
{
    struct tree *all;
    struct desk d;

    (void)state;
    desk_open(&d, "retry: {attempts: 1}\n", 0);
    fill(&d);
    desk_get(&d, "/v1/leaderboard");
    all = tree_copy(tree_get(d.reply, "rows"));
    for (size_t top = 1; top < TRIALS; top++) {
        char path[64];

        snprintf(path, sizeof path, "/v1/leaderboard?top=%zu", top);
        assert_int_equal(desk_get(&d, path), 200);
        const struct tree *rows = tree_get(d.reply, "rows");

        assert_int_equal(tree_count(rows), top);
        for (size_t i = 0; i < top; i++)
            assert_true(tree_equal(tree_at(rows, i), tree_at(all, i)));
    }
    tree_destroy(all);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(of_one_objective),
        cmocka_unit_test(under_a_constraint),
        cmocka_unit_test(few_of_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
