/* steps: see steps.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/slurm/steps.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "base/log.h"
#include "launcher/slurm/scheduler.h"
#include "launcher/slurm/served.h"

#define CALL_TIMEOUT_S 60.0
#define GONE_TIMEOUT_S 30.0 /* so soon a failure counts: crew.c ends in time */
enum { REST_S = 1, REST_MAX_S = 10 }; /* between looks, ever longer */

static int cancel(const char *step, struct error *err)
{
    const char *words[] = { "scancel", "--signal=KILL", step, NULL };
    struct scheduler_reply reply;
    int rc;

    log_note("step %s was left behind by a worker that died: it is ended",
             step);
    rc = scheduler_call(words, CALL_TIMEOUT_S, &reply, err);
    scheduler_clear(&reply);
    return rc;
}

/* Cancel those there are. Returns how many, or -1 with 'err'. */
static int cancel_all(const char *job, const char *prefix, struct error *err)
{
    const char *words[] = {
        "squeue", "-h", "-s", "-j", job, "-o", "%i|%j", NULL
    };
    struct scheduler_reply reply;
    int count = 0;

    if (scheduler_call(words, CALL_TIMEOUT_S, &reply, err) < 0)
        count = -1;
    else if (reply.status != 0)
        count = scheduler_error(words, &reply, err);
    for (char *save, *line = count == 0 && reply.out.data
                                 ? strtok_r(reply.out.data, "\n", &save)
                                 : NULL;
         line && count >= 0; line = strtok_r(NULL, "\n", &save)) {
        char *name = strchr(line, '|');

        if (!name || strncmp(name + 1, prefix, strlen(prefix)) != 0)
            continue;
        *name = '\0';
        count = cancel(line, err) < 0 ? -1 : count + 1;
    }
    scheduler_clear(&reply);
    return count;
}

int steps_end(const char *run, const char *job, const char *prefix,
              struct error *err)
{
    double until = clock_monotonic() + GONE_TIMEOUT_S, rest = REST_S;
    int left;

    while ((left = cancel_all(job, prefix, err)) > 0) {
        if (served_is_over(run))
            return 0;
        if (clock_monotonic() > until)
            return error_set(err,
                             "job %s: %d steps of a worker that died do "
                             "not end",
                             job, left);
        clock_sleep(rest);
        rest = fmin(2 * rest, REST_MAX_S);
    }
    return left;
}
