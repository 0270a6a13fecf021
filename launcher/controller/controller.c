/* controller: see controller.h.
 *
 * The loop gathers requests, answers each as it comes inside one transaction,
 * commits it, and only then lets the answers out. Each client has one report
 * in flight, so those that wait are all that will come until they are answered:
 * gathering goes on until as many wait as were active lately, nothing new has
 * come for a fraction of what a commit costs, or the waiting itself has cost
 * as much as a commit.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/controller/controller.h"

#include <errno.h>
#include <math.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/log.h"
#include "base/random.h"
#include "base/text.h"
#include "client/credential.h"
#include "launcher/controller/notifier.h"
#include "launcher/controller/server.h"
#include "launcher/controller/standby.h"
#include "launcher/controller/token.h"
#include "launcher/controller/warm.h"
#include "launcher/service/service.h"

#define TICK_SECONDS           1.0
#define WARNING_SECONDS        30.0 /* between two that say the same */
#define STORE_PATIENCE_SECONDS 2.0
#define TAKEOVER_SECONDS       60.0 /* a store that is held though nobody answers */
#define COMMIT_FRACTION        0.25 /* of a commit's time: the longest silence */
#define LATELY_SECONDS         0.05 /* who asked since then is active */
enum { REQUEST_MAX_BYTES = 1 << 20, HOST_BYTES = 256 };

struct controller {
    const struct controller_options *options;
    struct text run, state_file, store_file; /* absolute paths */
    struct text token_file, read_token_file;
    char host[HOST_BYTES], *token, *read_token;
    double started;
    struct study *study;
    struct store *store;
    struct service *service;
    struct server *server;
    int signals;
    pid_t notifier; /* 0: nobody wants to be told */
    bool published, ending;
    int ready_fd;
    double next_tick, now; /* of the batch */
    double next_warning;   /* that nothing can be stored */
    size_t lately[2];      /* requests of this LATELY_SECONDS, the last ones */
    double lately_began;
    double commit_s; /* what one costs, smoothed */
};

/* ---- the loop --------------------------------------------------------- */

/* Wait for a request, a signal or the timeout. Returns whether anything came. */
static bool wait_for_work(struct controller *c, double timeout_s)
{
    struct pollfd events[] = { { c->signals, POLLIN, 0 },
                               { server_descriptor(c->server), POLLIN, 0 } };
    double seconds = fmax(0, timeout_s);
    struct timespec timeout = { (time_t)seconds,
                                (long)(1e9 * (seconds - floor(seconds))) };
    struct signalfd_siginfo signal;

    if (ppoll(events, 2, &timeout, NULL) <= 0)
        return false;
    if (events[0].revents &&
        read(c->signals, &signal, sizeof signal) == sizeof signal) {
        log_trace("controller", "signal %u", signal.ssi_signo);
        c->ending = true;
    }
    return true;
}

/* Count 'count' requests among those of lately. */
static void note_requests(struct controller *c, size_t count)
{
    double now = clock_monotonic();

    if (now - c->lately_began > LATELY_SECONDS) {
        c->lately[1] = c->lately[0];
        c->lately[0] = 0;
        c->lately_began = now;
    }
    c->lately[0] += count;
}

static size_t active_clients(const struct controller *c)
{
    size_t recent = c->lately[0] + c->lately[1];
    size_t clients = server_clients(c->server);

    return recent < clients ? recent : clients;
}

static void answer(void *context, struct call *call, struct reply *reply)
{
    struct controller *c = context;

    call->now = c->now;
    service_handle(c->service, call, reply);
}

/* Read the requests that are here, and answer them for themselves. */
static int take(struct controller *c, struct error *err)
{
    if (server_run(c->server, err) < 0)
        return -1;
    c->now = clock_steady();
    server_answer(c->server, answer, c);
    return 0;
}

