/* progress: see progress.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/text.h"

enum { BAR_WIDTH = 24 };

int progress_fancy(int fd)
{
    const char *term = getenv("TERM");
    const char *no_color = getenv("NO_COLOR");

    return isatty(fd) && term && strcmp(term, "dumb") != 0 &&
           !(no_color && no_color[0]);
}

void progress_start(struct progress *p, const char *what, int64_t total)
{
    *p = (struct progress){ what, total, clock_monotonic(), 0 };
}

static void draw(const struct progress *p, int64_t done, double elapsed)
{
    struct text line = TEXT_INIT;

    text_format(&line, "\r\033[K%s ", p->what);
    if (p->total > 0) {
        int filled = (int)(done * BAR_WIDTH / p->total);

        text_append_char(&line, '[');
        for (int i = 0; i < BAR_WIDTH; i++)
            text_append_char(&line, i < filled ? '#' : '.');
        text_format(&line, "] %jd/%jd", (intmax_t)done, (intmax_t)p->total);
        if (done > 0) {
            text_append(&line, ", ");
            text_append_duration(&line, elapsed / (double)done *
                                            (double)(p->total - done));
            text_append(&line, " left");
        }
    } else {
        text_format(&line, "%jd", (intmax_t)done);
    }
    fputs(text_get(&line), stderr);
    fflush(stderr);
    text_clear(&line);
}

void progress_update(struct progress *p, int64_t done)
{
    double now = clock_monotonic();

    if (now - p->started < 2 || now - p->drawn < 0.1 || !isatty(STDERR_FILENO))
        return;
    p->drawn = now;
    draw(p, done, now - p->started);
}

void progress_finish(struct progress *p, int64_t done)
{
    double elapsed = clock_monotonic() - p->started;
    struct text took = TEXT_INIT;

    if (elapsed < 2)
        return;
    text_append_duration(&took, elapsed);
    fprintf(stderr, "%s%s: %jd in %s\n", p->drawn > 0 ? "\r\033[K" : "",
            p->what, (intmax_t)done, text_get(&took));
    text_clear(&took);
}
