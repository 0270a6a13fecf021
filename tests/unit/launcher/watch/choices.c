/* Keys in, choices out.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "launcher/watch/choices.h"
#include "launcher/watch/terminal.h"

enum { ROWS = 30, PAGE = 10 };

/* Type a string; '<', '>', '~' stand for escape, enter and the erasing key.
 * Returns what the last of them did. */
static bool type(struct choices *c, const char *keys, size_t rows)
{
    bool now = false;

    for (; *keys; keys++)
        now = choices_key(c,
                          *keys == '<'   ? TERMINAL_ESCAPE
                          : *keys == '>' ? TERMINAL_ENTER
                          : *keys == '~' ? TERMINAL_ERASE
                                         : (unsigned char)*keys,
                          rows, PAGE);
    return now;
}

static void moves_over_rows(void **state)
{
    static const struct {
        const char *keys;
        size_t rows, row, first;
    } cases[] = {
        { "", ROWS, 0, 0 },
        { "jjj", ROWS, 3, 0 },
        { "jjjk", ROWS, 2, 0 },
        { "k", ROWS, 0, 0 },
        { "jjjjjjjjjj", ROWS, 10, 1 },
        { " ", ROWS, 10, 1 },
        { "    ", ROWS, 29, 20 },
        { "    b", ROWS, 19, 19 },
        { "bb", ROWS, 0, 0 },
        { "G", ROWS, 29, 20 },
        { "Gk", ROWS, 28, 20 },
        { "Gg", ROWS, 0, 0 },
        { "jjj", 2, 1, 0 },
        { "jG ", 0, 0, 0 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct choices c = { 0 };

        type(&c, cases[i].keys, cases[i].rows);
        assert_int_equal(c.row, cases[i].row);
        assert_int_equal(c.first, cases[i].first);
    }
}

static void moves_by_the_other_keys(void **state)
{
    static const int keys[] = { TERMINAL_DOWN, TERMINAL_DOWN, TERMINAL_UP,
                                TERMINAL_PAGE_DOWN };
    struct choices c = { 0 };

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        assert_true(choices_key(&c, keys[i], ROWS, PAGE));
    assert_int_equal(c.row, 11);
    choices_key(&c, TERMINAL_END, ROWS, PAGE);
    assert_int_equal(c.row, 29);
    choices_key(&c, TERMINAL_HOME, ROWS, PAGE);
    assert_int_equal(c.row, 0);
    assert_false(choices_key(&c, TERMINAL_NONE, ROWS, PAGE));
    assert_false(choices_key(&c, TERMINAL_OTHER, ROWS, PAGE));
    assert_true(choices_key(&c, TERMINAL_RESIZED, ROWS, PAGE));
    choices_key(&c, 'j', ROWS, 0); /* a terminal of one line */
    assert_int_equal(c.row, 1);
}

static void sorts_and_filters(void **state)
{
    static const struct {
        const char *keys, *sort, *where;
        enum prompt prompt;
    } cases[] = {
        { "s", "-trial", "", PROMPT_NONE },
        { "ss", "-seconds", "", PROMPT_NONE },
        { "sssss", "", "", PROMPT_NONE },
        { "ox>", "x", "", PROMPT_NONE },
        { "ox>o~-lr>", "-lr", "", PROMPT_NONE },
        { "ox>s", "", "", PROMPT_NONE },
        { "/depth>", "", "depth", PROMPT_NONE },
        { "/q", "", "", PROMPT_WHERE }, /* a letter like others */
        { "/abc<", "", "", PROMPT_NONE },
        { "/ab\xc3\xa9~c>", "", "abc", PROMPT_NONE },
        { "/~~a>", "", "a", PROMPT_NONE },
        { "/a>/\x15>", "", "", PROMPT_NONE },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct choices c = { 0 };

        type(&c, cases[i].keys, ROWS);
        assert_string_equal(c.sort, cases[i].sort);
        assert_string_equal(c.where, cases[i].where);
        assert_int_equal(c.prompt, cases[i].prompt);
        assert_false(c.ended);
    }
}

static void another_order_begins_at_the_top(void **state)
{
    struct choices c = { 0 };

    (void)state;
    type(&c, "G", ROWS);
    assert_true(type(&c, "s", ROWS));
    assert_int_equal(c.row, 0);
    type(&c, "G", ROWS);
    assert_true(type(&c, "/x>", ROWS));
    assert_int_equal(c.row, 0);
    assert_int_equal(c.first, 0);
}

static void typing_has_an_end(void **state)
{
    struct choices c = { 0 };

    (void)state;
    type(&c, "/", ROWS);
    for (int i = 0; i < 2 * CHOICES_BYTES; i++)
        type(&c, "x", ROWS);
    assert_int_equal(strlen(c.typed), CHOICES_BYTES - 1);
}

static void opens_a_trial_and_leaves(void **state)
{
    struct choices c = { 0 };

    (void)state;
    assert_true(type(&c, "jj>", ROWS));
    assert_true(c.open);
    assert_false(type(&c, "jj", ROWS)); /* its lines, not the rows */
    assert_int_equal(c.line, 2);
    assert_int_equal(c.row, 2);
    type(&c, "<", ROWS);
    assert_false(c.open);
    type(&c, "?", ROWS);
    assert_true(c.help);
    type(&c, "q", ROWS);
    assert_false(c.help || c.ended);
    assert_false(type(&c, "p", ROWS));
    assert_true(c.still);
    assert_true(type(&c, "p", ROWS));
    type(&c, "q", ROWS);
    assert_true(c.ended);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(moves_over_rows),
        cmocka_unit_test(moves_by_the_other_keys),
        cmocka_unit_test(sorts_and_filters),
        cmocka_unit_test(another_order_begins_at_the_top),
        cmocka_unit_test(typing_has_an_end),
        cmocka_unit_test(opens_a_trial_and_leaves),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
