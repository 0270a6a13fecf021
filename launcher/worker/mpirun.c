/* mpirun: see mpirun.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/worker/mpirun.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"

enum { OPTIONS_MAX = 20, NUMBER_BYTES = 24 };

static char ranks[NUMBER_BYTES] = "1";

void mpirun_configure(int64_t count)
{
    snprintf(ranks, sizeof ranks, "%" PRId64, count);
}

/* The words before the program's. Trials share the machine: each mpirun would bind
 * its ranks to the same first cores. */
static size_t add_options(const char **words, const char *self)
{
    /* The last one is MPIRUN_STOP. */
    static const char *const options[] = {
        "mpirun", "--quiet", "--oversubscribe",          "--mca",  "plm",
        "rsh",    "--mca",   "mpi_yield_when_idle",      "1",      "--bind-to",
        "none",   "--mca",   "ess_base_forward_signals", "SIGURG",
    };
    size_t n = 0;

    for (; n < sizeof options / sizeof *options; n++)
        words[n] = options[n];
    if (geteuid() == 0)
        words[n++] = "--allow-run-as-root";
    words[n++] = "-n";
    words[n++] = ranks;
    words[n++] = self;
    words[n++] = "rank";
    words[n++] = "--";
    return n;
}

static int mpirun_start(char *const *argv, char *const *environment,
                        struct task *t, struct error *err)
{
    char *self = child_program(err);
    const char **words;
    size_t count = 0, n;
    int rc = -1;

    while (argv[count])
        count++;
    words = calloc(OPTIONS_MAX + count + 1, sizeof *words);
    if (!words)
        error_memory(err);
    if (words && self) {
        n = add_options(words, self);
        memcpy(words + n, argv, count * sizeof *words);
        rc = executor_local.start((char *const *)(uintptr_t)words, environment,
                                  t, err);
    }
    free(words);
    free(self);
    return rc;
}

static void mpirun_signal(const struct task *t, int signal_number)
{
    executor_local.signal(t, signal_number == SIGTERM ? MPIRUN_STOP
                                                      : signal_number);
}

static int mpirun_reap(struct task *t)
{
    return executor_local.reap(t);
}

const struct executor executor_mpirun = { "mpirun", mpirun_start, mpirun_signal,
                                          mpirun_reap, NULL };
