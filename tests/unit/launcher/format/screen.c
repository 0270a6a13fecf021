/* screen: what a terminal and a file are taken for.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "launcher/format/screen.h"

static void set_or_unset(const char *name, const char *value)
{
    assert_int_equal(value ? setenv(name, value, 1) : unsetenv(name), 0);
}

static void test_character_set(void **state)
{
    static const struct {
        const char *all, *type, *lang;
        bool utf8;
    } cases[] = {
        { NULL, NULL, NULL, false },
        { NULL, NULL, "ja_JP.UTF-8", true },
        { NULL, NULL, "ja_JP.utf8", true },
        { NULL, NULL, "ja_JP.eucJP", false },
        { NULL, "C", "en_US.UTF-8", false },
        { "C.UTF-8", "C", "C", true },
        { "POSIX", "C.UTF-8", "C.UTF-8", false },
        { "", "", "C.UTF-8", true }, /* empty is not set */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set_or_unset("LC_ALL", cases[i].all);
        set_or_unset("LC_CTYPE", cases[i].type);
        set_or_unset("LANG", cases[i].lang);
        assert_int_equal(screen_of(stdin).utf8, cases[i].utf8);
    }
}

static void test_file_has_no_width(void **state)
{
    FILE *file = tmpfile();

    (void)state;
    assert_non_null(file);
    set_or_unset("COLUMNS", "100");
    struct screen s = screen_of(file);

    assert_int_equal(s.width, 0);
    assert_false(s.fancy);
    fclose(file);
}

static void test_terminal(void **state)
{
    static const struct {
        const char *columns, *term, *no_color;
        unsigned short wide;
        int width;
        bool fancy;
    } cases[] = {
        { NULL, "xterm", NULL, 132, 132, true },
        { NULL, "xterm", "1", 132, 132, false },
        { NULL, "dumb", NULL, 132, 132, false },
        { NULL, "xterm", NULL, 0, 80, true }, /* it does not say */
        { NULL, "xterm", NULL, 5, 20, true },
        { "100", "xterm", NULL, 132, 100, true },
        { "many", "xterm", NULL, 132, 132, true },
        { "-3", "xterm", NULL, 132, 132, true },
    };
    int master = posix_openpt(O_RDWR | O_NOCTTY);

    (void)state;
    if (master < 0 || grantpt(master) != 0 || unlockpt(master) != 0)
        skip();
    /* it must not become ours: its end would be our hangup */
    FILE *terminal = fdopen(open(ptsname(master), O_RDWR | O_NOCTTY), "r+");

    assert_non_null(terminal);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct winsize size = { .ws_row = 24, .ws_col = cases[i].wide };

        assert_int_equal(ioctl(master, TIOCSWINSZ, &size), 0);
        set_or_unset("COLUMNS", cases[i].columns);
        set_or_unset("TERM", cases[i].term);
        set_or_unset("NO_COLOR", cases[i].no_color);
        struct screen s = screen_of(terminal);

        assert_int_equal(s.width, cases[i].width);
        assert_int_equal(s.fancy, cases[i].fancy);
    }
    fclose(terminal);
    close(master);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_character_set),
        cmocka_unit_test(test_file_has_no_width),
        cmocka_unit_test(test_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
