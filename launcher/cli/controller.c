/* sentei controller RUN: serve a run folder's study until it is told to end.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "base/options.h"
#include "launcher/cli/verb.h"
#include "launcher/controller/controller.h"

#define LEASE_SECONDS    30.0
#define CALLS_PER_SECOND 10000.0 /* thrice what one client can do */
enum { PORT_MAX = 65535 };

static int check(const struct controller_options *c, int64_t port,
                 int64_t ready_fd, int count, struct error *err)
{
    if (count != 1) {
        error_usage(err, "expected one run folder, found %d arguments", count);
        return error_hint(err,
                          "for example: sentei controller runs/quickstart");
    }
    if (port < 0 || port > PORT_MAX)
        return error_usage(err, "--port: expected 0 to %d, found %jd",
                           (int)PORT_MAX, (intmax_t)port);
    if (!(c->lease_s >= 1))
        return error_usage(err, "--lease: expected 1 second or more");
    if (!(c->calls_per_s >= 1))
        return error_usage(err, "--rate: expected 1 call a second or more");
    if (ready_fd < -1 || ready_fd > INT32_MAX)
        return error_usage(err, "--ready-fd: expected a descriptor");
    return 0;
}

static int run(int argc, char **argv, struct error *err)
{
    struct controller_options c = { .lease_s = LEASE_SECONDS,
                                    .calls_per_s = CALLS_PER_SECOND };
    int64_t port = 0, ready_fd = -1;
    const struct option_row rows[] = {
        { "port", 'p', OPTION_INT, &port, "N", "listen there (a free port)" },
        { "listen", 0, OPTION_STRING, &c.address, "ADDRESS",
          "let other machines in, at this address of ours (127.0.0.1: none)" },
        { "standby", 0, OPTION_FLAG, &c.standby, NULL,
          "while another controller serves the run, wait; then take over" },
        { "defer", 0, OPTION_SECONDS, &c.defer_s, "TIME",
          "with --standby: leave the run so long to another that is to come" },
        { "lease", 0, OPTION_SECONDS, &c.lease_s, "SECONDS",
          "how long a worker may be silent (30)" },
        { "rate", 0, OPTION_FLOAT, &c.calls_per_s, "N",
          "answer so many calls a second of one connection (10000)" },
        { "until-done", 0, OPTION_FLAG, &c.until_done, NULL,
          "end when the study has ended and the workers know" },
        { "crew", 0, OPTION_FLAG, &c.crew, NULL,
          "end by SIGUSR2, not by SIGTERM, which workers may get as well" },
        { "ready-fd", 0, OPTION_INT, &ready_fd, "N",
          "write 'ready' to this descriptor once serving" },
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options o = {
        .command = "sentei controller",
        .usage = "RUN [options]",
        .description =
            "Owns RUN/study.db: hands out trials, takes reports, says where it "
            "is in RUN/controller.json. 'sentei run' starts one.",
        .examples = "  sentei controller runs/quickstart --until-done",
        .rows = rows,
    };
    char **rest;
    int count;
    int status = options_parse(&o, argc, argv, &rest, &count, err);

    if (status != 0)
        return status > 0 ? 0 : -1;
    if (check(&c, port, ready_fd, count, err) < 0)
        return -1;
    c.run = rest[0];
    c.port = (int)port;
    c.ready_fd = (int)ready_fd;
    return controller_run(&c, err);
}

const struct verb verb_controller = { "controller",
                                      "serves one study to its workers", run };
