/* choices: see choices.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/watch/choices.h"

#include <stdio.h>
#include <string.h>

#include "launcher/watch/terminal.h"

enum { CONTROL_D = 4, CONTROL_L = 12, CONTROL_U = 21 };

const char choices_hint[] =
    "q quit  j/k move  enter open  s sort  / filter  p still  ? keys";

const char choices_help[] =
    "j k, arrows        the next, the one before\n"
    "space b, page keys a screen further, back\n"
    "g G, home end      the first, the last\n"
    "enter              the whole trial: parameters, curves, the log; again: back\n"
    "s                  sort by another of rank, trial, time, state, step\n"
    "o                  sort by any column; -COLUMN: largest first; empty: by rank\n"
    "/                  only trials that match, as in sentei leaderboard --where\n"
    "p                  nothing moves; again: goes on\n"
    "? h                these words; again: back\n"
    "q                  quit; the study goes on\n";

/* ---- typing --------------------------------------------------------------- */

/* Take the last character away, all bytes of it. */
static void take_back(char *typed)
{
    size_t length = strlen(typed);

    while (length > 0 && ((unsigned char)typed[length - 1] & 0xc0) == 0x80)
        length--;
    typed[length > 0 ? length - 1 : 0] = '\0';
}

static bool enter(struct choices *c)
{
    memcpy(c->prompt == PROMPT_SORT ? c->sort : c->where, c->typed,
           sizeof c->typed);
    c->prompt = PROMPT_NONE;
    c->row = c->first = 0;
    return true;
}

static bool type(struct choices *c, int key)
{
    size_t length = strlen(c->typed);

    if (key == TERMINAL_ENTER)
        return enter(c);
    if (key == TERMINAL_ESCAPE)
        c->prompt = PROMPT_NONE;
    else if (key == TERMINAL_ERASE)
        take_back(c->typed);
    else if (key == CONTROL_U)
        *c->typed = '\0';
    else if (key >= ' ' && length + 1 < sizeof c->typed) {
        c->typed[length] = (char)key;
        c->typed[length + 1] = '\0';
    }
    return false;
}

static void ask(struct choices *c, enum prompt prompt)
{
    c->prompt = prompt;
    memcpy(c->typed, prompt == PROMPT_SORT ? c->sort : c->where,
           sizeof c->typed);
}

/* ---- moving --------------------------------------------------------------- */

/* Where a key leads from 'at' among 'count', or 'at'. */
static size_t moved(int key, size_t at, size_t count, size_t page)
{
    size_t last = count > 0 ? count - 1 : 0;
    size_t left = last > at ? last - at : 0;

    switch (key) {
    case 'j':
    case TERMINAL_DOWN:
        return at + (left > 0);
    case 'k':
    case TERMINAL_UP:
        return at - (at > 0);
    case ' ':
    case CONTROL_D:
    case TERMINAL_PAGE_DOWN:
        return at + (left < page ? left : page);
    case 'b':
    case CONTROL_U:
    case TERMINAL_PAGE_UP:
        return at - (at < page ? at : page);
    case 'g':
    case TERMINAL_HOME:
        return 0;
    case 'G':
    case TERMINAL_END:
        return last;
    default:
        return at;
    }
}

/* ---- the other keys ------------------------------------------------------- */

static void sort_by_next(struct choices *c)
{
    static const char *const sorts[] = { "", "-trial", "-seconds", "state",
                                         "-step" };
    size_t count = sizeof sorts / sizeof *sorts, next = 0;

    for (size_t i = 0; i < count; i++)
        if (strcmp(c->sort, sorts[i]) == 0)
            next = (i + 1) % count;
    snprintf(c->sort, sizeof c->sort, "%s", sorts[next]);
    c->row = c->first = 0;
}

/* Out of the trial or the words that fill the screen. */
static bool leave(struct choices *c)
{
    c->open = c->help = false;
    c->line = 0;
    return true;
}

static bool command(struct choices *c, int key)
{
    switch (key) {
    case 'q':
        c->ended = true;
        return false;
    case TERMINAL_ENTER:
        c->open = true;
        c->line = 0;
        return true;
    case 's':
        sort_by_next(c);
        return true;
    case 'o':
        ask(c, PROMPT_SORT);
        return false;
    case '/':
        ask(c, PROMPT_WHERE);
        return false;
    case 'p':
        c->still = !c->still;
        return !c->still;
    case 'h':
    case '?':
        c->help = true;
        c->line = 0;
        return false;
    default:
        return key == CONTROL_L || key == TERMINAL_RESIZED;
    }
}

bool choices_key(struct choices *c, int key, size_t rows, size_t page)
{
    size_t row;

    page = page > 0 ? page : 1;
    if (key == TERMINAL_NONE)
        return false;
    if (c->prompt != PROMPT_NONE && key != TERMINAL_RESIZED)
        return type(c, key);
    if (c->open || c->help) {
        if (key == 'q' || key == '?' || key == 'h' || key == TERMINAL_ENTER ||
            key == TERMINAL_ESCAPE)
            return leave(c);
        c->line = moved(key, c->line, c->line + page + 1, page);
        return false;
    }
    row = moved(key, c->row, rows, page);
    if (row == c->row)
        return command(c, key);
    c->row = row;
    if (c->first > row)
        c->first = row;
    if (c->first + page <= row)
        c->first = row - page + 1;
    return true;
}
