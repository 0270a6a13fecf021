/* See train.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/train/train.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/text.h"
#include "trainer/comm/device.h"
#include "trainer/train/best.h"
#include "trainer/train/helper.h"
#include "trainer/train/judge.h"
#include "trainer/optim/optim.h"
#include "trainer/train/place.h"
#include "trainer/train/warm.h"

/* A study that answers does so in milliseconds; one that does not is asked
 * without waiting from then on. */
#define DECISION_S 2.0

enum { JUDGE_ROWS = 64 }; /* at least so many rows at once when judging */

/* --- opening --------------------------------------------------------------- */

/* What must be the same for a checkpoint to be gone on from. */
static char *digest_of(const struct training *t)
{
    const struct config *c = t->config;

    return text_print("%s/%zu rows/%zu folds/%" PRId64
                      " a batch/%s/seed %" PRId64 "/%zu parameters%s",
                      t->data->name, t->data->row_count, t->fold_count,
                      c->batch_size, optim_names[c->optimizer.kind], c->seed,
                      model_parameters(t->model),
                      c->helpers > 0 ? "/helped" : "");
}

/* Rows of a batch this rank holds at most. */
static size_t capacity_of(const struct training *t)
{
    size_t ranks = (size_t)t->comm->size;
    size_t mine = ((size_t)t->config->batch_size + ranks - 1) / ranks;

    return mine > JUDGE_ROWS ? mine : JUDGE_ROWS;
}

static int open_folds(struct training *t, struct error *err)
{
    size_t count = t->config->folds > 0 ? (size_t)t->config->folds : 1, k;

    t->fold = calloc(count, sizeof *t->fold);
    if (!t->fold)
        return error_memory(err);
    for (k = 0; k < count; k++) {
        t->fold_count++;
        if (fold_init(&t->fold[k], k, t->config, t->data, &t->inputs, t->model,
                      err) < 0)
            return -1;
    }
    return 0;
}

static int open_model(struct training *t, struct error *err)
{
    const struct config *c = t->config;
    size_t capacity = capacity_of(t);

    if (inputs_init(&t->inputs, t->data, &c->inputs, err) < 0)
        return -1;
    t->model =
        model_create(&c->model, &t->inputs, capacity, t->backend, t->comm, err);
    if (!t->model || (c->late && model_be_late(t->model, err) < 0))
        return -1;
    if (t->device.ops)
        t->model->device = &t->device;
    return batch_init(&t->batch, &t->inputs, capacity, err);
}

/* MPI reaches memory of the host; where the backend's is a device's, NCCL does. */
static int open_backend(struct training *t, const struct wireup *up,
                        struct error *err)
{
    const struct config *c = t->config;
    const struct backend_options o = { .threads = (int)c->threads,
                                       .precision = c->precision,
                                       .local_rank = up->local_rank };

    t->backend = backend_open(c->backend, &o, err);
    if (!t->backend)
        return -1;
    if (strcmp(c->backend, "cuda") == 0 && t->comm->size > 1)
        return comm_device(&t->device, up, t->backend, err);
    return 0;
}

int train_open(struct training *t, const struct config *c,
               const struct wireup *up, struct sentei *client,
               const char *folder, const volatile sig_atomic_t *stop,
               struct error *err)
{
    *t = (struct training){ .config = c,
                            .comm = up->comm,
                            .client = client,
                            .folder = folder,
                            .stop = stop,
                            .best = NAN,
                            .patient = true };
    t->data = dataset_open(c->data, err);
    if (!t->data || fold_check(c, t->data, err) < 0)
        return -1;
    if (open_backend(t, up, err) < 0 || open_model(t, err) < 0 ||
        open_folds(t, err) < 0)
        return -1;
    t->digest = digest_of(t);
    if (!t->digest)
        return error_memory(err);
    if (c->helpers > 0)
        t->helper = helper_create(t, err);
    return c->helpers == 0 || t->helper ? 0 : -1;
}

void train_close(struct training *t)
{
    size_t k;

    for (k = 0; k < t->fold_count; k++)
        fold_clear(&t->fold[k], t->model);
    free(t->fold);
    batch_clear(&t->batch);
    model_destroy(t->model);
    inputs_clear(&t->inputs);
    comm_close(&t->device);
    backend_destroy(t->backend);
    dataset_close(t->data);
    free(t->digest);
    helper_destroy(t->helper);
    memset(t, 0, sizeof *t);
}