/* Take requests until all that can be expected are here. */
static int gather(struct controller *c, struct error *err)
{
    double patience = c->commit_s;
    size_t expected;

    if (take(c, err) < 0)
        return -1;
    expected = active_clients(c);
    while (!c->ending && server_waiting(c->server) > 0 &&
           server_waiting(c->server) < expected && patience > 0) {
        double began = clock_monotonic();

        if (!wait_for_work(c, COMMIT_FRACTION * c->commit_s))
            break;
        patience -= clock_monotonic() - began;
        if (take(c, err) < 0)
            return -1;
    }
    return 0;
}

/* Commit what was gathered, and let the answers out. */
static int serve(struct controller *c, struct error *err)
{
    size_t count = server_waiting(c->server);
    struct error why = ERROR_INIT;
    double began;

    if (clock_monotonic() >= c->next_tick) {
        service_tick(c->service, clock_steady());
        c->next_tick = clock_monotonic() + TICK_SECONDS;
    }
    began = clock_monotonic();
    if (service_commit(c->service, &why) < 0) {
        if (began >= c->next_warning) {
            log_warn("nothing could be stored: %s", why.what);
            c->next_warning = began + WARNING_SECONDS;
        }
        server_refuse(c->server, 503, &why, answer, c);
    }
    if (count == 0)
        return 0;
    c->commit_s += 0.1 * (clock_monotonic() - began - c->commit_s);
    note_requests(c, count);
    return server_release(c->server, err);
}

static int loop(struct controller *c, struct error *err)
{
    while (!c->ending) {
        double timeout = c->next_tick - clock_monotonic();
        double http = server_timeout(c->server);

        if (server_waiting(c->server) == 0)
            wait_for_work(c, http >= 0 ? fmin(timeout, http) : timeout);
        if (gather(c, err) < 0 || serve(c, err) < 0)
            return -1;
        if (store_fenced(c->store))
            return error_set(err, "another controller has taken over");
        if (c->options->until_done &&
            service_is_over(c->service, clock_steady()))
            c->ending = true;
    }
    return 0;
}

/* ---- starting --------------------------------------------------------- */

/* Whether a process has ended, though its parent may not have noticed. */
static bool process_is_dead(pid_t pid)
{
    struct pollfd end = { pidfd_open(pid, 0), POLLIN, 0 };
    bool dead;

    if (end.fd < 0)
        return errno == ESRCH;
    dead = poll(&end, 1, 0) > 0;
    close(end.fd);
    return dead;
}

static char this_host[HOST_BYTES];

/* Whether "host:pid:slot" names a process of this machine that is gone. */
static bool worker_is_dead(const char *worker)
{
    size_t length = strlen(this_host);
    char *end;
    long pid;

    if (strncmp(worker, this_host, length) != 0 || worker[length] != ':')
        return false;
    pid = strtol(worker + length + 1, &end, 10);
    return *end == ':' && pid > 0 && process_is_dead((pid_t)pid);
}

/* Paths are handed to workers as JSON, which must be UTF-8. */
static bool is_utf8(const char *s)
{
    uint32_t code = 0;

    for (; *s && code != UINT32_MAX; s += text_decode(s, &code))
        ;
    return code != UINT32_MAX;
}

static int find_paths(struct controller *c, struct error *err)
{
    char *path = realpath(c->options->run, NULL);

    if (!path)
        return error_errno(err, "cannot open the run folder '%s'",
                           c->options->run);
    if (!is_utf8(path)) {
        error_usage(err, "the path of the run folder '%s' is no UTF-8", path);
        free(path);
        return error_hint(err, "move it, or choose another with --runs");
    }
    text_append(&c->run, path);
    text_format(&c->state_file, "%s/controller.json", path);
    text_format(&c->store_file, "%s/study.db", path);
    text_format(&c->token_file, "%s/token", path);
    text_format(&c->read_token_file, "%s/token.read", path);
    free(path);
    gethostname(c->host, sizeof c->host - 1);
    memcpy(this_host, c->host, sizeof this_host);
    return c->run.failed || c->state_file.failed || c->store_file.failed ||
                   c->token_file.failed || c->read_token_file.failed
               ? error_memory(err)
               : 0;
}

