/* choices: what a person has chosen with keys to see of a study.
 *
 * A state machine without a terminal: keys in, choices out.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_WATCH_CHOICES_H
#define LAUNCHER_WATCH_CHOICES_H

#include <stdbool.h>
#include <stddef.h>

enum { CHOICES_BYTES = 256 };

/* What is being typed, on the last line. */
enum prompt { PROMPT_NONE, PROMPT_SORT, PROMPT_WHERE };

/* All zero: everything, by rank, the first row selected. */
struct choices {
    size_t row, first;         /* selected; first on the screen; from 0 */
    size_t line;               /* first one shown of an open trial or help */
    bool open;                 /* the selected trial fills the screen */
    bool help;                 /* the keys do */
    bool still;                /* nothing is to change */
    bool ended;                /* leave */
    char sort[CHOICES_BYTES];  /* a column, "-column", or "" */
    char where[CHOICES_BYTES]; /* an expression of view/where.h, or "" */
    enum prompt prompt;
    char typed[CHOICES_BYTES];
};

/* Take a key of watch/terminal.h. 'rows': how many can be selected; 'page': how
 * many are on the screen, from 'first', which follows. Returns whether the study
 * is to be looked at anew at once. */
bool choices_key(struct choices *c, int key, size_t rows, size_t page);

/* What the keys do, a line each; and the most wanted of them on one line. */
extern const char choices_help[], choices_hint[];

#endif
