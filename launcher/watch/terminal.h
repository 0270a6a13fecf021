/* terminal: the door to ncurses; a whole screen that is drawn again and again,
 * and keys.
 *
 * Between terminal_open() and terminal_close() nothing else may be written to
 * the terminal. Ctrl-C, SIGTERM and Ctrl-Z leave it as it was (ncurses sees to
 * that).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_WATCH_TERMINAL_H
#define LAUNCHER_WATCH_TERMINAL_H

#include "base/error.h"
#include "launcher/format/screen.h"

struct terminal;

/* What terminal_key() returns beside the bytes that were typed. */
enum {
    TERMINAL_NONE = 0, /* the time has passed */
    TERMINAL_RESIZED = -1,
    TERMINAL_UP = -2,
    TERMINAL_DOWN = -3,
    TERMINAL_PAGE_UP = -4,
    TERMINAL_PAGE_DOWN = -5,
    TERMINAL_HOME = -6,
    TERMINAL_END = -7,
    TERMINAL_ENTER = -8,
    TERMINAL_ERASE = -9,
    TERMINAL_ESCAPE = -10,
    TERMINAL_OTHER = -11
};

/* Take the terminal at stdout and stdin over. 'screen' says whether it shows
 * UTF-8. Returns 0 with '*out', or -1 with 'err' (kind USAGE): no terminal, or
 * one of a type (TERM) that is not known. */
int terminal_open(struct terminal **out, const struct screen *screen,
                  struct error *err);
void terminal_close(struct terminal *t);

/* Its lines and columns now. */
void terminal_size(const struct terminal *t, int *height, int *width);

/* Show these lines from the top and nothing below; what does not fit is cut. In
 * them \033[1m, \033[2m, \033[7m and \033[0m make bold, dim, reverse and plain;
 * a line begins plain. */
void terminal_draw(struct terminal *t, const char *lines);

/* The next key: a byte, or one of those above; waits 'seconds' at most. */
int terminal_key(struct terminal *t, double seconds);

/* The version of ncurses that is linked. */
const char *terminal_version(void);

#endif