static int open_study(struct controller *c, struct error *err)
{
    char *path = file_join(text_get(&c->run), "study.yaml");

    if (!path)
        return error_memory(err);
    c->study = study_read(path, err);
    if (!c->study && !file_exists(path))
        error_hint(err,
                   "'%s' is no run folder; 'sentei run STUDY.yaml' makes "
                   "one",
                   text_get(&c->run));
    free(path);
    return c->study ? 0 : -1;
}

/* Learn from earlier runs. Only the first controller insists on them: later they
 * may be gone, and what they held is in the store. */
static int warm_up(struct controller *c, struct error *err)
{
    struct error why = ERROR_INIT;

    if (warm_start(c->service, c->study, text_get(&c->run), c->started, &why) ==
        0)
        return 0;
    if (service_term(c->service) > 1) {
        log_warn("%s", why.what);
        return 0;
    }
    *err = why;
    return -1;
}

static int open_store(struct controller *c, struct error *err)
{
    struct store_options o = { .path = text_get(&c->store_file),
                               .run = text_get(&c->run),
                               .patience_s = c->options->standby
                                                 ? 0
                                                 : STORE_PATIENCE_SECONDS };
    struct service_options service = { .run = text_get(&c->run),
                                       .lease_s = c->options->lease_s,
                                       .host = c->host,
                                       .pid = getpid(),
                                       .takes_over = c->options->standby,
                                       .worker_is_dead = worker_is_dead };

    c->store = store_open(&o, err);
    if (!c->store || service_open(&c->service, c->study, c->store, &service,
                                  c->started, err) < 0)
        return -1;
    return warm_up(c, err);
}

/* Say that the wait is over to who started us. */
static int say_ready(struct controller *c, struct error *err)
{
    int fd = c->ready_fd, rc = 0;

    if (fd >= 0 && write(fd, "ready\n", 6) != 6)
        rc = error_errno(err, "cannot write to descriptor %d", fd);
    if (fd >= 0)
        close(fd);
    c->ready_fd = -1;
    return rc;
}

/* Those who wait for the store must not do so in step: while each looks, none
 * of them can have it. */
static void let_others_try(struct controller *c)
{
    struct pollfd fd = { c->signals, POLLIN, 0 };
    unsigned char byte = 0;

    random_secret(&byte, sizeof byte);
    poll(&fd, 1, 50 + 4 * byte);
}

/* Stand by until it is our turn to hold the store; or, 'ending', a signal
 * came. */
static int await_store(struct controller *c, struct error *err)
{
    double first = 0, last = -INFINITY; /* failures in a row */

    standby_defer(text_get(&c->run), c->signals, c->options->defer_s);
    while (!c->store) {
        if (!standby_wait(text_get(&c->run), c->signals)) {
            c->ending = true;
            return 0;
        }
        c->started = clock_steady();
        if (open_store(c, err) == 0)
            break;
        if (clock_monotonic() - last > TAKEOVER_SECONDS / 2)
            first = clock_monotonic();
        last = clock_monotonic();
        if (c->store || last - first > TAKEOVER_SECONDS)
            return -1;
        let_others_try(c);
    }
    return 0;
}

/* Where the study says so, credentials are asked for in place of a token: see
 * at once that munged is there. */
static int name_munge(struct controller *c, struct error *err)
{
    const char *socket = c->study->munge;
    char *credential = credential_make(socket, "hello", err);
    uid_t uid;
    int rc = credential
                 ? credential_check(socket, credential, "hello", &uid, err)
                 : -1;

    free(credential);
    return rc < 0 ? rc
                  : token_name_munge(text_get(&c->token_file), socket, err);
}

/* Who is to be let in. */
static int set_guard(struct controller *c, struct guard *g, struct error *err)
{
    struct stat folder;

    if (stat(text_get(&c->run), &folder) < 0)
        return error_errno(err, "cannot read '%s'", text_get(&c->run));
    if ((c->study->munge
             ? name_munge(c, err)
             : token_open(text_get(&c->token_file), &c->token, err)) < 0 ||
        token_open(text_get(&c->read_token_file), &c->read_token, err) < 0)
        return -1;
    *g = (struct guard){ .token = c->token,
                         .read_token = c->read_token,
                         .socket = c->study->munge,
                         .owner = folder.st_uid };
    return 0;
}

