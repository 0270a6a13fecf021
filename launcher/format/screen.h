/* screen: what an output stream can show.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_FORMAT_SCREEN_H
#define LAUNCHER_FORMAT_SCREEN_H

#include <stdbool.h>
#include <stdio.h>

struct screen {
    int width;  /* columns; 0: no limit (a file or a pipe) */
    bool fancy; /* bold and dim are welcome */
    bool utf8;  /* block characters and ellipses are welcome */
};

/* What 'out' is: a terminal with its width, or a file. The character set is
 * taken from LC_ALL, LC_CTYPE or LANG; COLUMNS overrides the width. */
struct screen screen_of(FILE *out);

#endif
