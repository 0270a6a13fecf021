/* reports: how many reports a second a controller makes durable.
 *
 * A controller over a study of its own, and 1, 8, 32 and 1,000 clients in this
 * process, each with a keep-alive connection and one report in flight. Beside
 * it the floor: what the disk could do if each fsync carried one report of
 * every client and nothing else took time. On a fast disk the processor is the
 * limit: so 8 and 32 clients are measured on a slowed one, too.
 * SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "launcher/controller/controller.h"

#define WARM_UP_SECONDS 0.5
#define MEASURE_SECONDS 2.0
#define FLOOR_SECONDS   1.0
#define SLOW_SYNC_S     (1.0 / 300) /* as a good file server's */
enum { CLIENTS_MAX = 1000, REPLY_BYTES = 4096, LATENCIES_MAX = 1 << 20 };

static const char study[] =
    "study: reports\n"
    "objective: {metric: val.pr_auc, direction: maximize}\n"
    "space: {x: {type: float, low: 0, high: 1}}\n"
    "search: {sampler: random, pruner: none}\n"
    "trainer: {command: [\"true\"]}\n";

struct client {
    int fd;
    long trial, step;
    char lease[64];
    char reply[REPLY_BYTES];
    size_t got;
    double sent;
};

struct load {
    char *folder, *token;
    int port, epoll;
    pid_t pid; /* of the controller */
    struct client clients[CLIENTS_MAX];
    double *latencies;
    size_t count;
};

static int fail(const char *what)
{
    fprintf(stderr, "reports: %s: %s\n", what, strerror(errno));
    return -1;
}

/* ---- the disk --------------------------------------------------------- */

/* What a sync takes at least; the controller inherits it. */
static double sync_s;

/* Stands before the C library's, in SQLite's calls too. */
int fdatasync(int fd)
{
    double end = clock_monotonic() + sync_s;
    int rc = (int)syscall(SYS_fdatasync, fd);
    double left = end - clock_monotonic();
    struct timespec pause = { 0, (long)(1e9 * left) };

    if (left > 0)
        nanosleep(&pause, NULL);
    return rc;
}

/* ---- the controller --------------------------------------------------- */

static int start_controller(struct load *l)
{
    struct error err = ERROR_INIT;
    int ready[2];
    char word[8];

    if (pipe(ready) < 0 || (l->pid = fork()) < 0)
        return fail("cannot start the controller");
    if (l->pid == 0) {
        struct controller_options o = { .run = l->folder,
                                        .lease_s = 600,
                                        .ready_fd = ready[1] };

        close(ready[0]);
        _exit(controller_run(&o, &err) < 0 ? error_print(&err, "reports") : 0);
    }
    close(ready[1]);
    if (read(ready[0], word, sizeof word) <= 0)
        return fail("the controller did not start");
    close(ready[0]);
    return 0;
}

/* Seconds the controller has computed so far, kernel included. */
static double controller_cpu(const struct load *l)
{
    struct timespec t = { 0, 0 };
    clockid_t clock;

    if (clock_getcpuclockid(l->pid, &clock) == 0)
        clock_gettime(clock, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static int read_state(struct load *l)
{
    char *path = file_join(l->folder, "controller.json");
    char *token = file_join(l->folder, "token");
    struct error err = ERROR_INIT;
    struct tree *state = NULL;
    char *data = NULL;
    size_t size;
    int rc = -1;

    if (file_read(path, 1 << 16, &data, &size, &err) == 0 &&
        file_read(token, 1 << 16, &l->token, &size, &err) == 0 &&
        (state = json_parse(data, strlen(data), path, &err))) {
        l->token[strcspn(l->token, "\n")] = '\0';
        l->port = atoi(strrchr(tree_text(tree_get(state, "url")), ':') + 1);
        rc = 0;
    } else {
        error_print(&err, "reports");
    }
    tree_destroy(state);
    free(data);
    free(path);
    free(token);
    return rc;
}

/* ---- clients ---------------------------------------------------------- */

static int client_connect(struct load *l, struct client *c)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
                                   .sin_port = htons((uint16_t)l->port),
                                   .sin_addr = { htonl(INADDR_LOOPBACK) } };
    int yes = 1;

    c->fd = socket(AF_INET, SOCK_STREAM, 0);
    if (c->fd < 0 ||
        connect(c->fd, (struct sockaddr *)&address, sizeof address) < 0)
        return fail("cannot connect");
    setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    return 0;
}

