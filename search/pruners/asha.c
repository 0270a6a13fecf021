/* asha: asynchronous successive halving.
 *
 * A trial that reaches a rung (rungs.h) goes on when it is among the best
 * 1/reduction of all that have reached it by now. "mode: stop" ends the others,
 * as in Klein et al., Model-based asynchronous hyperparameter and neural
 * architecture search, 2020; "mode: pause" keeps their checkpoints and goes on
 * with one as soon as it is among the best of its rung after all: the promotion
 * of Li et al., A system for massively parallel hyperparameter tuning, MLSys
 * 2020, but that nobody pauses who would be promoted at once, or where there
 * are too few to compare with.
 *
 * Steps may be epochs, iterations or anything: unless min_step is given, the
 * first rung stands where trials make their third report ('grace'), because
 * the first values of a curve say little about its end.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "search/pruner.h"
#include "search/pruners/rungs.h"

struct asha {
    int64_t min_step; /* 0: where reports number 'grace' are made */
    int64_t reduction;
    int64_t grace;          /* reports a trial makes before it is judged */
    int64_t startup_trials; /* in a rung, before it judges */
    enum decision loser;

    struct history_cursor cursor;
    int64_t pacemaker; /* the lowest trial with 'grace' reports, or -1 */
    struct rungs rungs;
};

static int asha_create(void **state, struct reader *options, struct error *err)
{
    struct asha *a = calloc(1, sizeof *a);

    if (a == NULL)
        return error_memory(err);
    a->cursor = (struct history_cursor)HISTORY_CURSOR_INIT;
    a->reduction = 3;
    a->pacemaker = -1;
    reader_int(options, "min_step", 1, INT64_MAX, &a->min_step);
    reader_int(options, "reduction", 2, 1000, &a->reduction);
    a->grace = a->min_step > 0 ? 1 : 3;
    reader_int(options, "grace", 1, INT32_MAX, &a->grace);
    a->startup_trials = a->reduction;
    reader_int(options, "startup_trials", 2, INT32_MAX, &a->startup_trials);
    rungs_read_mode(options, &a->loser);
    *state = a;
    return 0;
}

static void asha_destroy(void *state)
{
    struct asha *a = state;

    if (a == NULL)
        return;
    rungs_clear(&a->rungs);
    free(a);
}

/* Where the first rung belongs, given that trial 'number' changed. Returns
 * true when that is another place than so far: then the rungs are empty. */
static bool move_rungs(struct asha *a, const struct history *h, int64_t number)
{
    const struct trial *t = &h->trials[number];
    size_t grace = (size_t)a->grace;

    if (a->min_step > 0 || t->curve_count < grace ||
        (a->pacemaker >= 0 && number > a->pacemaker))
        return false;
    int64_t first = t->curve[grace - 1].step;
    first = first > 0 ? first : 1;
    a->pacemaker = number;
    if (a->rungs.count > 0 && a->rungs.steps[0] == first)
        return false;
    rungs_build(&a->rungs, first, a->reduction);
    return true;
}

/* Enter every trial that changed; when the rungs move, every trial. */
static int update(struct asha *a, const struct history *h)
{
    int64_t number;
    bool moved = false;
    int status = 0;

    if (history_follow(&a->cursor, h)) {
        rungs_build(&a->rungs, a->min_step, a->reduction);
        a->pacemaker = -1;
    }
    while ((number = history_next(&a->cursor, h)) >= 0) {
        moved = move_rungs(a, h, number) || moved;
        if (!moved && rungs_enter(&a->rungs, h, number))
            status = -1;
    }
    for (size_t i = 0; moved && i < h->count; i++)
        if (rungs_enter(&a->rungs, h, (int64_t)i))
            status = -1;
    if (status)
        history_unfollow(&a->cursor);
    return status;
}

static enum decision asha_judge(void *state, const struct history *h,
                                int64_t number)
{
    struct asha *a = state;

    if (update(a, h) || h->trials[number].curve_count < (size_t)a->grace)
        return DECISION_CONTINUE;
    return rungs_fell_short(&a->rungs, h, number, a->startup_trials)
               ? a->loser
               : DECISION_CONTINUE;
}

static int64_t asha_promote(void *state, const struct history *h)
{
    struct asha *a = state;

    if (a->loser != DECISION_PAUSE || h->in_state[TRIAL_PAUSED] == 0 ||
        update(a, h))
        return -1;
    return rungs_promote(&a->rungs, h, a->startup_trials);
}

static void asha_describe(const void *state, struct text *out)
{
    const struct asha *a = state;

    if (a->min_step > 0)
        text_format(out, "rungs at step %lld", (long long)a->min_step);
    else
        text_format(out, "rungs where trials make report %lld",
                    (long long)a->grace);
    text_format(out, " and each %lld times as far, the best 1/%lld goes on%s",
                (long long)a->reduction, (long long)a->reduction,
                rungs_mode_text(a->loser));
}

const struct pruner pruner_asha = {
    .name = "asha",
    .create = asha_create,
    .judge = asha_judge,
    .promote = asha_promote,
    .describe = asha_describe,
    .destroy = asha_destroy,
};
