/* See helper.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/train/helper.h"

#include <stdlib.h>
#include <string.h>

#include "trainer/comm/aside.h"

struct helper *helper_create(const struct training *t, struct error *err)
{
    struct helper *h = calloc(1, sizeof *h);
    size_t floats = 0, categories = 0, k;

    for (k = 0; k < t->fold_count; k++) {
        floats += weights_floats(&t->fold[k].weights, t->model);
        categories += t->fold[k].feedback.count;
    }
    if (h) {
        h->weights_bytes = floats * sizeof *h->weights;
        h->answer_bytes = sizeof *h->answer + categories * sizeof(double);
        h->weights = malloc(h->weights_bytes + 1);
        h->answer = calloc(1, h->answer_bytes);
    }
    if (h && h->weights && h->answer)
        return h;
    helper_destroy(h);
    error_memory(err);
    return NULL;
}

void helper_destroy(struct helper *h)
{
    if (!h)
        return;
    free(h->weights);
    free(h->answer);
    free(h);
}

static double *learned_of(struct helper *h)
{
    return (double *)(void *)(h->answer + 1);
}

/* --- the team ------------------------------------------------------------------ */

void helper_ask(struct training *t, const struct report *known)
{
    struct helper *h = t->helper;
    float *at = h->weights;
    size_t k;

    h->owed = true;
    h->heard = false;
    h->order = (struct helper_order){ .epoch = t->epoch,
                                      .best = t->best,
                                      .report = *known };
    if (t->comm->rank != 0)
        return;
    for (k = 0; k < t->fold_count; k++) {
        const struct weights *w = &t->fold[k].weights;

        h->order.steps[k] = w->steps;
        weights_download(w, t->model, at);
        at += weights_floats(w, t->model);
    }
    aside_send(&h->order, sizeof h->order);
    aside_send(h->weights, h->weights_bytes);
    aside_receive(h->answer, h->answer_bytes);
}

bool helper_hear(struct training *t)
{
    struct helper *h = t->helper;

    if (!h || !h->owed || h->heard || t->comm->rank != 0)
        return false;
    h->heard = aside_progress();
    return h->heard;
}

void helper_take(struct training *t)
{
    struct helper *h = t->helper;
    const double *learned = learned_of(h);
    size_t k;

    if (!h->owed)
        return;
    if (t->comm->rank == 0)
        aside_wait();
    comm_broadcast(t->comm, h->answer, h->answer_bytes);
    t->report = h->answer->report;
    t->best = h->answer->best;
    for (k = 0; k < t->fold_count; k++) {
        struct feedback *f = &t->fold[k].feedback;

        memcpy(f->learned, learned, f->count * sizeof *learned);
        learned += f->count;
    }
    h->owed = false;
}

void helper_dismiss(struct training *t)
{
    struct helper *h = t->helper;

    if (!h || t->comm->rank != 0)
        return;
    aside_wait();
    h->order = (struct helper_order){ .epoch = 0 };
    aside_send(&h->order, sizeof h->order);
    aside_wait();
}

/* --- the helper ---------------------------------------------------------------- */

bool helper_await(struct training *t)
{
    struct helper *h = t->helper;
    const float *at = h->weights;
    size_t k;

    aside_receive(&h->order, sizeof h->order);
    aside_wait();
    if (h->order.epoch == 0)
        return false;
    aside_receive(h->weights, h->weights_bytes);
    aside_wait();
    for (k = 0; k < t->fold_count; k++) {
        struct weights *w = &t->fold[k].weights;

        w->steps = h->order.steps[k];
        weights_upload(w, t->model, at);
        at += weights_floats(w, t->model);
    }
    t->epoch = h->order.epoch;
    t->best = h->order.best;
    t->report = h->order.report;
    return true;
}

void helper_answer(struct training *t)
{
    struct helper *h = t->helper;
    double *learned = learned_of(h);
    size_t k;

    h->answer->best = t->best;
    h->answer->report = t->report;
    for (k = 0; k < t->fold_count; k++) {
        const struct feedback *f = &t->fold[k].feedback;

        memcpy(learned, f->next, f->count * sizeof *learned);
        learned += f->count;
    }
    aside_send(h->answer, h->answer_bytes);
    aside_wait();
}