static int client_send(struct load *l, struct client *c, const char *path,
                       const char *body)
{
    char request[1024];
    int size = snprintf(request, sizeof request,
                        "POST %s HTTP/1.1\r\nHost: localhost\r\n"
                        "Authorization: Bearer %s\r\n"
                        "Content-Type: application/json\r\n"
                        "Content-Length: %zu\r\n\r\n%s",
                        path, l->token, strlen(body), body);

    c->got = 0;
    return write(c->fd, request, (size_t)size) == size ? 0
                                                       : fail("cannot send");
}

/* Read what is there. Returns the body once the reply is whole, "" before
 * that, NULL upon failure. */
static const char *client_receive(struct client *c)
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
        fprintf(stderr, "reports: %s\n", c->reply);
        return NULL;
    }
    return body;
}

/* Get a trial for each client. */
static int client_ask(struct load *l, struct client *c, int number)
{
    struct error err = ERROR_INIT;
    const char *body = "";
    struct tree *reply;
    char ask[64];

    snprintf(ask, sizeof ask, "{\"worker\": \"bench:1:%d\"}", number);
    if (client_connect(l, c) < 0 || client_send(l, c, "/v1/ask", ask) < 0)
        return -1;
    while (body && !*body)
        body = client_receive(c);
    if (!body || !(reply = json_parse(body, strlen(body), "reply", &err)))
        return -1;
    c->trial = tree_integer(tree_get(reply, "trial"));
    snprintf(c->lease, sizeof c->lease, "%s",
             tree_text(tree_get(reply, "lease")));
    tree_destroy(reply);
    struct epoll_event event = { .events = EPOLLIN, .data.ptr = c };

    return epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event);
}

static int client_report(struct load *l, struct client *c)
{
    char body[256];

    c->step++;
    c->sent = clock_monotonic();
    snprintf(body, sizeof body,
             "{\"trial\": %ld, \"attempt\": 1, \"lease\": \"%s\", \"step\": "
             "%ld, \"metrics\": {\"val.pr_auc\": 0.%ld, \"train.loss\": 0.25}}",
             c->trial, c->lease, c->step, 1000 + c->step % 1000);
    return client_send(l, c, "/v1/report", body);
}

/* ---- measuring -------------------------------------------------------- */

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

/* Keep every client busy until 'end'; returns the reports answered, or -1. */
static long drive(struct load *l, double end)
{
    struct epoll_event events[256];
    long answered = 0;
    double now = clock_monotonic();

    while (now < end) {
        int n = epoll_wait(l->epoll, events, 256, 100);

        now = clock_monotonic();
        for (int i = 0; i < n; i++) {
            struct client *c = events[i].data.ptr;
            const char *body = client_receive(c);

            if (!body)
                return -1;
            if (!*body)
                continue;
            if (l->count < LATENCIES_MAX)
                l->latencies[l->count++] = now - c->sent;
            answered++;
            if (client_report(l, c) < 0)
                return -1;
        }
    }
    return answered;
}

static void print_row(int clients, const char *what, double value,
                      const char *unit)
{
    printf("reports_%d_clients%s%s %.*f %s\n", clients,
           sync_s > 0 ? "_slow_disk" : "", what, value < 1000 ? 3 : 0, value,
           unit);
}

