/* See watchdog.h.
 *
 * What is said over a connection is single bytes. BEAT: I am here. LEAVE: I am
 * going, do not miss me. OVER: a rank is lost and was named, end.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/comm/watchdog.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "trainer/comm/meeting.h"

enum { BEAT = '.', LEAVE = 'q', OVER = 'x' };
enum { BEATS = 10 }; /* in the time of patience */

struct peer {
    int rank;
    double heard; /* when it last was, by clock_monotonic() */
};

struct watchdog {
    const struct wireup *up;
    double patience_s;
    struct meeting meeting;
    pthread_t thread;
    struct pollfd *fd;  /* [0] wakes the thread to leave, [1] is rank 0's
                           listener (or -1), then one for each of: */
    struct peer *peers; /* those connected; for a rank other than 0: rank 0 */
    nfds_t count;
};

/* ---- saying ------------------------------------------------------------- */

/* A peer that does not read is dead or will be: nothing is lost with it. */
static void say(const struct watchdog *w, char what)
{
    for (nfds_t i = 0; i < w->count; i++)
        if (w->fd[2 + i].fd >= 0)
            (void)!send(w->fd[2 + i].fd, &what, 1, MSG_NOSIGNAL | MSG_DONTWAIT);
}

/* Who of those that miss 'rank' says so: rank 0; for rank 0 itself the first
 * on another node, for its node may be lost, or else rank 1. */
static bool is_speaker(const struct wireup *up, int rank)
{
    int speaker = 1;

    if (rank != 0)
        return true;
    for (int r = up->comm->size - 1; r > 0; r--)
        if (strcmp(up->node[r], up->node[0]) != 0)
            speaker = r;
    return up->comm->rank == speaker;
}

/* 'rank' is gone: end all. Not by way of MPI, which is not this thread's and
 * may wait for that rank. */
static void end(const struct watchdog *w, int rank, bool silent)
{
    char how[64] = "has died";

    if (silent)
        snprintf(how, sizeof how, "has not been heard of for %g s",
                 w->patience_s);
    if (is_speaker(w->up, rank))
        log_warn("rank %d on %s %s; the training ends here and can be gone on "
                 "with from its checkpoint",
                 rank, w->up->node[rank], how);
    say(w, OVER);
    _exit(1);
}

/* ---- hearing ------------------------------------------------------------ */

static void forget(struct watchdog *w, nfds_t i)
{
    close(w->fd[2 + i].fd);
    w->fd[2 + i].fd = -1; /* poll() skips it */
}