/* --- what the study says --------------------------------------------------- */

static enum sentei_decision decision_of(const struct training *t)
{
    return t->client ? sentei_decision(t->client) : SENTEI_CONTINUE;
}

static void put_report(struct training *t, const struct report *r)
{
    size_t i;

    for (i = 0; i < r->count; i++)
        sentei_metric(t->client, r->metrics[i].name, r->metrics[i].value);
    sentei_report(t->client, r->step);
}

/* Put the last report to the study and wait a little for its decision, so that
 * the next epoch is not begun in vain. */
static void send_report(struct training *t)
{
    double before = clock_monotonic();

    if (!t->client || t->report.step == 0)
        return;
    put_report(t, &t->report);
    if (t->patient)
        sentei_settle(t->client, DECISION_S);
    t->patient = clock_monotonic() - before < DECISION_S;
}

/* Whether this rank has a reason to stop. */
static bool wants_stop(const struct training *t)
{
    return *t->stop || decision_of(t) != SENTEI_CONTINUE;
}

/* All ranks together: whether any wants to stop. */
static bool agree_to_stop(struct training *t)
{
    double votes = wants_stop(t);

    comm_sum_doubles(t->comm, &votes, 1);
    return votes > 0;
}

/* Why it stops, the same on all ranks. */
static enum train_end reason_to_stop(struct training *t)
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

/* --- what is told ------------------------------------------------------------ */

static void print_report(const struct training *t, const struct report *r)
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

/* Its answer is told as soon as it is here, and counts from the end of the epoch
 * on. Nobody waits for the study's decision meanwhile. */
static void tell_answer(struct training *t)
{
    if (!helper_hear(t))
        return;
    print_report(t, &t->helper->answer->report);
    if (t->client)
        put_report(t, &t->helper->answer->report);
}

/* --- one step -------------------------------------------------------------- */

/* A name for the random numbers of the step at hand. Never 0. */
static uint64_t step_key(const struct training *t)
{
    uint64_t key = random_mix((uint64_t)t->config->seed);

    key = random_mix(key + (uint64_t)t->epoch);
    key = random_mix(key + t->turn);
    return random_mix(key + t->step) | 1;
}

static double rate_now(const struct training *t, const struct sampler *s)
{
    double epoch =
        (double)t->epoch + (double)(t->step + 1) / (double)s->batches;

    return optim_rate(&t->config->optimizer, epoch, (double)t->config->epochs);
}

/* Late gradients are settled every so many steps, and a training stops at such
 * a step: one that goes on from there makes the same steps. */
enum { LATE_STEPS = 16 };

/* Whether any rank wants to stop, for which a device is not waited for at each
 * step: the wishes of the others ride along with the gradient. */
static bool hear_stop(const struct training *t)
{
    if (t->comm->size == 1)
        return wants_stop(t);
    if (t->device.ops && (t->step + 1) % LATE_STEPS != 0)
        return false;
    return model_rider(t->model) > 0;
}

/* Apply the summed gradient at hand, that of the step that is 'due'. '*stop'
 * becomes true when any rank asks for it. */
static void apply(struct training *t, struct fold *f, const struct due *due,
                  bool *stop)
{
    struct model *m = t->model;
    double started = trace_now(t->trace);

    if (m->late)
        trace_span(t->trace, TRACE_UNDER_WAY, due->sent);
    *stop = *stop || hear_stop(t);
    optim_step(&t->config->optimizer, m, &f->weights, due->rate);
    trace_span(t->trace, TRACE_OPTIMISER, started);
}

/* Sum the gradients over the ranks and apply what has come. */
static int exchange(struct training *t, struct fold *f, const struct due *due,
                    bool *stop, struct error *err)
{
    struct model *m = t->model;
    struct due now = m->late ? t->due : *due;
    double started = trace_now(t->trace);
    size_t next = t->step + 1;
    int rc = model_exchange(m, err);

    t->due = *due;
    t->due.sent = trace_span(t->trace, TRACE_EXCHANGE, started);
    if (rc > 0)
        apply(t, f, &now, stop);
    if (rc < 0 || (next < f->sampler.batches && next % LATE_STEPS != 0))
        return rc;
    started = trace_now(t->trace);
    rc = model_settle(m, err);
    if (rc != 0)
        trace_span(t->trace, TRACE_EXCHANGE, started);
    if (rc > 0)
        apply(t, f, &t->due, stop);
    return rc;
}

