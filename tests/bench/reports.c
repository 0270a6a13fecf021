/* reports: how many reports a second a controller makes durable.
 *
 * A controller over a study of its own, and 1, 8, 32 and 1,000 clients in this
 * process, each with a keep-alive connection and one report in flight. Beside
 * it the floor: what the disk could do if each fsync carried one report of
 * every client and nothing else took time. On a fast disk the processor is the
 * limit: so 8 and 32 clients are measured on a slowed one, too.
 * SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "tests/bench/swarm/swarm.h"

#define WARM_UP_SECONDS 0.5
#define MEASURE_SECONDS 2.0
#define FLOOR_SECONDS   1.0
#define SLOW_SYNC_S     (1.0 / 300) /* as a good file server's */

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

/* ---- measuring -------------------------------------------------------- */

static struct latencies latencies;

/* Keep every client busy until 'end'; returns the reports answered, or -1. */
static long drive(struct swarm *s, double end)
{
    long answered = 0;

    while (clock_monotonic() < end) {
        int n = swarm_take(s, 0.1, true, &latencies);

        if (n < 0)
            return -1;
        answered += n;
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

static int measure(struct swarm *s, double fsyncs)
{
    double begun, rate, cpu, floor = fsyncs * s->count;
    long answered;

    for (int i = 0; i < s->count; i++)
        if (swarm_report(s, &s->clients[i]) < 0)
            return -1;
    if (drive(s, clock_monotonic() + WARM_UP_SECONDS) < 0)
        return -1;
    latencies.count = 0;
    cpu = swarm_cpu(s);
    begun = clock_monotonic();
    if ((answered = drive(s, begun + MEASURE_SECONDS)) <= 0)
        return -1;
    rate = (double)answered / (clock_monotonic() - begun);
    cpu = (swarm_cpu(s) - cpu) / (double)answered;
    print_row(s->count, "", rate, "reports/s");
    print_row(s->count, "_p50", 1e3 * latencies_share(&latencies, 0.5), "ms");
    print_row(s->count, "_p99", 1e3 * latencies_share(&latencies, 0.99), "ms");
    print_row(s->count, "_controller_cpu", 1e6 * cpu, "us/report");
    print_row(s->count, "_floor", floor, "reports/s");
    print_row(s->count, "_of_floor", 100 * rate / floor, "percent");
    fflush(stdout);
    return 0;
}

/* A controller and clients, anew for each number of them. */
static int measure_clients(struct swarm *s, int clients)
{
    double fsyncs = measure_floor(s->folder);
    int rc;

    if (clients == 1)
        printf("disk_fdatasync %.0f 1/s\n", fsyncs);
    if (fsyncs <= 0 || swarm_forget(s) < 0 || swarm_start(s) < 0)
        return -1;
    rc = swarm_join(s, clients) < 0 ? -1 : measure(s, fsyncs);
    swarm_leave(s);
    swarm_stop(s, SIGTERM);
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
    struct swarm s = { 0 };
    int rc = swarm_open(&s);

    for (size_t i = 0; rc == 0 && i < sizeof cases / sizeof *cases; i++) {
        sync_s = cases[i].sync_s;
        rc = measure_clients(&s, cases[i].clients);
    }
    return swarm_close(&s) < 0 || rc < 0;
}
