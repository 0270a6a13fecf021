/* host: see host.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/submit/host.h"

#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "client/contact.h"
#include "launcher/local/crew.h"
#include "launcher/local/live.h"
#include "launcher/slurm/allocation.h"

#define REFRESH_S      2.0
#define CALL_TIMEOUT_S 5.0
#define GRACE_S        20.0 /* for the controller's last commit */

struct host {
    struct crew crew; /* of a controller alone */
    struct contact *contact;
    struct live live;
    char address[64];
    const char *words[4];
    int signal_fd;
    bool left; /* a signal came */
};

static int catch_signals(struct host *h, struct error *err)
{
    static const int caught[] = { SIGINT, SIGTERM, SIGHUP, SIGCHLD };
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof caught / sizeof *caught; i++)
        sigaddset(&set, caught[i]);
    sigprocmask(SIG_BLOCK, &set, NULL);
    h->signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return h->signal_fd < 0 ? error_errno(err, "cannot make a signalfd") : 0;
}

struct host *host_begin(const char *run, struct error *err)
{
    struct host *h = calloc(1, sizeof *h);

    if (!h) {
        error_memory(err);
        return NULL;
    }
    h->signal_fd = -1;
    live_init(&h->live, false);
    allocation_address(h->address, sizeof h->address);
    h->words[0] = "--until-done";
    h->words[1] = "--listen";
    h->words[2] = h->address;
    h->contact = contact_create(run, NULL, NULL, err);
    if (!h->contact || catch_signals(h, err) < 0 ||
        crew_init(&h->crew, run, 0, GRACE_S, err) < 0)
        goto error;
    h->crew.controller_words = h->words;
    if (crew_start_controller(&h->crew, err) == 0)
        return h;
error:
    host_end(h);
    return NULL;
}

static void wait_for_signal(struct host *h, double seconds)
{
    struct pollfd fd = { h->signal_fd, POLLIN, 0 };
    struct signalfd_siginfo info;

    poll(&fd, 1, (int)ceil(seconds * 1e3));
    while (read(h->signal_fd, &info, sizeof info) == sizeof info)
        h->left = h->left || info.ssi_signo != SIGCHLD;
}

static void refresh(struct host *h)
{
    struct tree *study = NULL;

    if (contact_call(h->contact, "/v1/study", NULL, CALL_TIMEOUT_S, &study,
                     NULL) == 200)
        live_update(&h->live, study);
    tree_destroy(study);
}

int host_watch(struct host *h, bool *left, struct error *err)
{
    int rc = 0;

    while (rc == 0 && !h->left && crew_working(&h->crew) > 0) {
        refresh(h);
        wait_for_signal(h, fmin(REFRESH_S, crew_next(&h->crew)));
        rc = crew_reap(&h->crew, err);
    }
    *left = h->left;
    return rc;
}

void host_end(struct host *h)
{
    double until = clock_monotonic() + GRACE_S;

    if (!h)
        return;
    live_clear(&h->live);
    crew_stop_controller(&h->crew);
    while (h->crew.controller.pid > 0 && clock_monotonic() < until) {
        wait_for_signal(h, 0.1);
        crew_reap(&h->crew, NULL);
    }
    crew_clear(&h->crew);
    contact_destroy(h->contact);
    if (h->signal_fd >= 0)
        close(h->signal_fd);
    free(h);
}
