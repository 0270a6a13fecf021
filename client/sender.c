/* sender: deliver one attempt's reports without making it wait.
 *
 * Invariants. 1: only the thread touches the spool and the contact. 2: while
 * the spool holds lines, reports go to its end, so their order is kept.
 * 3: 'unanswered' counts reports in the queue, in the spool and in flight.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/sender.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/log.h"
#include "client/spool.h"

enum { BATCH = 256 };
#define CALL_TIMEOUT_S 10.0

struct sender {
    struct sender_options o;
    struct contact *contact;
    pthread_t thread;

    pthread_mutex_t lock; /* guards this part */
    pthread_cond_t work, progress;
    struct tree *queue[SENDER_QUEUE]; /* a ring */
    size_t first, count, unanswered;
    enum sentei_decision decision;
    bool closing;
    double deadline; /* of closing */

    bool spooled; /* the thread's own from here: the spool has lines */
    bool stuck;   /* the disk did not take the last ones either */
    bool refused; /* that was said */
    unsigned failures;
    double next_try, renewed;
};

/* Wait on 'c' until 'until' on the monotonic clock, at most an hour. */
static void wait_until(pthread_cond_t *c, pthread_mutex_t *lock, double until)
{
    double latest = fmin(until, clock_monotonic() + 3600);
    struct timespec t = { (time_t)latest, 0 };

    t.tv_nsec = (long)((latest - (double)t.tv_sec) * 1e9);
    pthread_cond_timedwait(c, lock, &t);
}

static void set_decision(struct sender *s, enum sentei_decision decision)
{
    uint64_t one = 1;
    bool changed;

    pthread_mutex_lock(&s->lock);
    changed = s->decision != SENTEI_STALE && s->decision != decision;
    if (changed)
        s->decision = decision;
    pthread_mutex_unlock(&s->lock);
    if (changed && s->o.wake_fd >= 0 &&
        write(s->o.wake_fd, &one, sizeof one) < 0)
        log_trace("client", "cannot wake the worker");
}

static void read_decision(struct sender *s, const struct tree *reply)
{
    static const char *const names[] = { "continue", "prune", "pause" };
    const char *said = tree_text(tree_get(reply, "decision"));

    for (int i = 0; i < 3; i++)
        if (strcmp(said, names[i]) == 0)
            set_decision(s, (enum sentei_decision)i);
}

/* What an answer means: true when it was one, false when to try again. */
static bool answered(struct sender *s, int status, const struct tree *reply,
                     const struct error *err)
{
    double now = clock_monotonic();

    if (contact_may_retry(status)) {
        s->next_try = now + contact_pause(s->contact, s->failures++);
        log_trace("client", "%s; trying again", err->what);
        return false;
    }
    s->failures = 0;
    s->next_try = 0;
    if (status == 200) {
        s->renewed = now;
        read_decision(s, reply);
    } else if (status == 409) {
        set_decision(s, SENTEI_STALE);
    } else if (!s->refused) {
        s->refused = true;
        log_warn("a report was refused: %s: %s", err->where, err->what);
    }
    return true;
}

static double call_timeout(struct sender *s)
{
    double left = CALL_TIMEOUT_S;

    pthread_mutex_lock(&s->lock);
    if (s->closing)
        left = fmin(left, fmax(0.2, s->deadline - clock_monotonic()));
    pthread_mutex_unlock(&s->lock);
    return left;
}

/* Count 'count' reports as answered (all of them: SIZE_MAX). */
static void settled(struct sender *s, size_t count)
{
    pthread_mutex_lock(&s->lock);
    s->unanswered = count < s->unanswered ? s->unanswered - count : 0;
    pthread_cond_broadcast(&s->progress);
    pthread_mutex_unlock(&s->lock);
}

static bool is_stale(struct sender *s)
{
    return sender_decision(s) == SENTEI_STALE;
}

static bool send_batch(struct sender *s, const struct tree *batch)
{
    struct error err = ERROR_INIT;
    struct tree *reply;
    int status = spool_send(s->o.lease, batch, s->contact, call_timeout(s),
                            &reply, &err);
    bool done = answered(s, status, reply, &err);

    tree_destroy(reply);
    return done;
}

