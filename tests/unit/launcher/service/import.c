/* import: which trials of another run fit, and what becomes of them.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/launcher/service/desk.h"

#define CURVE                                               \
    "[{'step': 1, 'seconds': 2.5, 'metrics': {'v': 0.4}}, " \
    "{'step': 2, 'seconds': 5, 'metrics': {'v': 0.7}}]"

static int import(struct desk *d, const char *source, const char *state,
                  const char *params, const char *curve)
{
    return desk_post(d, "/v1/import",
                     "{'source': '%s', 'state': '%s', 'params': %s, "
                     "'curve': %s}",
                     source, state, params, curve);
}

static void what_fits_is_taken(void **state)
{
    static const struct {
        const char *params, *curve, *reason; /* NULL: it is taken */
    } rows[] = {
        { "{'x': 0.5, 'n': 3}", CURVE, NULL },
        { "{'x': 0.5, 'n': 3, 'other': 'word'}", CURVE, NULL },
        { "{'x': 1.5, 'n': 3}", CURVE, "x" },
        { "{'x': 0.5}", CURVE, "n" },
        { "{'x': 0.5, 'n': 2.5}", CURVE, "n" },
        { "{'x': 0.5, 'n': 3}", "[]", "no v" },
        { "{'x': 0.5, 'n': 3}", "[{'step': 1, 'metrics': {'w': 1}}]", "no v" },
        { "{'x': 0.5, 'n': 3}", "[{'metrics': {'v': 1}}]", "step" },
        { "{'x': 0.5, 'n': 3}", "[{'step': 1, 'metrics': {'v': 'nan'}}]",
          NULL },
    };
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char source[32];

        snprintf(source, sizeof source, "earlier#%zu", i);
        assert_int_equal(
            import(&d, source, "complete", rows[i].params, rows[i].curve), 200);
        const struct tree *trial = tree_get(d.reply, "trial");
        if (tree_is_number(trial) != !rows[i].reason ||
            !strstr(desk_text(&d, "reason"),
                    rows[i].reason ? rows[i].reason : ""))
            fail_msg("row %zu: %s", i, desk_text(&d, "reason"));
    }
    assert_int_equal(desk_post(&d, "/v1/import", "{'source': 'x'}"), 400);
    desk_close(&d);
}

static void it_is_there_once_and_does_not_count(void **state)
{
    struct desk d;

    (void)state;
    desk_open(&d, "stop: {trials: 1}\n", 0);
    for (int i = 0; i < 2; i++) {
        import(&d, "earlier#7", "pruned", "{'x': 0.5, 'n': 3}", CURVE);
        assert_true(desk_number(&d, "trial") == 0);
        desk_restart(&d);
    }
    assert_string_equal(desk_trial_text(&d, 0, "state"), "pruned");
    assert_string_equal(desk_text(&d, "source"), "earlier#7");
    assert_true(desk_number(&d, "value") == 0.7);
    assert_true(desk_number(&d, "step") == 2);
    struct handout h = desk_ask(&d, "a:1:0");
    assert_int_equal(h.trial, 1);
    desk_report(&d, &h, 1, "0.5");
    desk_tell(&d, &h, "complete");
    assert_int_equal(desk_ask(&d, "a:1:0").trial, -1);
    assert_string_equal(desk_text(&d, "reason"), "1 of 1 trials");
    desk_close(&d);
}

/* In a space of three points, of which two are known, one is left. */
static void the_search_knows_it(void **state)
{
    static const char grid[] = "study: desk\n"
                               "objective: {metric: v, direction: maximize}\n"
                               "space: {n: {type: int, low: 1, high: 3}}\n"
                               "trainer: {command: [\"true\"]}\n"
                               "search: {sampler: grid, pruner: none}\n";
    struct error err = ERROR_INIT;
    struct desk d;

    (void)state;
    desk_open(&d, "", 0);
    service_close(d.service);
    study_destroy(d.study);
    d.study = study_parse(grid, strlen(grid), "grid.yaml", &err);
    assert_non_null(d.study);
    desk_serve(&d);
    import(&d, "a#0", "complete", "{'n': 1}", CURVE);
    import(&d, "a#1", "complete", "{'n': 3}", CURVE);
    assert_int_equal(desk_ask(&d, "a:1:0").trial, 2);
    assert_true(desk_number(&d, "params.n") == 2);
    desk_close(&d);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_fits_is_taken),
        cmocka_unit_test(it_is_there_once_and_does_not_count),
        cmocka_unit_test(the_search_knows_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