static int measure(struct load *l, int clients, double fsyncs)
{
    double begun, rate, cpu;
    long answered;

    l->epoll = epoll_create1(0);
    for (int i = 0; i < clients; i++)
        if (client_ask(l, &l->clients[i], i) < 0)
            return -1;
    for (int i = 0; i < clients; i++)
        if (client_report(l, &l->clients[i]) < 0)
            return -1;
    if (drive(l, clock_monotonic() + WARM_UP_SECONDS) < 0)
        return -1;
    l->count = 0;
    cpu = controller_cpu(l);
    begun = clock_monotonic();
    if ((answered = drive(l, begun + MEASURE_SECONDS)) <= 0)
        return -1;
    rate = (double)answered / (clock_monotonic() - begun);
    qsort(l->latencies, l->count, sizeof *l->latencies, compare);
    cpu = controller_cpu(l) - cpu;
    print_row(clients, "", rate, "reports/s");
    print_row(clients, "_p50", 1e3 * l->latencies[l->count / 2], "ms");
    print_row(clients, "_p99", 1e3 * l->latencies[l->count * 99 / 100], "ms");
    print_row(clients, "_controller_cpu", 1e6 * cpu / (double)answered,
              "us/report");
    print_row(clients, "_floor", fsyncs * clients, "reports/s");
    print_row(clients, "_of_floor", 100 * rate / (fsyncs * clients), "percent");
    fflush(stdout);
    for (int i = 0; i < clients; i++)
        close(l->clients[i].fd);
    close(l->epoll);
    return 0;
}

/* Appended pages a second, each on disk before the next. */
static double measure_floor(const char *folder)
{
    char *path = file_join(folder, "floor");
    int fd = open(path, O_CREAT | O_WRONLY | O_APPEND, 0600);
    double begun = clock_monotonic(), now = begun;
    char page[4096] = { 1 };
    long count = 0;

    while (fd >= 0 && now < begun + FLOOR_SECONDS &&
           write(fd, page, sizeof page) == sizeof page && fdatasync(fd) == 0) {
        count++;
        now = clock_monotonic();
    }
    if (fd >= 0)
        close(fd);
    unlink(path);
    free(path);
    return now > begun ? (double)count / (now - begun) : 0;
}

/* A controller and clients, anew for each number of them. */
static int measure_clients(struct load *l, int clients)
{
    char *command = text_print("rm -f '%s'/study.db*", l->folder);
    double fsyncs;
    int rc = system(command);

    free(command);
    fsyncs = measure_floor(l->folder);
    if (clients == 1)
        printf("disk_fdatasync %.0f 1/s\n", fsyncs);
    memset(l->clients, 0, sizeof l->clients);
    if (rc != 0 || fsyncs <= 0 || start_controller(l) < 0)
        return -1;
    rc = read_state(l) < 0 ? -1 : measure(l, clients, fsyncs);
    free(l->token);
    l->token = NULL;
    kill(l->pid, SIGTERM);
    waitpid(l->pid, NULL, 0);
    return rc;
}

int main(void)
{
    static const struct {
        int clients;
        double sync_s;
    } cases[] = {
        { 1, 0 },    { 8, 0 },           { 32, 0 },
        { 1000, 0 }, { 8, SLOW_SYNC_S }, { 32, SLOW_SYNC_S },
    };
    const char *build = getenv("BUILD");
    struct load *l = calloc(1, sizeof *l);
    struct rlimit files;
    char *path, *command;
    struct error err;
    int rc = 0;

    if (!l || !(l->latencies = calloc(LATENCIES_MAX, sizeof *l->latencies)))
        return 1;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    l->folder = text_print("%s/reports.XXXXXX", build ? build : "build");
    if (!mkdtemp(l->folder))
        return fail(l->folder) < 0;
    path = file_join(l->folder, "study.yaml");
    if (file_write(path, study, strlen(study), 0644, &err) < 0)
        return error_print(&err, "reports");
    for (size_t i = 0; rc == 0 && i < sizeof cases / sizeof *cases; i++) {
        sync_s = cases[i].sync_s;
        rc = measure_clients(l, cases[i].clients);
    }
    command = text_print("rm -rf '%s'", l->folder);
    if (system(command) != 0)
        rc = -1;
    free(command);
    free(path);
    free(l->folder);
    free(l->latencies);
    free(l);
    return rc == 0 ? 0 : 1;
}