static void hear(struct watchdog *w, nfds_t i)
{
    char bytes[256];
    ssize_t size = recv(w->fd[2 + i].fd, bytes, sizeof bytes, MSG_DONTWAIT);

    if (size < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (size <= 0)
        end(w, w->peers[i].rank, false);
    if (memchr(bytes, OVER, (size_t)size))
        _exit(1);
    w->peers[i].heard = clock_monotonic();
    if (memchr(bytes, LEAVE, (size_t)size))
        forget(w, i);
}

static void welcome(struct watchdog *w)
{
    int rank, fd = meeting_accept(&w->meeting, w->fd[1].fd, &rank);

    if (fd < 0)
        return;
    if (rank <= 0 || rank >= w->up->comm->size ||
        w->count + 1 == (nfds_t)w->up->comm->size) {
        close(fd);
        return;
    }
    w->peers[w->count] = (struct peer){ rank, clock_monotonic() };
    w->fd[2 + w->count++] = (struct pollfd){ fd, POLLIN, 0 };
}

/* Everything that was said has been heard: who was silent? */
static void judge(struct watchdog *w)
{
    double now = clock_monotonic();

    for (nfds_t i = 0; i < w->count; i++)
        if (w->fd[2 + i].fd >= 0 && now - w->peers[i].heard > w->patience_s)
            end(w, w->peers[i].rank, true);
}

static void listen_round(struct watchdog *w, int timeout_ms)
{
    nfds_t known = w->count;

    if (poll(w->fd, 2 + known, timeout_ms) <= 0)
        return;
    for (nfds_t i = 0; i < known; i++)
        if (w->fd[2 + i].revents)
            hear(w, i);
    if (w->fd[1].revents)
        welcome(w);
}

/* This thread itself did not run for long (a stopped process, a machine that
 * slept): it cannot tell who was silent meanwhile. */
static void forgive(struct watchdog *w)
{
    for (nfds_t i = 0; i < w->count; i++)
        w->peers[i].heard = clock_monotonic();
}

static void *watch(void *context)
{
    struct watchdog *w = context;
    double beat_s = w->patience_s / BEATS, next = clock_monotonic(), late;

    while (!w->fd[0].revents) {
        listen_round(w, (int)ceil(1e3 * fmax(0, next - clock_monotonic())));
        late = clock_monotonic() - next;
        if (late < 0)
            continue;
        if (late > w->patience_s / 2)
            forgive(w);
        judge(w);
        say(w, BEAT);
        next = clock_monotonic() + beat_s;
    }
    say(w, LEAVE);
    return NULL;
}

/* ---- beginning and ending ----------------------------------------------- */

static void clear(struct watchdog *w)
{
    for (nfds_t i = 0; w->fd && i < 2 + w->count; i++)
        if (w->fd[i].fd >= 0)
            close(w->fd[i].fd);
    free(w->fd);
    free(w->peers);
    free(w);
}

static struct watchdog *make(const struct wireup *up, double patience_s)
{
    struct watchdog *w = calloc(1, sizeof *w);
    size_t ranks = (size_t)up->comm->size;

    if (!w)
        return NULL;
    w->up = up;
    w->patience_s = patience_s;
    w->fd = calloc(ranks + 2, sizeof *w->fd);
    w->peers = calloc(ranks, sizeof *w->peers);
    if (!w->fd || !w->peers) {
        free(w->fd);
        free(w->peers);
        free(w);
        return NULL;
    }
    w->fd[0] = (struct pollfd){ eventfd(0, EFD_CLOEXEC), POLLIN, 0 };
    w->fd[1] = (struct pollfd){ -1, POLLIN, 0 };
    return w;
}

/* A rank other than 0: connect to it. */
static void join(struct watchdog *w)
{
    int fd = meeting_join(&w->meeting, w->up->comm->rank);

    if (fd < 0) {
        log_warn("rank %d on %s cannot reach rank 0 on %s by TCP: neither "
                 "will notice when the other is lost",
                 w->up->comm->rank, w->up->node[w->up->comm->rank],
                 w->up->node[0]);
        return;
    }
    w->peers[0] = (struct peer){ 0, clock_monotonic() };
    w->fd[2] = (struct pollfd){ fd, POLLIN, 0 };
    w->count = 1;
}

static int run(struct watchdog *w, struct error *err)
{
    sigset_t all, before;
    int rc;

    sigfillset(&all); /* signals are the training's */
    pthread_sigmask(SIG_SETMASK, &all, &before);
    rc = pthread_create(&w->thread, NULL, watch, w);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rc == 0 ? 0 : error_set(err, "cannot start a thread");
}

int watchdog_start(struct watchdog **started, const struct wireup *up,
                   double patience_s, struct error *err)
{
    struct watchdog *w;

    *started = NULL;
    if (up->comm->size == 1 || patience_s == 0)
        return 0;
    w = make(up, patience_s);
    if (!w)
        return error_memory(err);
    if (up->comm->rank == 0 &&
        (w->fd[1].fd = meeting_open(&w->meeting, err)) < 0)
        goto failed;
    if (wireup_share(up, "sentei.watchdog", &w->meeting, sizeof w->meeting,
                     err) < 0)
        goto failed;
    if (up->comm->rank != 0)
        join(w);
    if (run(w, err) < 0)
        goto failed;
    *started = w;
    return 0;
failed:
    clear(w);
    return -1;
}

void watchdog_stop(struct watchdog *w)
{
    if (!w)
        return;
    eventfd_write(w->fd[0].fd, 1);
    pthread_join(w->thread, NULL);
    clear(w);
}
