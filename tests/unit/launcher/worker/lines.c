/* Bytes become lines whatever they are and however they arrive.
 * SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "base/text.h"
#include "launcher/worker/lines.h"

/* Each line as "<line>|", one that was cut as "<line>!". */
static void note(void *context, const char *line, bool whole)
{
    struct text *seen = context;

    text_append(seen, line);
    text_append_char(seen, whole ? '|' : '!');
}

static void lines_are_cut_where_they_end(void **state)
{
    static const struct {
        const char *bytes;
        size_t size;
        const char *seen;
    } rows[] = {
        { "", 0, "" },
        { "one\ntwo\n", 8, "one|two|" },
        { "one\ntwo", 7, "one|two|" },
        { "\n\n", 2, "||" },
        { "dos\r\nend\r\n", 10, "dos|end|" },
        { "nul\0here\nnext\n", 14, "nul!next|" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        for (size_t piece = 1; piece < 6; piece++) {
            struct text seen = TEXT_INIT;
            struct lines l;

            lines_init(&l, note, &seen);
            for (size_t at = 0; at < rows[i].size; at += piece)
                lines_feed(&l, rows[i].bytes + at,
                           at + piece < rows[i].size ? piece
                                                     : rows[i].size - at);
            lines_end(&l);
            assert_string_equal(text_get(&seen), rows[i].seen);
            text_clear(&seen);
        }
}

static void a_line_without_end_takes_no_memory(void **state)
{
    struct text seen = TEXT_INIT;
    struct lines l;

    (void)state;
    lines_init(&l, note, &seen);
    for (int i = 0; i < 3 * LINES_MAX; i++)
        lines_feed(&l, "x", 1);
    lines_feed(&l, "\nshort\n", 7);
    assert_int_equal(seen.size, LINES_MAX + 1 + strlen("short|"));
    assert_string_equal(text_get(&seen) + LINES_MAX, "!short|");
    text_clear(&seen);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_cut_where_they_end),
        cmocka_unit_test(a_line_without_end_takes_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
