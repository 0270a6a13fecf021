/* lines: a stream of bytes cut into lines of bounded length.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_WORKER_LINES_H
#define LAUNCHER_WORKER_LINES_H

#include <stdbool.h>
#include <stddef.h>

/* A longer line is given as its first LINES_MAX bytes, marked 'whole' false;
 * so is one that holds a NUL, up to there. */
enum { LINES_MAX = 8192 };

/* 'line' has no newline (nor a carriage return before it). */
typedef void lines_fn(void *context, const char *line, bool whole);

struct lines {
    lines_fn *each;
    void *context;
    size_t used;
    bool whole;
    char buffer[LINES_MAX + 1];
};

void lines_init(struct lines *l, lines_fn *each, void *context);

/* Take 'size' bytes; 'each' is called for every line that ended in them. */
void lines_feed(struct lines *l, const char *bytes, size_t size);

/* The stream has ended: what is left is a line too. */
void lines_end(struct lines *l);

#endif
