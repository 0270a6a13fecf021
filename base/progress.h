/* progress: one line on a terminal: a bar, the count, the time left.
 *
 * Nothing is printed before two seconds have passed, nor when stderr is no
 * terminal (then one line when done, if it took longer). Redraws at most ten
 * times a second.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_PROGRESS_H
#define BASE_PROGRESS_H

#include <stdint.h>

struct progress {
    const char *what; /* borrowed: "packing rows" */
    int64_t total;    /* 0: not known */
    double started, drawn;
};

/* Begin; 'total' is the count at the end, 0 when unknown. */
void progress_start(struct progress *p, const char *what, int64_t total);

/* 'done' of 'total' are done; draws when it is time. */
void progress_update(struct progress *p, int64_t done);

/* Erase the bar, or print the final line. */
void progress_finish(struct progress *p, int64_t done);

/* Whether colour and bars are welcome on this stream: a terminal, TERM not
 * "dumb", NO_COLOR not set. */
int progress_fancy(int fd);

#endif
