/* What waits for a receiver, how it is joined, and what is sent.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/notify/outbox.h"

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/json.h"
#include "base/text.h"
#include "launcher/notify/deliver.h"

static struct tree *parse(const char *json)
{
    char *copy = text_copy(json);
    struct error err = ERROR_INIT;
    struct tree *t;

    for (char *c = copy; *c; c++)
        if (*c == '\'')
            *c = '"';
    t = json_parse(copy, strlen(copy), "test", &err);
    assert_non_null(t);
    free(copy);
    return t;
}

static void put(struct outbox *o, const char *event, const char *text)
{
    char *json = text_print("{'event': '%s', 'study': 's', 'trial': 7, "
                            "'value': 0.5, 'text': '%s'}",
                            event, text);
    struct tree *m = parse(json);

    outbox_put(o, m);
    tree_destroy(m);
    free(json);
}

static const char *waiting(const struct outbox *o, size_t i)
{
    return tree_text(tree_get(tree_at(o->waiting, i), "text"));
}

static void what_is_wanted_and_how_it_is_joined(void **state)
{
    struct tree *notice = parse("{'on': ['best', 'failed'], 'exec': ['true']}");
    struct error err = ERROR_INIT;
    struct outbox o;

    (void)state;
    assert_int_equal(outbox_init(&o, notice, &err), 0);
    put(&o, "started", "unwanted");
    put(&o, "best", "0.5");
    put(&o, "failed", "trial 1");
    put(&o, "best", "0.4");
    put(&o, "failed", "trial 2");
    put(&o, "failed", "trial 3");
    assert_int_equal(tree_count(o.waiting), 2);
    assert_string_equal(waiting(&o, 0), "0.4");
    assert_string_equal(waiting(&o, 1), "trial 1 (and 2 more since)");

    outbox_send(&o, 100, false);
    assert_int_equal(tree_count(o.waiting), 1);
    outbox_send(&o, 100 + OUTBOX_GAP_S / 2, false); /* too soon */
    assert_int_equal(tree_count(o.waiting), 1);
    outbox_send(&o, 100 + OUTBOX_GAP_S, false);
    assert_int_equal(tree_count(o.waiting), 0);
    outbox_clear(&o);
    tree_destroy(notice);
}

static void what_fails_is_tried_again_and_given_up(void **state)
{
    struct tree *notice = parse("{'on': ['best'], 'exec': ['false']}");
    struct error err = ERROR_INIT;
    struct outbox o;
    double now = 0;

    (void)state;
    assert_int_equal(outbox_init(&o, notice, &err), 0);
    put(&o, "best", "0.5");
    for (int i = 0; i < OUTBOX_TRIES; i++) {
        assert_int_equal(tree_count(o.waiting), 1);
        outbox_send(&o, now, false);
        assert_true(i + 1 == OUTBOX_TRIES || o.next > now);
        now = o.next;
    }
    assert_int_equal(tree_count(o.waiting), 0);
    outbox_clear(&o);
    tree_destroy(notice);
}

static void a_program_is_told_in_its_environment(void **state)
{
    char path[] = "/tmp/outbox.XXXXXX", got[256] = "";
    int fd = mkstemp(path);
    char *json = text_print("{'on': ['best'], 'exec': ['sh', '-c', "
                            "'printf %%s,%%s,%%s \\\"$SENTEI_EVENT\\\" "
                            "$SENTEI_VALUE \\\"$SENTEI_TEXT\\\" > %s']}",
                            path);
    struct tree *notice = parse(json);
    struct tree *message =
        parse("{'event': 'best', 'value': 0.5, 'text': 'a $HOME; `id`'}");
    struct error err = ERROR_INIT;

    (void)state;
    assert_int_equal(deliver(notice, message, &err), 0);
    assert_true(read(fd, got, sizeof got - 1) > 0);
    assert_string_equal(got, "best,0.5,a $HOME; `id`");
    close(fd);
    unlink(path);
    tree_destroy(message);
    tree_destroy(notice);
    free(json);
}

static void the_body_of_a_webhook(void **state)
{
    static const struct {
        const char *notice, *body;
    } rows[] = {
        { "{'webhook': 'http://x'}", "{\"text\":\"new best\"}" },
        { "{'body': {'a': '{study}/{trial}: {value} {nothing} {', 'b': [1, "
          "'{text}'], 'c': {'d': true}}}",
          "{\"a\":\"s/7: 0.5 {nothing} {\",\"b\":[1,\"new "
          "best\"],\"c\":{\"d\":true}}" },
    };
    struct tree *message = parse("{'event': 'best', 'study': 's', 'trial': 7, "
                                 "'value': 0.5, 'text': 'new best'}");

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct tree *notice = parse(rows[i].notice);
        struct tree *body = deliver_body(notice, message);
        struct text json = TEXT_INIT;

        json_format(body, &json);
        assert_string_equal(text_get(&json), rows[i].body);
        text_clear(&json);
        tree_destroy(body);
        tree_destroy(notice);
    }
    tree_destroy(message);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_wanted_and_how_it_is_joined),
        cmocka_unit_test(what_fails_is_tried_again_and_given_up),
        cmocka_unit_test(a_program_is_told_in_its_environment),
        cmocka_unit_test(the_body_of_a_webhook),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
