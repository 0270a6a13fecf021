/* terminal: see terminal.h. The only file that includes ncurses.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/watch/terminal.h"

#include <curses.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { ESCAPE = 27, ESCAPE_MS = 25 };

struct terminal {
    SCREEN *screen;
};

/* The character set by its environment, or where that locale is not installed
 * by one that always is. */
static void choose_locale(bool utf8)
{
    if (!setlocale(LC_CTYPE, "") || (utf8 && MB_CUR_MAX < 2))
        setlocale(LC_CTYPE, utf8 ? "C.UTF-8" : "C");
}

int terminal_open(struct terminal **out, const struct screen *screen,
                  struct error *err)
{
    const char *type = getenv("TERM");
    struct terminal *t;

    *out = NULL;
    if (!isatty(STDOUT_FILENO) || !isatty(STDIN_FILENO)) {
        error_usage(err, "%s is no terminal",
                    isatty(STDOUT_FILENO) ? "stdin" : "stdout");
        return error_hint(err, "'sentei status' prints it once");
    }
    if (!(t = calloc(1, sizeof *t)))
        return error_memory(err);
    choose_locale(screen->utf8);
    unsetenv("LINES"); /* the terminal's own size, which can change */
    unsetenv("COLUMNS");
    if (!(t->screen = newterm(NULL, stdout, stdin))) {
        free(t);
        error_usage(err, "no full screen on a terminal of type '%s'",
                    type ? type : "");
        return error_hint(err, "set TERM, or use 'sentei status'");
    }
    cbreak();
    noecho();
    nonl();
    curs_set(0);
    keypad(stdscr, TRUE);
    set_escdelay(ESCAPE_MS);
    *out = t;
    return 0;
}

void terminal_close(struct terminal *t)
{
    if (!t)
        return;
    endwin();
    delscreen(t->screen);
    free(t);
}

void terminal_size(const struct terminal *t, int *height, int *width)
{
    (void)t;
    getmaxyx(stdscr, *height, *width);
}

/* At an escape sequence: switch to what it says. Returns its length. */
static size_t switch_style(const char *s)
{
    static const struct {
        const char *sequence;
        attr_t style;
    } styles[] = { { "\033[0m", A_NORMAL },
                   { "\033[1m", A_BOLD },
                   { "\033[2m", A_DIM },
                   { "\033[7m", A_REVERSE } };

    for (size_t i = 0; i < sizeof styles / sizeof *styles; i++)
        if (strncmp(s, styles[i].sequence, strlen(styles[i].sequence)) == 0) {
            attrset((int)styles[i].style);
            return strlen(styles[i].sequence);
        }
    return 1;
}

static void draw_line(int row, const char *line, size_t length)
{
    const char *end = line + length;

    attrset((int)A_NORMAL);
    move(row, 0);
    clrtoeol(); /* also what a line too long left here */
    while (line < end) {
        size_t plain = 0;

        while (line + plain < end && line[plain] != '\033')
            plain++;
        addnstr(line, (int)plain);
        line += plain;
        if (line < end)
            line += switch_style(line);
    }
    attrset((int)A_NORMAL);
}

void terminal_draw(struct terminal *t, const char *lines)
{
    int height, width, row = 0;

    terminal_size(t, &height, &width);
    for (; *lines && row < height; row++) {
        size_t length = strcspn(lines, "\n");

        draw_line(row, lines, length);
        lines += length + (lines[length] == '\n');
    }
    if (row < height) {
        move(row, 0);
        clrtobot();
    }
    refresh();
}

int terminal_key(struct terminal *t, double seconds)
{
    static const struct {
        int theirs, ours;
    } keys[] = {
        { ERR, TERMINAL_NONE },          { KEY_RESIZE, TERMINAL_RESIZED },
        { KEY_UP, TERMINAL_UP },         { KEY_DOWN, TERMINAL_DOWN },
        { KEY_PPAGE, TERMINAL_PAGE_UP }, { KEY_NPAGE, TERMINAL_PAGE_DOWN },
        { KEY_HOME, TERMINAL_HOME },     { KEY_END, TERMINAL_END },
        { KEY_ENTER, TERMINAL_ENTER },   { '\r', TERMINAL_ENTER },
        { '\n', TERMINAL_ENTER },        { KEY_BACKSPACE, TERMINAL_ERASE },
        { '\b', TERMINAL_ERASE },        { 127, TERMINAL_ERASE },
        { ESCAPE, TERMINAL_ESCAPE },
    };
    int key;

    (void)t;
    timeout((int)ceil(1e3 * fmax(0, seconds)));
    key = getch();
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
        if (keys[i].theirs == key)
            return keys[i].ours;
    return key > 255 ? TERMINAL_OTHER : key;
}

const char *terminal_version(void)
{
    return curses_version() + strlen("ncurses ");
}
