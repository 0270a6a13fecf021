/* See train.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/train/train.h"

#include <math.h>

#include "trainer/train/best.h"
#include "trainer/train/helper.h"
#include "trainer/train/judge.h"
#include "trainer/train/place.h"
#include "trainer/train/study.h"
#include "trainer/train/turn.h"
#include "trainer/train/warm.h"

/* --- an epoch -------------------------------------------------------------- */

/* The rest of this epoch for the rest of the folds. '*stop' tells that it was
 * left early, at a place to go on from. */
static int train_epoch(struct training *t, bool *stop, struct error *err)
{
    while (t->turn < t->fold_count) {
        if (turn_train(t, stop, err) < 0)
            return -1;
        if (t->step < t->fold[t->turn].sampler.batches)
            return 0;
        t->turn++;
        t->step = 0;
        if (*stop && t->turn < t->fold_count)
            return 0;
    }
    *stop = false; /* the epoch is whole: judge it first */
    return 0;
}

static void begin_epoch(struct training *t)
{
    size_t k;

    t->turn = t->step = 0;
    for (k = 0; k < t->fold_count; k++)
        t->fold[k].loss = 0;
    t->seconds = 0;
    t->rows = 0;
}

static int save_sometimes(struct training *t, struct error *err)
{
    int64_t every = t->config->checkpoint_every;

    return every > 0 && t->epoch % every == 0 ? place_save(t, err) : 0;
}

/* Judge, save, report: a report is sent when the state it speaks of is on
 * disk, so that a trial that is killed never falls behind its reports. */
static int end_epoch_alone(struct training *t, struct error *err)
{
    double started = trace_now(t->trace);

    if (judge_training(t, err) < 0 || judge_rows(t, err) < 0)
        return -1;
    trace_span(t->trace, TRACE_JUDGE, started);
    begin_epoch(t);
    if (best_keep(t, err) < 0 || save_sometimes(t, err) < 0)
        return -1;
    study_print(t, &t->report);
    study_send(t);
    return 0;
}

/* --- with a helper ------------------------------------------------------------ */

/* Wait for the answer that is owed, if any. */
static void take_answer(struct training *t)
{
    bool told = t->helper->heard || !t->helper->owed;

    helper_take(t);
    if (told)
        return;
    study_print(t, &t->report);
    study_send(t);
}

static int end_epoch_helped(struct training *t, struct error *err)
{
    struct report known, judged;
    double started = trace_now(t->trace);
    size_t k;

    take_answer(t);
    trace_span(t->trace, TRACE_JUDGE, started);
    for (k = 0; k < t->fold_count; k++)
        feedback_turn(&t->fold[k].feedback);
    judged = t->report;
    if (judge_training(t, err) < 0)
        return -1;
    known = t->report;
    t->report = judged;
    begin_epoch(t);
    helper_ask(t, &known);
    return save_sometimes(t, err);
}

static int end_epoch(struct training *t, struct error *err)
{
    t->epoch++;
    return t->helper ? end_epoch_helped(t, err) : end_epoch_alone(t, err);
}

/* Whether the last report says that the weights are no numbers any more. */
static bool diverged(const struct training *t)
{
    double loss = 0;

    return report_get(&t->report, "val.log_loss", &loss) && isnan(loss);
}

int train_resume(struct training *t, struct error *err)
{
    int rc = place_load(t, err);
    size_t k;

    /* folds that have done this epoch draw the next one next */
    for (k = 0; k < t->fold_count && t->config->feedback.strength > 0; k++)
        sampler_weigh(&t->fold[k].sampler, k < t->turn
                                               ? t->fold[k].feedback.next
                                               : t->fold[k].feedback.now);
    if (rc == 1)
        study_send(t); /* it may not have got through */
    if (rc == 1 && t->helper && t->helper->owed)
        helper_ask(t, &t->helper->order.report);
    if (rc == 0 && t->config->init_from)
        rc = warm_start(t, err);
    return rc;
}

static int stop_here(struct training *t, enum train_end *end, struct error *err)
{
    *end = study_reason_to_stop(t);
    if (*end == TRAIN_INTERRUPTED && t->helper)
        take_answer(t);
    return *end == TRAIN_INTERRUPTED ? place_save(t, err) : 0;
}

int train_run(struct training *t, enum train_end *end, struct error *err)
{
    bool stop;

    *end = TRAIN_COMPLETE;
    while (t->epoch < t->config->epochs && !diverged(t)) {
        stop = study_agree_to_stop(t);
        if (stop)
            return stop_here(t, end, err);
        if (train_epoch(t, &stop, err) < 0)
            return -1;
        if (stop)
            return stop_here(t, end, err);
        if (end_epoch(t, err) < 0)
            return -1;
    }
    if (t->helper)
        take_answer(t);
    return 0;
}
