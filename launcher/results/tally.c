/* tally: see tally.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/results/tally.h"

#include <stdlib.h>

static int add_improvement(struct tally *t, struct standing standing,
                           double value, struct error *err)
{
    if (t->improvement_count == t->improvement_capacity) {
        size_t capacity = 2 * t->improvement_capacity + 16;
        struct improvement *more =
            realloc(t->improvements, capacity * sizeof *more);

        if (!more)
            return error_memory(err);
        t->improvements = more;
        t->improvement_capacity = capacity;
    }
    t->improvements[t->improvement_count++] =
        (struct improvement){ standing, value };
    return 0;
}

int tally_add(void *context, const struct store_trial *row, double busy_s,
              struct error *err)
{
    struct tally *t = context;
    size_t n = t->improvement_count;

    t->trials++;
    t->in_state[row->state]++;
    t->imported += *row->source != '\0';
    t->reports += row->reports;
    t->busy_s += busy_s;
    if (!results_may_win(t->study, row))
        return 0;
    struct standing standing = results_standing(t->study, row);

    return n > 0 && standing_compare(&standing,
                                     &t->improvements[n - 1].standing) >= 0
               ? 0
               : add_improvement(t, standing, row->results[0], err);
}

void tally_clear(struct tally *t)
{
    free(t->improvements);
    t->improvements = NULL;
}