static void send_spool(struct sender *s)
{
    int64_t attempt = s->o.lease->attempt;
    struct error err = ERROR_INIT;
    struct tree *reply;
    size_t count;
    int status;

    pthread_mutex_lock(&s->lock);
    count = s->unanswered - s->count; /* what is not in the queue */
    pthread_mutex_unlock(&s->lock);
    status = spool_deliver(s->o.spool, attempt, attempt, s->o.lease, s->contact,
                           call_timeout(s), &reply, &err);
    if (answered(s, status, reply, &err)) {
        s->spooled = false;
        settled(s, count);
    }
    tree_destroy(reply);
}

static void send_heartbeat(struct sender *s)
{
    struct error err = ERROR_INIT;
    struct tree *body = lease_to_tree(s->o.lease), *reply = NULL;
    int status = 0;

    if (body)
        status = contact_call(s->contact, "/v1/heartbeat", body,
                              call_timeout(s), &reply, &err);
    else
        error_memory(&err);
    answered(s, status, reply, &err);
    tree_destroy(reply);
    tree_destroy(body);
}

/* Put what could neither be sent nor spooled back to the queue's front; the
 * oldest are lost where there is no room. */
static void put_back(struct sender *s, const struct tree *batch)
{
    size_t lost = 0;

    pthread_mutex_lock(&s->lock);
    for (size_t i = tree_count(batch); i-- > 0;) {
        struct tree *report =
            s->count < SENDER_QUEUE ? tree_copy(tree_at(batch, i)) : NULL;

        if (!report) {
            lost++;
            continue;
        }
        s->first = (s->first + SENDER_QUEUE - 1) % SENDER_QUEUE;
        s->queue[s->first] = report;
        s->count++;
    }
    pthread_mutex_unlock(&s->lock);
    if (lost > 0) {
        log_warn("%zu reports could be neither sent nor kept", lost);
        settled(s, lost);
    }
}

static void keep_batch(struct sender *s, const struct tree *batch)
{
    struct error err = ERROR_INIT;

    if (spool_append(s->o.spool, s->o.lease->attempt, batch, &err) == 0) {
        s->spooled = true;
        s->stuck = false;
        return;
    }
    if (!s->stuck)
        log_warn("%s; reports stay in memory", err.what);
    s->stuck = true;
    s->next_try = fmax(s->next_try, clock_monotonic() + 0.2);
    put_back(s, batch);
}

static bool is_late(struct sender *s)
{
    bool late;

    pthread_mutex_lock(&s->lock);
    late = s->closing && clock_monotonic() >= s->deadline;
    pthread_mutex_unlock(&s->lock);
    return late;
}

static void handle_batch(struct sender *s, const struct tree *batch)
{
    if (is_stale(s))
        settled(s, tree_count(batch));
    else if (s->spooled || is_late(s) || clock_monotonic() < s->next_try)
        keep_batch(s, batch);
    else if (send_batch(s, batch))
        settled(s, tree_count(batch));
    else
        keep_batch(s, batch);
}

static double heartbeat_due(const struct sender *s)
{
    return s->o.heartbeat_s > 0 ? s->renewed + s->o.heartbeat_s : INFINITY;
}

/* One round of the thread with what was taken from the queue. */
static void work(struct sender *s, const struct tree *batch)
{
    if (tree_count(batch) > 0)
        handle_batch(s, batch);
    if (is_stale(s) || is_late(s) || clock_monotonic() < s->next_try)
        return;
    if (s->spooled)
        send_spool(s);
    else if (clock_monotonic() >= heartbeat_due(s))
        send_heartbeat(s);
}

/* Lock held. Take up to BATCH reports off the queue. */
static struct tree *take_batch(struct sender *s)
{
    struct tree *batch = tree_list();

    for (size_t i = 0; batch && i < BATCH && s->count > 0; i++) {
        tree_append(batch, s->queue[s->first]);
        s->first = (s->first + 1) % SENDER_QUEUE;
        s->count--;
    }
    return batch;
}

/* Lock held. Whether the thread may end: closing, and nothing is left to do or
 * no time to do it. */
static bool finished(const struct sender *s)
{
    bool late = clock_monotonic() >= s->deadline;

    if (!s->closing)
        return false;
    if (s->decision == SENTEI_STALE || (late && s->stuck))
        return true;
    return s->count == 0 && (late || !s->spooled);
}

