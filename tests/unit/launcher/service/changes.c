/* A page follows a study by what has changed since it asked last.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/launcher/service/desk.h"

#include <math.h>

/* Ask again from where the last reply was; returns how many trials changed. */
static size_t follow(struct desk *d, int64_t *term, int64_t *at)
{
    char *path = text_print("/v1/changes?term=%jd&since=%jd", (intmax_t)*term,
                            (intmax_t)*at);

    assert_int_equal(desk_get(d, path), 200);
    free(path);
    *term = tree_integer(tree_get(d->reply, "term"));
    *at = tree_integer(tree_get(d->reply, "at"));
    return tree_count(tree_get(d->reply, "trials"));
}

static const struct tree *changed(const struct desk *d, size_t i)
{
    return tree_at(tree_get(d->reply, "trials"), i);
}

static void only_what_changed(void **state)
{
    struct handout first, second;
    int64_t term = 0, at = 0;
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    assert_int_equal(follow(&d, &term, &at), 0);
    first = desk_ask(&d, "a:1:0");
    second = desk_ask(&d, "a:1:1");
    assert_int_equal(follow(&d, &term, &at), 2);
    assert_int_equal(follow(&d, &term, &at), 0);

    desk_report(&d, &first, 1, "0.5");
    desk_report(&d, &first, 2, "0.75");
    assert_int_equal(follow(&d, &term, &at), 1);
    const struct tree *curve = tree_get(changed(&d, 0), "curve");

    assert_int_equal(tree_integer(tree_get(changed(&d, 0), "trial")), 0);
    assert_int_equal(tree_count(curve), 2);
    assert_int_equal(tree_integer(tree_at(tree_at(curve, 1), 0)), 2);
    assert_true(tree_number(tree_at(tree_at(curve, 1), 1)) == 0.75);

    desk_tell(&d, &second, "failed");
    assert_int_equal(follow(&d, &term, &at), 1);
    assert_int_equal(tree_integer(tree_get(changed(&d, 0), "trial")), 1);
    const struct tree *work = tree_at(tree_get(changed(&d, 0), "work"), 0);

    assert_string_equal(tree_text(tree_at(work, 0)), "a:1:1");
    assert_string_equal(tree_text(tree_at(work, 3)), "failed");
    desk_close(&d);
}

/* Another controller, or none: everything, curves from the store. */
static void everything_after_a_restart(void **state)
{
    int64_t term = 0, at = 0;
    struct handout h;
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    h = desk_ask(&d, "a:1:0");
    desk_report(&d, &h, 1, "0.5");
    desk_report(&d, &h, 2, "'nan'");
    desk_tell(&d, &h, "complete");
    follow(&d, &term, &at);
    for (int view = 0; view < 2; view++) {
        d.view = view;
        desk_restart(&d);
        assert_int_equal(follow(&d, &term, &at), 1);
        const struct tree *curve = tree_get(changed(&d, 0), "curve");

        assert_int_equal(tree_count(curve), 2);
        assert_true(tree_number(tree_at(tree_at(curve, 0), 1)) == 0.5);
        assert_int_equal(tree_kind(tree_at(tree_at(curve, 1), 1)), TREE_NULL);
    }
    desk_close(&d);
}

/* The places are the leaderboard's, from memory and from the store. */
static void the_first_places(void **state)
{
    static const char *const values[] = { "0.5", "0.9", "0.89", "0.7" };
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    for (int i = 0; i < 4; i++) {
        struct handout h = desk_ask(&d, "a:1:0");

        desk_post(&d, "/v1/report",
                  "{'trial': %jd, 'attempt': %jd, 'lease': '%s', 'step': 1, "
                  "'metrics': {'v': %s, 'v.std': %s}}",
                  (intmax_t)h.trial, (intmax_t)h.attempt, h.lease, values[i],
                  i == 3 ? "'nan'" : "0.01");
        desk_tell(&d, &h, "complete");
    }
    for (int view = 0; view < 2; view++) {
        struct text json = TEXT_INIT;
        int64_t term = 0, at = 0;

        d.view = view;
        desk_restart(&d);
        follow(&d, &term, &at);
        json_format(tree_get(d.reply, "places"), &json);
        assert_string_equal(text_get(&json), "[[1,1,2],[2,1,2],[3],[0,4,4]]");
        text_clear(&json);
    }
    desk_close(&d);
}

static void the_axes_of_the_space(void **state)
{
    const struct tree *space;
    int64_t term = 0, at = 0;
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    follow(&d, &term, &at);
    space = tree_get(d.reply, "space");
    assert_int_equal(tree_count(space), 2);
    assert_string_equal(tree_text(tree_get(tree_at(space, 1), "name")), "n");
    assert_string_equal(tree_text(tree_get(tree_at(space, 1), "kind")), "int");
    assert_true(tree_number(tree_get(tree_at(space, 1), "high")) == 9);
    desk_close(&d);
}

static void a_wrong_question(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    assert_int_equal(desk_get(&d, "/v1/changes?since=x"), 400);
    assert_int_equal(desk_get(&d, "/v1/logs/x"), 404);
    assert_int_equal(desk_get(&d, "/v1/logs/0"), 404);
    desk_ask(&d, "a:1:0");
    assert_int_equal(desk_get(&d, "/v1/logs/0"), 200);
    assert_string_equal(desk_text(&d, "tail"), ""); /* there is no file */
    desk_close(&d);
}

/* Which parameter decides: values follow x alone. */
static void what_matters(void **state)
{
    struct handout h;
    struct desk d;

    (void)state;
    for (int view = 0; view < 2; view++) {
        desk_open(&d, "search: {sampler: random}\n", 0);
        assert_int_equal(desk_get(&d, "/v1/importance"), 409);
        for (int i = 0; i < 40; i++) {
            char value[32];

            h = desk_ask(&d, "a:1:0");
            snprintf(value, sizeof value, "%.6f",
                     -fabs(desk_number(&d, "params.x") - 0.7));
            desk_report(&d, &h, 1, value);
            desk_tell(&d, &h, "complete");
        }
        d.view = view == 1; /* then from the store, which has no curves */
        desk_restart(&d);
        assert_int_equal(desk_get(&d, "/v1/importance?share=0.2&pairs=1"), 200);
        const struct tree *first = tree_at(tree_get(d.reply, "importance"), 0);

        assert_true(desk_number(&d, "trials") == 40);
        assert_string_equal(tree_text(tree_get(first, "parameter")), "x");
        assert_true(tree_number(tree_get(first, "importance")) > 0.7);
        assert_int_equal(tree_count(tree_get(d.reply, "pairs")), 1);
        assert_int_equal(desk_get(&d, "/v1/importance?share=x"), 400);
        d.view = false;
        desk_close(&d);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_changed),
        cmocka_unit_test(everything_after_a_restart),
        cmocka_unit_test(the_first_places),
        cmocka_unit_test(the_axes_of_the_space),
        cmocka_unit_test(a_wrong_question),
        cmocka_unit_test(what_matters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
