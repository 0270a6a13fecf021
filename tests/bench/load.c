/* load: one controller of very many workers.
 *
 * 10,000 clients in this process, with a trial and a keep-alive connection each.
 * They report every 10 s, evenly; then all of them at once; then until a
 * million reports are stored, after which the controller is ended, or killed,
 * and another one comes up.
 * SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tests/bench/swarm/swarm.h"

#define PACE_SECONDS   10.0 /* between two reports of a worker */
#define STEADY_SECONDS 20.0
enum { WORKERS = 10000, REPORTS = 1000000 };

static struct latencies latencies;
static long stored; /* reports, by all phases */

/* The answers that are here; waits at most 'patience_s' for the first. */
static int take_answers(struct swarm *s, double patience_s, bool busy)
{
    int answered = swarm_take(s, patience_s, busy, &latencies);

    stored += answered > 0 ? answered : 0;
    return answered;
}

static int await_answers(struct swarm *s, long waiting)
{
    while (waiting > 0) {
        int n = take_answers(s, 1, false);

        if (n < 0)
            return -1;
        waiting -= n;
    }
    return 0;
}

static void print(const char *what, double value, const char *unit)
{
    printf("load_%d_workers_%s %.*f %s\n", (int)WORKERS, what,
           value < 100 ? 2 : 0, value, unit);
    fflush(stdout);
}

static void print_latencies(const char *what)
{
    char name[64];

    snprintf(name, sizeof name, "%s_p50", what);
    print(name, 1e3 * latencies_share(&latencies, 0.5), "ms");
    snprintf(name, sizeof name, "%s_p99", what);
    print(name, 1e3 * latencies_share(&latencies, 0.99), "ms");
}

/* ---- phases ----------------------------------------------------------- */

/* Each in its turn, every PACE_SECONDS. */
static int report_steadily(struct swarm *s)
{
    double begun = clock_monotonic(), cpu = swarm_cpu(s);
    long sent = 0, total = (long)(WORKERS * STEADY_SECONDS / PACE_SECONDS);
    long before = stored;

    latencies.count = 0;
    while (sent < total) {
        double due = begun + (double)sent * PACE_SECONDS / WORKERS;
        double left = due - clock_monotonic();

        if (left <= 0 && swarm_report(s, &s->clients[sent++ % WORKERS]) < 0)
            return -1;
        if (take_answers(s, left > 0.001 ? left : 0, false) < 0)
            return -1;
    }
    if (await_answers(s, total - (stored - before)) < 0)
        return -1;
    print_latencies("steady");
    print("steady_controller_cpu",
          100 * (swarm_cpu(s) - cpu) / (clock_monotonic() - begun), "percent");
    return 0;
}

static int report_at_once(struct swarm *s)
{
    double begun = clock_monotonic();

    latencies.count = 0;
    for (int i = 0; i < WORKERS; i++)
        if (swarm_report(s, &s->clients[i]) < 0)
            return -1;
    if (await_answers(s, WORKERS) < 0)
        return -1;
    print_latencies("burst");
    print("burst", clock_monotonic() - begun, "s");
    return 0;
}

static int report_a_million(struct swarm *s)
{
    double begun = clock_monotonic();
    long before = stored;

    for (int i = 0; i < WORKERS; i++)
        if (swarm_report(s, &s->clients[i]) < 0)
            return -1;
    while (stored < REPORTS)
        if (take_answers(s, 1, true) < 0)
            return -1;
    print("rate", (double)(stored - before) / (clock_monotonic() - begun),
          "reports/s");
    print("memory", (double)swarm_memory(s) / 1e6, "MB");
    return 0;
}

static int restart(struct swarm *s, int signal, const char *what)
{
    double begun;

    swarm_stop(s, signal);
    begun = clock_monotonic();
    if (swarm_start(s) < 0)
        return -1;
    print(what, clock_monotonic() - begun, "s");
    return 0;
}

int main(void)
{
    struct swarm s = { 0 };
    double begun = clock_monotonic();
    int rc = swarm_open(&s) < 0 || swarm_start(&s) < 0 ||
             swarm_join(&s, WORKERS) < 0;

    if (!rc)
        print("join", clock_monotonic() - begun, "s");
    rc = rc || report_steadily(&s) < 0 || report_at_once(&s) < 0 ||
         report_a_million(&s) < 0;
    swarm_leave(&s);
    rc = rc || restart(&s, SIGTERM, "1000000_reports_restart") < 0 ||
         restart(&s, SIGKILL, "1000000_reports_restart_after_kill") < 0;
    print("1000000_reports_memory", (double)swarm_memory(&s) / 1e6, "MB");
    swarm_stop(&s, SIGTERM);
    return swarm_close(&s) < 0 || rc;
}
