/* What 'sentei run' shows of a study, on a terminal and elsewhere.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/json.h"
#include "launcher/local/live.h"

static struct tree *study(const char *json)
{
    struct tree *t = json_parse(json, strlen(json), "study", NULL);

    assert_non_null(t);
    return t;
}

static const char middle[] =
    "{\"study\": \"quick\", \"metric\": \"loss\", \"budget_trials\": 24,"
    " \"states\": {\"complete\": 8, \"pruned\": 4, \"running\": 2},"
    " \"best\": {\"trial\": 7, \"value\": 0.25}, \"elapsed_s\": 70,"
    " \"seconds_left\": 58, \"workers\": [{\"trial\": 12, \"step\": 4},"
    " {\"trial\": null}, {\"trial\": 13, \"step\": 0}]}";

static void three_lines_on_a_terminal(void **state)
{
    static const struct {
        struct screen screen;
        const char *lines;
    } rows[] = {
        { { 80, true, false },
          "quick  [############............] 12/24   1 min 10 s, 58 s left\n"
          "best loss 0.25 (trial 7)   8 complete, 4 pruned, 2 running\n"
          "trial 12 step 4   trial 13\n" },
        { { 20, true, false },
          "quick  [#########..\nbest loss 0.25 (t..\ntrial 12 step 4  ..\n" },
    };
    struct tree *t = study(middle);

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text out = TEXT_INIT;

        live_format(t, &rows[i].screen, &out);
        assert_string_equal(text_get(&out), rows[i].lines);
        text_clear(&out);
    }
    tree_destroy(t);
}

static void one_line_elsewhere(void **state)
{
    static const struct {
        const char *json, *line;
    } rows[] = {
        { middle, "quick: 12/24 trials; best loss 0.25 (trial 7); 8 complete, "
                  "4 pruned, 2 running; 1 min 10 s, 58 s left\n" },
        { "{\"study\": \"new\", \"states\": {\"running\": 1}, \"best\": null,"
          " \"budget_trials\": null, \"elapsed_s\": 0.5,"
          " \"seconds_left\": null}",
          "new: 0 trials; no value yet; 1 running; 0.5 s\n" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text out = TEXT_INIT;
        struct tree *t = study(rows[i].json);

        live_format_plain(t, &out);
        assert_string_equal(text_get(&out), rows[i].line);
        tree_destroy(t);
        text_clear(&out);
    }
}

/* A name may hold anything; it cannot move the cursor. */
static void names_are_cleaned(void **state)
{
    const struct screen screen = { 80, true, true };
    struct tree *t = study("{\"study\": \"a\\u001b[2Jb\\n\", \"states\": {}}");
    struct text out = TEXT_INIT;

    (void)state;
    live_format(t, &screen, &out);
    assert_null(strchr(text_get(&out), '\033'));
    live_format_plain(t, &out);
    assert_null(strchr(text_get(&out), '\033'));
    text_clear(&out);
    tree_destroy(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(three_lines_on_a_terminal),
        cmocka_unit_test(one_line_elsewhere),
        cmocka_unit_test(names_are_cleaned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
