/* live: what 'sentei run' shows while it runs.
 *
 * On a terminal a few lines that are drawn again and again, and taken away for
 * what log.h writes; elsewhere one line when something worth it has happened. All
 * on stderr. One at a time in a process.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_LOCAL_LIVE_H
#define LAUNCHER_LOCAL_LIVE_H

#include <stdbool.h>

#include "base/text.h"
#include "base/tree.h"
#include "launcher/format/screen.h"

struct live {
    struct screen screen;
    bool quiet;    /* show nothing */
    int drawn;     /* lines on the terminal */
    double shown;  /* when the last plain line was written */
    int64_t ended; /* what it said, not to say it again */
    double best;
};

/* It stays where it is until live_clear(). */
void live_init(struct live *l, bool quiet);
void live_clear(struct live *l);

/* Show 'study', the SUMMARY of docs/api.md. */
void live_update(struct live *l, const struct tree *study);

/* Take the drawn lines away, so that something else can be written. */
void live_erase(struct live *l);

/* What is drawn, as lines cut to the screen; and the plain line. For tests,
 * too. */
void live_format(const struct tree *study, const struct screen *screen,
                 struct text *out);
void live_format_plain(const struct tree *study, struct text *out);

#endif