static int open_server(struct controller *c, struct error *err)
{
    struct server_options o = { .address = c->options->address,
                                .port = c->options->port,
                                .max_body = REQUEST_MAX_BYTES,
                                .calls_per_s = c->options->calls_per_s };
    struct rlimit files;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max; /* one for each client */
        setrlimit(RLIMIT_NOFILE, &files);
    }
    return set_guard(c, &o.guard, err) < 0 ? -1
                                           : server_open(&c->server, &o, err);
}

/* Stop by signal only where the loop looks for one. SIGINT is left alone where
 * it is ignored ('sentei run' ends its controller last): a signalfd would get
 * it all the same. */
static int catch_signals(struct controller *c, struct error *err)
{
    struct sigaction present;
    sigset_t set;

    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, CONTROLLER_END);
    sigaction(SIGINT, NULL, &present);
    if (present.sa_handler != SIG_IGN)
        sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGPIPE, SIG_IGN);
    sigdelset(&set, c->options->crew ? SIGTERM : CONTROLLER_END);
    c->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    return c->signals < 0 ? error_errno(err, "cannot wait for signals") : 0;
}

/* Tell the world where we are. */
static int publish(struct controller *c, struct error *err)
{
    struct tree *t = tree_map();
    struct text json = TEXT_INIT;
    int rc;

    tree_set_string(t, "url", server_url(c->server));
    tree_set_string(t, "host", c->host);
    tree_set_int(t, "pid", getpid());
    tree_set_float(t, "started", c->started);
    tree_set_int(t, "term", service_term(c->service));
    json_format_pretty(t, &json);
    rc = tree_ok(t) && !json.failed
             ? file_write(text_get(&c->state_file), json.data, json.size, 0644,
                          err)
             : error_memory(err);
    c->published = rc == 0;
    if (rc == 0)
        rc = say_ready(c, err);
    log_trace("controller", "serving at %s", server_url(c->server));
    tree_destroy(t);
    text_clear(&json);
    return rc;
}

/* A study that cannot be told of runs all the same. */
static void start_notifier(struct controller *c)
{
    struct error err = ERROR_INIT;

    if (tree_count(c->study->notify) == 0)
        return;
    c->notifier = notifier_start(text_get(&c->run), &err);
    if (c->notifier < 0)
        log_warn("nobody will be notified: %s", err.what);
}

static void close_all(struct controller *c)
{
    if (c->published && !store_fenced(c->store))
        unlink(text_get(&c->state_file));
    server_close(c->server);
    service_close(c->service);
    store_close(c->store);
    notifier_end(c->notifier); /* reads the store for the last word */
    study_destroy(c->study);
    if (c->signals >= 0)
        close(c->signals);
    free(c->token);
    free(c->read_token);
    text_clear(&c->run);
    text_clear(&c->state_file);
    text_clear(&c->store_file);
    text_clear(&c->token_file);
    text_clear(&c->read_token_file);
}

int controller_run(const struct controller_options *o, struct error *err)
{
    struct controller c = { .options = o,
                            .signals = -1,
                            .ready_fd = o->ready_fd };
    int rc = -1;

    c.started = clock_steady();
    if (find_paths(&c, err) < 0 || open_study(&c, err) < 0 ||
        catch_signals(&c, err) < 0)
        goto out;
    if (o->standby ? say_ready(&c, err) < 0 || await_store(&c, err) < 0
                   : open_store(&c, err) < 0)
        goto out;
    if (!c.ending && (open_server(&c, err) < 0 || publish(&c, err) < 0))
        goto out;
    if (!c.ending)
        start_notifier(&c);
    rc = loop(&c, err);
out:
    close_all(&c);
    return rc;
}
