/* What is told of a study from one look to the next, and never twice.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/notify/occasion.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/json.h"
#include "base/text.h"

/* A summary with these words in it, ' for ". */
static struct tree *summary(const char *state, const char *best, int running,
                            int failed, int reports)
{
    char *json = text_print(
        "{'study': 's', 'run': '/runs/s', 'metric': 'loss', 'state': '%s', "
        "'reason': 'why', 'best': %s, 'reports': %d, "
        "'states': {'running': %d, 'failed': %d}}",
        state, best, reports, running, failed);
    struct error err = ERROR_INIT;
    struct tree *t;

    for (char *c = json; *c; c++)
        if (*c == '\'')
            *c = '"';
    t = json_parse(json, strlen(json), "summary", &err);
    assert_non_null(t);
    free(json);
    return t;
}

/* Look at the summary (destroyed); the events, one after the other. */
static char *look(struct known *k, struct tree *study, struct tree *failed,
                  double now, struct text *texts)
{
    struct tree *messages = tree_list();
    struct text events = TEXT_INIT;

    occasion_look(k, study, failed, now, messages);
    assert_true(tree_ok(messages));
    for (size_t i = 0; i < tree_count(messages); i++) {
        const struct tree *m = tree_at(messages, i);

        text_format(&events, "%s%s", i ? " " : "",
                    tree_text(tree_get(m, "event")));
        if (texts)
            text_format(texts, "%s\n", tree_text(tree_get(m, "text")));
    }
    tree_destroy(messages);
    tree_destroy(failed);
    tree_destroy(study);
    return events.data ? text_take(&events) : text_copy("");
}

static void looks(struct known *k, struct tree *study, double now,
                  const char *expected)
{
    char *events = look(k, study, NULL, now, NULL);

    assert_string_equal(events, expected);
    free(events);
}

static const char seven[] = "{'trial': 7, 'value': 0.5}";
static const char nine[] = "{'trial': 9, 'value': 0.25}";

static void the_life_of_a_study(void **state)
{
    struct known k;

    (void)state;
    known_init(&k, 0);
    looks(&k, summary("running", "null", 1, 0, 0), 0, "started");
    looks(&k, summary("running", "null", 1, 0, 0), 2, "");
    looks(&k, summary("running", seven, 1, 0, 1), 4, "best");
    looks(&k, summary("running", seven, 1, 0, 2), 6, "");
    looks(&k, summary("running", nine, 1, 0, 3), 8, "best");
    looks(&k, summary("finished", nine, 0, 0, 3), 10, "finished");
    looks(&k, summary("finished", nine, 0, 0, 3), 12, "");
    /* more trials, and the end again */
    looks(&k, summary("running", nine, 1, 0, 4), 14, "");
    looks(&k, summary("stopped", nine, 0, 0, 4), 16, "finished");
}

static void nothing_is_told_twice_in_another_life(void **state)
{
    struct known before, after;
    struct tree *kept;

    (void)state;
    known_init(&before, 0);
    looks(&before, summary("running", seven, 1, 0, 1), 0, "started best");
    kept = known_to_tree(&before);
    known_init(&after, 100);
    known_from_tree(&after, kept);
    looks(&after, summary("running", seven, 1, 0, 1), 100, "");
    tree_destroy(kept);
    known_init(&after, 100);
    known_from_tree(&after, NULL); /* a file that is damaged */
    looks(&after, summary("running", seven, 1, 0, 1), 100, "started best");
}

static void trials_that_fail(void **state)
{
    struct text texts = TEXT_INIT;
    struct error err = ERROR_INIT;
    static const char rows[] = "[{\"trial\": 3, \"reason\": \"exit status 1\"},"
                               " {\"trial\": 5, \"reason\": \"killed\"}]";
    struct known k;
    char *events;

    (void)state;
    known_init(&k, 0);
    k.started = true;
    events = look(&k, summary("running", "null", 1, 2, 0),
                  json_parse(rows, strlen(rows), "rows", &err), 0, &texts);
    assert_string_equal(events, "failed failed");
    assert_string_equal(text_get(&texts),
                        "s: trial 3 has failed: exit status 1\n"
                        "s: trial 5 has failed: killed\n");
    assert_int_equal(k.failed, 2);
    free(events);
    text_clear(&texts);
}

static void silence(void **state)
{
    struct known k;

    (void)state;
    known_init(&k, 0);
    k.started = true;
    looks(&k, summary("running", "null", 2, 0, 5), 10, "");
    looks(&k, summary("running", "null", 2, 0, 5), 1800, "");
    looks(&k, summary("running", "null", 2, 0, 5), 1810, "stalled");
    looks(&k, summary("running", "null", 2, 0, 5), 9999, ""); /* said once */
    looks(&k, summary("running", "null", 2, 0, 6), 10000, "");
    looks(&k, summary("running", "null", 2, 0, 6), 11800, "stalled");
    /* nobody runs: nothing is expected */
    looks(&k, summary("running", "null", 0, 0, 6), 99999, "");
}

static void the_words_of_the_end(void **state)
{
    struct text texts = TEXT_INIT;
    struct known k;

    (void)state;
    known_init(&k, 0);
    k.started = true;
    free(look(&k, summary("finished", seven, 0, 0, 5), NULL, 0, &texts));
    assert_string_equal(text_get(&texts),
                        "s: new best loss 0.5 (trial 7)\n"
                        "s: finished (why); best loss 0.5 (trial 7)\n");
    text_reset(&texts);
    known_init(&k, 0);
    k.started = true;
    free(look(&k, summary("stopped", "null", 0, 0, 5), NULL, 0, &texts));
    assert_string_equal(text_get(&texts),
                        "s: stopped (why); no trial has a value\n");
    text_clear(&texts);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_life_of_a_study),
        cmocka_unit_test(nothing_is_told_twice_in_another_life),
        cmocka_unit_test(trials_that_fail),
        cmocka_unit_test(silence),
        cmocka_unit_test(the_words_of_the_end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
