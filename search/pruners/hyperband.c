/* hyperband: successive halving from several first rungs at once, because
 * nobody knows how early a curve tells its end.
 *
 * Bracket k halves from step min_step * reduction^k on, among its own trials
 * alone; the last one lets every trial run to max_step. A trial's number says
 * its bracket: the golden ratio spreads the numbers over the brackets by the
 * shares of Li et al., Hyperband, JMLR 2018. Halving is asynchronous (rungs.h).
 * Unless max_step is given, it is where the first completed trial ended; until
 * there is one, nobody is judged.
 * SPDX-License-Identifier: Apache-2.0 */
#include <math.h>
#include <stdlib.h>

#include "search/pruner.h"
#include "search/pruners/rungs.h"

enum { BRACKETS_MAX = RUNGS_MAX };
static const double GOLDEN = 0.6180339887498949;

struct hyperband {
    int64_t min_step, max_step; /* max_step 0: learnt */
    int64_t reduction;
    enum decision loser;

    struct history_cursor cursor;
    int64_t pacemaker; /* the lowest completed trial, or -1 */
    int64_t learnt;    /* its last step */
    struct rungs brackets[BRACKETS_MAX];
    double shares[BRACKETS_MAX]; /* of brackets 0..k together, up to 1 */
    size_t count;
};

static void hyperband_destroy(void *state)
{
    struct hyperband *p = state;

    if (p == NULL)
        return;
    for (size_t i = 0; i < BRACKETS_MAX; i++)
        rungs_clear(&p->brackets[i]);
    free(p);
}

static int hyperband_create(void **state, struct reader *options,
                            struct error *err)
{
    struct hyperband *p = calloc(1, sizeof *p);

    *state = p;
    if (p == NULL)
        return error_memory(err);
    p->cursor = (struct history_cursor)HISTORY_CURSOR_INIT;
    p->pacemaker = -1;
    p->min_step = 1;
    p->reduction = 3;
    reader_int(options, "min_step", 1, INT64_MAX, &p->min_step);
    reader_int(options, "max_step", 1, INT64_MAX, &p->max_step);
    reader_int(options, "reduction", 2, 1000, &p->reduction);
    rungs_read_mode(options, &p->loser);
    if (p->max_step > 0 && p->max_step < p->min_step)
        reader_fail(options, "max_step", "less than min_step, which is %lld",
                    (long long)p->min_step);
    return 0;
}

/* Put up the brackets for trials that end at 'max_step'. */
static void build_brackets(struct hyperband *p, int64_t max_step)
{
    double sum = 0, size = 1;

    p->count = 0;
    for (int64_t step = p->min_step;
         max_step > 0 && step <= max_step && p->count < BRACKETS_MAX;) {
        rungs_build(&p->brackets[p->count++], step, p->reduction);
        if (step > INT64_MAX / p->reduction)
            break;
        step *= p->reduction;
    }
    for (size_t left = 1; left <= p->count; left++) { /* the last one first */
        p->shares[p->count - left] = size / (double)left;
        sum += size / (double)left;
        size *= (double)p->reduction;
    }
    for (size_t i = 0; i < p->count; i++)
        p->shares[i] = p->shares[i] / sum + (i > 0 ? p->shares[i - 1] : 0);
}

/* The bracket of a trial; only when there are some. */
static struct rungs *bracket_of(struct hyperband *p, int64_t number)
{
    double at = fmod(((double)number + 0.5) * GOLDEN, 1);
    size_t i = 0;

    while (i + 1 < p->count && p->shares[i] <= at)
        i++;
    return &p->brackets[i];
}

/* Learn from a trial that changed where trials end. Returns true when that is
 * news. */
static bool learn(struct hyperband *p, const struct history *h, int64_t number)
{
    const struct trial *t = &h->trials[number];
    int64_t last = trial_last_step(t);

    if (p->max_step > 0 || t->state != TRIAL_COMPLETE || last < 1 ||
        (p->pacemaker >= 0 && number > p->pacemaker))
        return false;
    bool news = last != p->learnt;
    p->pacemaker = number;
    p->learnt = last;
    return news;
}

/* Enter every trial that changed; when the brackets move, every trial. */
static int update(struct hyperband *p, const struct history *h)
{
    int64_t number;
    bool moved = false;
    int status = 0;

    if (history_follow(&p->cursor, h)) {
        p->pacemaker = -1;
        p->learnt = 0;
        build_brackets(p, p->max_step);
    }
    while ((number = history_next(&p->cursor, h)) >= 0) {
        moved = learn(p, h, number) || moved;
        if (!moved && p->count > 0 &&
            rungs_enter(bracket_of(p, number), h, number))
            status = -1;
    }
    if (moved)
        build_brackets(p, p->learnt);
    for (size_t i = 0; moved && p->count > 0 && i < h->count; i++)
        if (rungs_enter(bracket_of(p, (int64_t)i), h, (int64_t)i))
            status = -1;
    if (status)
        history_unfollow(&p->cursor);
    return status;
}

static enum decision hyperband_judge(void *state, const struct history *h,
                                     int64_t number)
{
    struct hyperband *p = state;

    if (update(p, h) || p->count == 0)
        return DECISION_CONTINUE;
    return rungs_fell_short(bracket_of(p, number), h, number, p->reduction)
               ? p->loser
               : DECISION_CONTINUE;
}

static int64_t hyperband_promote(void *state, const struct history *h)
{
    struct hyperband *p = state;
    int64_t number = -1;

    if (p->loser != DECISION_PAUSE || h->in_state[TRIAL_PAUSED] == 0 ||
        update(p, h))
        return -1;
    for (size_t i = 0; number < 0 && i < p->count; i++)
        number = rungs_promote(&p->brackets[i], h, p->reduction);
    return number;
}

static void hyperband_describe(const void *state, struct text *out)
{
    const struct hyperband *p = state;

    text_format(out, "brackets from step %lld, each %lld times as late",
                (long long)p->min_step, (long long)p->reduction);
    if (p->max_step > 0)
        text_format(out, ", up to %lld", (long long)p->max_step);
    else
        text_append(out, ", up to where the first trial ends");
    text_format(out, "; the best 1/%lld goes on%s", (long long)p->reduction,
                rungs_mode_text(p->loser));
}

const struct pruner pruner_hyperband = {
    .name = "hyperband",
    .create = hyperband_create,
    .judge = hyperband_judge,
    .promote = hyperband_promote,
    .describe = hyperband_describe,
    .destroy = hyperband_destroy,
};