/* Lock held. Sleep until there is something to do. */
static void wait_for_work(struct sender *s)
{
    double now = clock_monotonic(), until = heartbeat_due(s);

    if (s->count > 0 && !s->stuck)
        return;
    if (s->count > 0 || s->spooled)
        until = now;
    until = fmax(until, s->next_try);
    if (s->decision == SENTEI_STALE)
        until = INFINITY;
    if (s->closing)
        until = fmin(until, s->deadline);
    if (now < until)
        wait_until(&s->work, &s->lock, until);
}

static void *sender_main(void *argument)
{
    struct sender *s = argument;

    pthread_mutex_lock(&s->lock);
    while (!finished(s)) {
        struct tree *batch;

        wait_for_work(s);
        batch = take_batch(s);
        pthread_mutex_unlock(&s->lock);
        work(s, batch);
        tree_destroy(batch);
        pthread_mutex_lock(&s->lock);
    }
    pthread_mutex_unlock(&s->lock);
    return NULL;
}

static int start_thread(struct sender *s, struct error *err)
{
    pthread_condattr_t attributes;
    sigset_t all, before;
    int rc;

    pthread_mutex_init(&s->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&s->work, &attributes);
    pthread_cond_init(&s->progress, &attributes);
    pthread_condattr_destroy(&attributes);
    sigfillset(&all); /* signals are for the trial's own threads */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&s->thread, NULL, sender_main, s);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc ? error_set(err, "cannot start a thread: %s", strerror(rc)) : 0;
}

struct sender *sender_create(const struct sender_options *o, struct error *err)
{
    struct sender *s = calloc(1, sizeof *s);

    if (!s) {
        error_memory(err);
        return NULL;
    }
    s->o = *o;
    s->renewed = clock_monotonic();
    s->spooled = file_exists(o->spool);
    s->contact = contact_create(o->run, o->url, o->token_file, err);
    if (!s->contact || start_thread(s, err) < 0) {
        contact_destroy(s->contact);
        free(s);
        return NULL;
    }
    return s;
}

void sender_destroy(struct sender *s, double seconds)
{
    if (!s)
        return;
    pthread_mutex_lock(&s->lock);
    s->closing = true;
    s->deadline = clock_monotonic() + seconds;
    pthread_cond_broadcast(&s->work);
    pthread_mutex_unlock(&s->lock);
    pthread_join(s->thread, NULL);
    if (s->count > 0 && s->decision != SENTEI_STALE)
        log_warn("%zu reports could be neither sent nor kept", s->count);
    while (s->count > 0) {
        tree_destroy(s->queue[s->first]);
        s->first = (s->first + 1) % SENDER_QUEUE;
        s->count--;
    }
    pthread_cond_destroy(&s->progress);
    pthread_cond_destroy(&s->work);
    pthread_mutex_destroy(&s->lock);
    contact_destroy(s->contact);
    free(s);
}

void sender_push(struct sender *s, struct tree *report)
{
    struct tree *dropped = NULL;

    if (!report)
        return;
    pthread_mutex_lock(&s->lock);
    if (s->count == SENDER_QUEUE) {
        dropped = s->queue[s->first];
        s->first = (s->first + 1) % SENDER_QUEUE;
        s->count--;
        s->unanswered--;
    }
    s->queue[(s->first + s->count) % SENDER_QUEUE] = report;
    s->count++;
    s->unanswered++;
    pthread_cond_broadcast(&s->work);
    pthread_mutex_unlock(&s->lock);
    if (dropped)
        log_warn("the report of step %lld is dropped: the queue is full",
                 (long long)tree_integer(tree_get(dropped, "step")));
    tree_destroy(dropped);
}

enum sentei_decision sender_decision(struct sender *s)
{
    enum sentei_decision decision;

    pthread_mutex_lock(&s->lock);
    decision = s->decision;
    pthread_mutex_unlock(&s->lock);
    return decision;
}

bool sender_settle(struct sender *s, double seconds)
{
    double until = clock_monotonic() + seconds;
    bool all;

    pthread_mutex_lock(&s->lock);
    while (s->unanswered > 0 && s->decision != SENTEI_STALE &&
           clock_monotonic() < until)
        wait_until(&s->progress, &s->lock, until);
    all = s->unanswered == 0;
    pthread_mutex_unlock(&s->lock);
    return all;
}
