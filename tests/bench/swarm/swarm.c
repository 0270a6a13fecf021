/* swarm: see swarm.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/bench/swarm/swarm.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "launcher/controller/controller.h"

static const char study[] =
    "study: swarm\n"
    "objective: {metric: val.pr_auc, direction: maximize}\n"
    "space: {x: {type: float, low: 0, high: 1}}\n"
    "search: {sampler: random, pruner: none}\n"
    "trainer: {command: [\"true\"]}\n";

static int fail(const char *what)
{
    fprintf(stderr, "swarm: %s: %s\n", what, strerror(errno));
    return -1;
}

/* ---- the controller --------------------------------------------------- */

static int start_controller(struct swarm *s)
{
    struct error err = ERROR_INIT;
    int ready[2];
    char word[8];

    if (pipe(ready) < 0 || (s->pid = fork()) < 0)
        return fail("cannot start the controller");
    if (s->pid == 0) {
        struct controller_options o = { .run = s->folder,
                                        .lease_s = 600,
                                        .calls_per_s = 10000,
                                        .ready_fd = ready[1] };

        close(ready[0]);
        _exit(controller_run(&o, &err) < 0 ? error_print(&err, "swarm") : 0);
    }
    close(ready[1]);
    if (read(ready[0], word, sizeof word) <= 0)
        return fail("the controller did not start");
    close(ready[0]);
    return 0;
}

double swarm_cpu(const struct swarm *s)
{
    struct timespec t = { 0, 0 };
    clockid_t clock;

    if (clock_getcpuclockid(s->pid, &clock) == 0)
        clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

long swarm_memory(const struct swarm *s)
{
    char *path = text_print("/proc/%d/status", (int)s->pid);
    FILE *f = path ? fopen(path, "r") : NULL;
    char line[256];
    long kilobytes = 0;

    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "VmRSS: %ld kB", &kilobytes) == 1)
            break;
    if (f)
        fclose(f);
    free(path);
    return kilobytes * 1024;
}

static int read_state(struct swarm *s)
{
    char *path = file_join(s->folder, "controller.json");
    char *token = file_join(s->folder, "token");
    struct error err = ERROR_INIT;
    struct tree *state = NULL;
    char *data = NULL;
    size_t size;
    int rc = -1;

    if (file_read(path, 1 << 16, &data, &size, &err) == 0 &&
        file_read(token, 1 << 16, &s->token, &size, &err) == 0 &&
        (state = json_parse(data, strlen(data), path, &err))) {
        s->token[strcspn(s->token, "\n")] = '\0';
        s->port = atoi(strrchr(tree_text(tree_get(state, "url")), ':') + 1);
        rc = 0;
    } else {
        error_print(&err, "swarm");
    }
    tree_destroy(state);
    free(data);
    free(path);
    free(token);
    return rc;
}

/* ---- clients ---------------------------------------------------------- */

static int client_connect(struct swarm *s, struct client *c)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)s->port),
                                   .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int yes = 1;

    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 ||
        connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0)
        return fail("cannot connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return 0;
}

static int client_send(struct swarm *s, struct client *c, const char *path,
                       const char *body)
{
    char request[1024];
    int size = snprintf(request, sizeof request,
                        "POST %s HTTP/1.1\r\nHost: localhost\r\n"
                        "Authorization: Bearer %s\r\n"
                        "Content-Type: application/json\r\n"
                        "Content-Length: %zu\r\n\r\n%s",
                        path, s->token, strlen(body), body);

    c->got = 0;
    return write(c->fd, request, (size_t)size) == size ? 0
                                                       : fail("cannot send");
}

/* Read what is there. Returns the body once the reply is whole, "" before that,
 * NULL upon failure. */
static const char *receive(struct client *c)
{
    ssize_t n = read(c->fd, c->reply + c->got, REPLY_BYTES - 1 - c->got);
    const char *length, *body;

    if (n <= 0) {
        fail("the controller hung up");
        return NULL;
    }
    c->got += (size_t)n;
    c->reply[c->got] = '\0';
    body = strstr(c->reply, "\r\n\r\n");
    length = strstr(c->reply, "Content-Length: ");
    if (!body || !length)
        return "";
    body += 4;
    if (strlen(body) < strtoul(length + 16, NULL, 10))
        return "";
    if (strncmp(c->reply, "HTTP/1.1 200", 12) != 0) {
        fprintf(stderr, "swarm: %s\n", c->reply);
        return NULL;
    }
    return body;
}