/* Train on batch t->step of 'f'. '*stop': see apply(). */
static int train_step(struct training *t, struct fold *f, bool *stop,
                      struct error *err)
{
    struct model *m = t->model;
    const uint32_t *rows = sampler_batch(&f->sampler, t->step);
    struct step step = { .training = true,
                         .all_rows = f->sampler.batch,
                         .key = step_key(t),
                         .class_weight = f->loss_weight };
    struct due due = { .rate = rate_now(t, &f->sampler) };
    double at = trace_now(t->trace);
    size_t mine;

    model_ride(m, wants_stop(t));
    comm_slice(t->comm, f->sampler.batch, &step.first_row, &mine);
    if (batch_fill(&t->batch, &f->source, rows + step.first_row, mine,
                   step.first_row, step.key, err) < 0)
        return -1;
    at = trace_span(t->trace, TRACE_BATCH, at);
    if (model_forward(m, &f->weights, &t->batch, &step, err) < 0)
        return -1;
    at = trace_span(t->trace, TRACE_FORWARD, at);
    if (model_backward(m, &t->batch, &step, err) < 0)
        return -1;
    trace_span(t->trace, TRACE_BACKWARD, at);
    if (exchange(t, f, &due, stop, err) < 0)
        return -1;
    t->rows += f->sampler.batch;
    return backend_check(t->backend, err);
}

/* Draw this epoch's batches, if that was not done ahead, and have a thread
 * draw the next epoch's. */
static void begin_turn(struct training *t, struct fold *f)
{
    bool weighed = t->config->feedback.strength > 0;

    sampler_start(&f->sampler, t->epoch);
    if (weighed)
        sampler_weigh(&f->sampler, f->feedback.next);
    if (t->epoch + 1 < t->config->epochs)
        sampler_prepare(&f->sampler, t->epoch + 1);
}

/* The rest of the epoch of fold t->turn. */
static int train_turn(struct training *t, bool *stop, struct error *err)
{
    struct fold *f = &t->fold[t->turn];
    double started = clock_monotonic();

    begin_turn(t, f);
    model_count_loss(t->model, t->comm->rank == 0 ? f->loss : 0);
    while (t->step < f->sampler.batches && (!*stop || t->model->waiting)) {
        if (train_step(t, f, stop, err) < 0)
            return -1;
        t->step++;
        tell_answer(t);
    }
    f->loss = model_loss(t->model);
    comm_sum_doubles(t->comm, &f->loss, 1);
    t->seconds += clock_monotonic() - started;
    return backend_check(t->backend, err);
}

/* --- an epoch -------------------------------------------------------------- */

/* The rest of this epoch for the rest of the folds. '*stop' tells that it was
 * left early, at a place to go on from. */
static int train_epoch(struct training *t, bool *stop, struct error *err)
{
    while (t->turn < t->fold_count) {
        if (train_turn(t, stop, err) < 0)
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
    print_report(t, &t->report);
    send_report(t);
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
    print_report(t, &t->report);
    send_report(t);
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
        send_report(t); /* it may not have got through */
    if (rc == 1 && t->helper && t->helper->owed)
        helper_ask(t, &t->helper->order.report);
    if (rc == 0 && t->config->init_from)
        rc = warm_start(t, err);
    return rc;
}

static int stop_here(struct training *t, enum train_end *end, struct error *err)
{
    *end = reason_to_stop(t);
    if (*end == TRAIN_INTERRUPTED && t->helper)
        take_answer(t);
    return *end == TRAIN_INTERRUPTED ? place_save(t, err) : 0;
}

int train_run(struct training *t, enum train_end *end, struct error *err)
{
    bool stop;

    *end = TRAIN_COMPLETE;
    while (t->epoch < t->config->epochs && !diverged(t)) {
        stop = agree_to_stop(t);
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
