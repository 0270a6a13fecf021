/* board: see board.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/results/board.h"

void board_begin(struct board *b, const struct study *study, size_t most)
{
    *b = (struct board){ .tally = { .study = study },
                         .order = { .study = study, .most = most },
                         .confidence = { .study = study } };
}

int board_add(void *context, const struct store_trial *row, double busy_s,
              struct error *err)
{
    struct board *b = context;

    if (tally_add(&b->tally, row, busy_s, err) < 0)
        return -1;
    if (b->order.most == 0)
        return 0;
    return order_add(&b->order, row, busy_s, err) < 0 ||
                   confidence_add(&b->confidence, row, err) < 0
               ? -1
               : 0;
}

int board_finish(struct board *b, struct error *err)
{
    return order_finish(&b->order, err);
}

void board_clear(struct board *b)
{
    confidence_clear(&b->confidence);
    order_clear(&b->order);
    tally_clear(&b->tally);
}

bool board_ranks(struct board *b, size_t place, int64_t *first, int64_t *last)
{
    return place < BOARD_RANKS &&
           confidence_ranks(&b->confidence, &b->order.places[place].standing,
                            first, last);
}