static int client_ask(struct swarm *s, struct client *c, int number)
{
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };
    struct error err = ERROR_INIT;
    const char *body = "";
    struct tree *reply;
    char ask[64];

    snprintf(ask, sizeof ask, "{\"worker\": \"bench:1:%d\"}", number);
    if (client_connect(s, c) < 0 || client_send(s, c, "/v1/ask", ask) < 0)
        return -1;
    while (body && !*body)
        body = receive(c);
    if (!body || !(reply = json_parse(body, strlen(body), "reply", &err)))
        return -1;
    c->trial = tree_integer(tree_get(reply, "trial"));
    snprintf(c->lease, sizeof c->lease, "%s",
             tree_text(tree_get(reply, "lease")));
    tree_destroy(reply);
    return epoll_ctl(s->epoll, EPOLL_CTL_ADD, c->fd, &event);
}

int swarm_report(struct swarm *s, struct client *c)
{
    char body[256];

    c->step++;
    c->sent = clock_monotonic();
    snprintf(body, sizeof body,
             "{\"trial\": %ld, \"attempt\": 1, \"lease\": \"%s\", \"step\": "
             "%ld, \"metrics\": {\"val.pr_auc\": 0.%ld, \"train.loss\": 0.25}}",
             c->trial, c->lease, c->step, 1000 + c->step % 1000);
    return client_send(s, c, "/v1/report", body);
}

int swarm_join(struct swarm *s, int clients)
{
    s->clients = calloc((size_t)clients, sizeof *s->clients);
    s->epoll = epoll_create1(0);
    if (!s->clients || s->epoll < 0)
        return fail("no clients");
    s->count = clients;
    for (int i = 0; i < clients; i++)
        if (client_ask(s, &s->clients[i], i) < 0)
            return -1;
    return 0;
}

void swarm_leave(struct swarm *s)
{
    for (int i = 0; i < s->count; i++)
        close(s->clients[i].fd);
    close(s->epoll);
    free(s->clients);
    s->clients = NULL;
    s->count = 0;
}

/* ---- latencies -------------------------------------------------------- */

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

void latencies_add(struct latencies *l, double seconds)
{
    if (l->count < LATENCIES_MAX)
        l->items[l->count++] = seconds;
}

double latencies_share(struct latencies *l, double share)
{
    qsort(l->items, l->count, sizeof *l->items, compare);
    return l->count ? l->items[(size_t)(share * (double)(l->count - 1))] : 0;
}

int swarm_take(struct swarm *s, double patience_s, bool busy,
               struct latencies *l)
{
    struct epoll_event events[256];
    int n = epoll_wait(s->epoll, events, 256, (int)(1e3 * patience_s));
    double now = clock_monotonic();
    int answered = 0;

    for (int i = 0; i < n; i++) {
        struct client *c = events[i].data.ptr;
        const char *body = receive(c);

        if (!body)
            return -1;
        if (!*body)
            continue;
        latencies_add(l, now - c->sent);
        answered++;
        if (busy && swarm_report(s, c) < 0)
            return -1;
    }
    return answered;
}

/* ---- the whole -------------------------------------------------------- */

int swarm_open(struct swarm *s)
{
    const char *build = getenv("BUILD");
    struct error err = ERROR_INIT;
    struct rlimit files;
    char *path;
    int rc;

    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    s->folder = text_print("%s/swarm.XXXXXX", build ? build : "build");
    if (!s->folder || !mkdtemp(s->folder))
        return fail("cannot make a folder");
    path = file_join(s->folder, "study.yaml");
    rc = file_write(path, study, strlen(study), 0644, &err);
    free(path);
    return rc < 0 ? -error_print(&err, "swarm") : 0;
}

int swarm_start(struct swarm *s)
{
    return start_controller(s) < 0 ? -1 : read_state(s);
}

void swarm_stop(struct swarm *s, int signal)
{
    free(s->token);
    s->token = NULL;
    kill(s->pid, signal);
    waitpid(s->pid, NULL, 0);
}

static int clean(const char *format, const char *folder)
{
    char *command = text_print(format, folder);
    int rc = command && system(command) == 0 ? 0 : -1;

    free(command);
    return rc;
}

int swarm_forget(struct swarm *s)
{
    return clean("rm -f '%s'/study.db*", s->folder);
}

int swarm_close(struct swarm *s)
{
    int rc = clean("rm -rf '%s'", s->folder);

    free(s->folder);
    return rc;
}
