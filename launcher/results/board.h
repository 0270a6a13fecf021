/* board: a leaderboard: what the trials come to, which are the first, and which
 * ranks these may really have; in one pass over all.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef LAUNCHER_RESULTS_BOARD_H
#define LAUNCHER_RESULTS_BOARD_H

#include "launcher/results/confidence.h"
#include "launcher/results/order.h"
#include "launcher/results/tally.h"

/* Places whose ranks are told: each is compared with all that might be before
 * or after it. */
enum { BOARD_RANKS = 1000 };

struct board {
    struct tally tally;
    struct order order;
    struct confidence confidence;
};

/* Begin, for the first 'most' places (0: a tally alone); add each trial by
 * number, then board_finish(); board_clear(), also after a failure. */
void board_begin(struct board *b, const struct study *study, size_t most);
results_fn board_add;
int board_finish(struct board *b, struct error *err);
void board_clear(struct board *b);

/* The ranks that the trial at a place (from 0) may have, as confidence_ranks()
 * has it. */
bool board_ranks(struct board *b, size_t place, int64_t *first, int64_t *last);

#endif
