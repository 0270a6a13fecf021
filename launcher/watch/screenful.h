/* screenful: what 'sentei watch' shows at a moment, as lines of text.
 *
 * How the study is, who is at which trial, the leaderboard around the selected
 * row, and a last line with what the keys do; or, in place of all but that, one
 * whole trial.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_WATCH_SCREENFUL_H
#define LAUNCHER_WATCH_SCREENFUL_H

#include <stddef.h>

#include "base/text.h"
#include "launcher/format/screen.h"
#include "launcher/watch/choices.h"
#include "launcher/watch/observation.h"

/* How many running trials there is room for. */
size_t screenful_workers(int height);

/* Append 'height' lines, none wider than the screen, with the sequences that
 * terminal_draw() knows. 'c->line' is brought back to what there is. Returns
 * how many rows, or lines of an open trial, are shown: the page of
 * choices_key(). */
size_t screenful_print(const struct observation *o, struct choices *c,
                       const struct screen *screen, int height,
                       struct text *out);

#endif
