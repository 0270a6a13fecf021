/* See turn.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/train/turn.h"

#include "base/clock.h"
#include "base/random.h"
#include "trainer/optim/optim.h"
#include "trainer/train/study.h"

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
        return study_wants_stop(t);
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

    backend_begin_step(t->backend);
    model_ride(m, study_wants_stop(t));
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
    backend_end_step(t->backend);
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

int turn_train(struct training *t, bool *stop, struct error *err)
{
    struct fold *f = &t->fold[t->turn];
    double started = clock_monotonic();

    begin_turn(t, f);
    model_count_loss(t->model, t->comm->rank == 0 ? f->loss : 0);
    while (t->step < f->sampler.batches && (!*stop || t->model->waiting)) {
        if (train_step(t, f, stop, err) < 0)
            return -1;
        t->step++;
        study_tell_answer(t);
    }
    f->loss = model_loss(t->model);
    comm_sum_doubles(t->comm, &f->loss, 1);
    t->seconds += clock_monotonic() - started;
    return backend_check(t->backend, err);
}
