/* summary: a study in a few lines: its goal, its best, its trials by state.
 *
 * A pure function of SUMMARY in docs/api.md.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_VIEW_SUMMARY_H
#define LAUNCHER_VIEW_SUMMARY_H

#include "base/text.h"
#include "base/tree.h"
#include "launcher/format/screen.h"

/* Append two lines, cut to the screen:
 *   quickstart: maximize val.pr_auc; best 0.6123 (trial 7)
 *   24 trials: 2 running, 12 complete, 10 pruned; finished in 1 min 10 s */
void summary_title(const struct tree *study, const struct screen *screen,
                   struct text *out);

/* Append the title, what is done and left of each budget, why it stands, and
 * the best so far as a curve: two to seven lines. */
void summary_head(const struct tree *study, const struct screen *screen,
                  struct text *out);

/* Append that, how it searches, and a table of the workers with the trial each
 * is at. */
void summary_print(const struct tree *study, const struct screen *screen,
                   struct text *out);

#endif
