/* See study.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/train/study.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "trainer/train/helper.h"

/* A study that answers does so in milliseconds; one that does not is asked
 * without waiting from then on. */
#define DECISION_S 2.0

static enum sentei_decision decision_of(const struct training *t)
{
    return t->client ? sentei_decision(t->client) : SENTEI_CONTINUE;
}

static void put(struct training *t, const struct report *r)
{
    size_t i;

    for (i = 0; i < r->count; i++)
        sentei_metric(t->client, r->metrics[i].name, r->metrics[i].value);
    sentei_report(t->client, r->step);
}

void study_send(struct training *t)
{
    double before = clock_monotonic();

    if (!t->client || t->report.step == 0)
        return;
    put(t, &t->report);
    if (t->patient)
        sentei_settle(t->client, DECISION_S);
    t->patient = clock_monotonic() - before < DECISION_S;
}

bool study_wants_stop(const struct training *t)
{
    return *t->stop || decision_of(t) != SENTEI_CONTINUE;
}

bool study_agree_to_stop(struct training *t)
{
    double votes = study_wants_stop(t);

    comm_sum_doubles(t->comm, &votes, 1);
    return votes > 0;
}

enum train_end study_reason_to_stop(struct training *t)
{
    static const enum train_end ends[] = {
        [SENTEI_CONTINUE] = TRAIN_INTERRUPTED,
        [SENTEI_PRUNE] = TRAIN_PRUNED,
        [SENTEI_PAUSE] = TRAIN_INTERRUPTED,
        [SENTEI_STALE] = TRAIN_STALE,
    };
    enum train_end end = ends[decision_of(t)];

    comm_broadcast(t->comm, &end, sizeof end);
    return end;
}

void study_print(const struct training *t, const struct report *r)
{
    static const char *const shown[] = { "train.loss",  "val.log_loss",
                                         "val.roc_auc", "val.pr_auc",
                                         "test.pr_auc", "val.accuracy",
                                         "val.macro_f1" };
    double value;
    size_t i;

    if (t->comm->rank != 0)
        return;
    printf("epoch %" PRId64 "/%" PRId64, r->step, t->config->epochs);
    for (i = 0; i < sizeof shown / sizeof *shown; i++)
        if (report_get(r, shown[i], &value) &&
            (t->inputs.classes > 2 || strcmp(shown[i], "val.accuracy") != 0))
            printf("  %s %.4f", shown[i], value);
    if (report_get(r, "samples_per_s", &value))
        printf("  %.0f samples/s", value);
    putchar('\n');
    fflush(stdout);
}

void study_tell_answer(struct training *t)
{
    if (!helper_hear(t))
        return;
    study_print(t, &t->helper->answer->report);
    if (t->client)
        put(t, &t->helper->answer->report);
}
