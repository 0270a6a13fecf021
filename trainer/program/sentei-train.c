/* sentei-train: train one model as a configuration says; alone, as a trial of
 * a study, or as one of many ranks. With a verb: use a trained one.
 *
 * Exit status: 0 when done or pruned, 75 when interrupted with a checkpoint to
 * go on from, 1 failure, 2 wrong configuration or data.
 * SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/log.h"
#include "base/options.h"
#include "base/text.h"
#include "base/version.h"
#include "client/http.h"
#include "client/sentei.h"
#include "trainer/backend/backend.h"
#include "trainer/comm/aside.h"
#include "trainer/comm/comm.h"
#include "trainer/comm/pmix.h"
#include "trainer/comm/watchdog.h"
#include "trainer/config.h"
#include "trainer/data/hash.h"
#include "trainer/onnx/graph.h"
#include "trainer/train/helper.h"
#include "trainer/train/serve.h"
#include "trainer/train/train.h"
#include "trainer/use/verbs.h"

struct command {
    const char *config, *folder, *backend, *trace;
    struct option_list set;
    char setting[64]; /* 'backend' as one of 'set' */
};

static volatile sig_atomic_t stop;

static void ask_to_stop(int signal_number)
{
    (void)signal_number;
    stop = 1;
}

static void catch_signals(void)
{
    struct sigaction a = { .sa_handler = ask_to_stop, .sa_flags = SA_RESTART };

    sigemptyset(&a.sa_mask);
    sigaction(SIGTERM, &a, NULL);
    sigaction(SIGINT, &a, NULL);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGXFSZ, SIG_IGN); /* a file too large is a failed write */
}

/* Returns as options_parse(). */
static int parse(int argc, char **argv, struct command *c, struct error *err)
{
    const struct option_row rows[] = {
        { "config", 'c', OPTION_STRING, &c->config, "FILE",
          "what to train (YAML); required" },
        { "set", 's', OPTION_STRINGS, &c->set, "KEY=VALUE",
          "override one value by its dotted name; may be given many times" },
        { "backend", 'b', OPTION_STRING, &c->backend, "NAME",
          "cpu, cuda or plain: short for --set backend=NAME" },
        { "folder", 'f', OPTION_STRING, &c->folder, "FOLDER",
          "keep checkpoints here and go on from the one that is there "
          "(in a study: the trial's own folder)" },
        { "trace", 't', OPTION_STRING, &c->trace, "FILE",
          "write a timeline of all ranks, for ui.perfetto.dev or "
          "chrome://tracing" },
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options o = {
        .command = "sentei-train",
        .usage = "--config FILE [options]\n"
                 "       sentei-train predict|evaluate|export MODEL ...",
        .description =
            "Trains one model on a packed data set and prints a line an "
            "epoch. Under mpirun or srun all ranks train it together. predict, "
            "evaluate and export use what was trained; each has its own "
            "--help.",
        .examples =
            "sentei-train --config train.yaml\n"
            "sentei-train --config train.yaml --set optimizer.lr=0.003 "
            "--set model.fusion.depth=3\n"
            "sentei-train --config train.yaml --folder runs/one  # again: it "
            "goes on\n"
            "mpirun -n 2 sentei-train --config train.yaml\n",
        .rows = rows,
    };
    char **rest;
    int count, rc = options_parse(&o, argc, argv, &rest, &count, err);

    if (rc != 0)
        return rc;
    if (count > 0)
        return error_usage(err, "'%s' is not expected", rest[0]);
    if (c->backend && c->set.count < OPTION_LIST_MAX) {
        snprintf(c->setting, sizeof c->setting, "backend=%s", c->backend);
        c->set.items[c->set.count++] = c->setting;
    }
    if (!c->config) {
        error_usage(err, "no configuration is given");
        return error_hint(err, "sentei-train --config FILE");
    }
    return 0;
}

/* Rank 0's parameters, for all ranks; the caller frees. */
static char *share_params(struct comm *c, const struct sentei *client)
{
    const char *mine = client ? sentei_params(client) : "";
    size_t size = strlen(mine) + 1;
    char *params;

    comm_broadcast(c, &size, sizeof size);
    params = calloc(1, size);
    if (!params)
        return NULL;
    if (client)
        memcpy(params, mine, size);
    comm_broadcast(c, params, size);
    return params;
}

static int status_of(enum train_end end)
{
    return end == TRAIN_INTERRUPTED ? SENTEI_EXIT_PAUSED : 0;
}

/* Where checkpoints go, or NULL. */
static const char *folder_of(const struct command *command)
{
    if (command->folder || !getenv("SENTEI_TRIAL"))
        return command->folder;
    return getenv("SENTEI_DIR");
}

static int train(const struct command *command, const struct config *config,
                 const struct wireup *up, struct sentei *client, int *status,
                 struct error *err)
{
    const char *folder = folder_of(command);
    enum train_end end;
    struct training t;
    int rc = -1;

    if (train_open(&t, config, up, client, folder, &stop, err) < 0)
        goto out;
    if (getenv("SENTEI_TRIAL"))
        t.parent = getenv("SENTEI_INIT_FROM");
    if (command->trace && trace_open(&t.trace, up->comm, err) < 0)
        goto out;
    if (train_resume(&t, err) < 0 || train_run(&t, &end, err) < 0)
        goto out;
    if (command->trace && trace_write(t.trace, command->trace, err) < 0)
        goto out;
    *status = status_of(end);
    rc = 0;
out:
    trace_close(t.trace);
    helper_dismiss(&t);
    train_close(&t);
    return rc;
}

/* For the log: where the ranks are, and that they were before. */
static void say_ranks(const struct wireup *up)
{
    if (up->comm->rank != 0)
        return;
    if (up->restarts > 0)
        log_note("the job was put back into the queue, %d time%s by now",
                 up->restarts, up->restarts == 1 ? "" : "s");
    if (up->comm->size > 1)
        log_note("%d ranks on %d node%s, wired up by %s", up->comm->size,
                 up->nodes, up->nodes == 1 ? "" : "s",
                 up->pmix ? "PMIx" : "MPI");
}

/* The same with the last rank beside the others, to judge what they train. What
 * the job said of its ranks holds for them; PMIx would hand things to all. */
static int train_helped(const struct command *command,
                        const struct config *config, const struct wireup *all,
                        struct sentei *client, int *status, struct error *err)
{
    struct wireup up = *all;
    struct comm team;
    int rc;

    if (config->helpers == 0)
        return train(command, config, all, client, status, err);
    if (aside_open(&team, all->comm, err) < 0)
        return -1;
    up.comm = &team;
    up.pmix = false;
    rc = aside_is_helper(all->comm)
             ? serve(config, folder_of(command), err)
             : train(command, config, &up, client, status, err);
    if (rc == 0)
        aside_close(&team);
    return rc;
}

/* The same, and a rank that is lost ends it. */
static int train_watched(const struct command *command,
                         const struct config *config, struct comm *comm,
                         struct sentei *client, int *status, struct error *err)
{
    struct watchdog *watchdog = NULL;
    struct wireup up;
    int rc = wireup_open(&up, comm, err);

    if (rc < 0)
        return -1;
    say_ranks(&up);
    rc = watchdog_start(&watchdog, &up, config->watchdog_s, err);
    if (rc == 0 && folder_of(command))
        rc = file_make_folder(folder_of(command), err);
    if (rc == 0)
        rc = train_helped(command, config, &up, client, status, err);
    watchdog_stop(watchdog);
    wireup_close(&up);
    return rc;
}

static int run(const struct command *command, struct comm *comm, int *status,
               struct error *err)
{
    struct sentei *client = NULL;
    struct config config = { 0 };
    char why[256] = "";
    char *params = NULL;
    int rc = -1;

    if (comm->rank == 0) {
        client = sentei_open(why, sizeof why);
        if (!client)
            return error_usage(err, "%s", why);
    }
    params = share_params(comm, client);
    if (!params)
        error_memory(err);
    else if (config_read(&config, command->config, params, command->set.items,
                         command->set.count, err) == 0)
        rc = train_watched(command, &config, comm, client, status, err);
    config_clear(&config);
    free(params);
    sentei_close(client);
    return rc;
}

static int print_version(int argc, char **argv, struct error *err)
{
    static const struct library libraries[] = {
        { "MPI", comm_mpi_version },        { "PMIx", pmix_version },
        { "oneDNN", backend_dnnl_version }, { "xxhash", hash_version },
        { "libcurl", http_version },        { "protobuf-c", graph_version },
    };

    (void)argc;
    (void)argv;
    (void)err;
    return version_print("sentei-train", libraries,
                         sizeof libraries / sizeof *libraries);
}

static const struct verb {
    const char *name;
    int (*run)(int argc, char **argv, struct error *err);
} verbs[] = {
    { "predict", use_predict },
    { "evaluate", use_evaluate },
    { "export", use_export },
    { "--version", print_version },
};

/* The verb that a command line begins with, or NULL: it is a training. */
static const struct verb *find_verb(int argc, char **argv)
{
    size_t i;

    for (i = 0; argc > 1 && i < sizeof verbs / sizeof *verbs; i++)
        if (strcmp(argv[1], verbs[i].name) == 0)
            return &verbs[i];
    return NULL;
}

static int run_verb(const struct verb *verb, int argc, char **argv)
{
    struct error err = ERROR_INIT;

    if (verb->run(argc - 1, argv + 1, &err) < 0)
        return error_print(&err, "sentei-train");
    if (fflush(stdout) != 0) {
        error_errno(&err, "cannot write the output");
        return error_print(&err, "sentei-train");
    }
    return 0;
}

int main(int argc, char **argv)
{
    const struct verb *verb = find_verb(argc, argv);
    struct command command = { 0 };
    struct error err = ERROR_INIT;
    struct comm comm = { 0 };
    int status = 0, rc;

    log_program("sentei-train");
    if (verb)
        return run_verb(verb, argc, argv);
    rc = parse(argc, argv, &command, &err);
    if (rc != 0)
        return rc > 0 ? 0 : error_print(&err, "sentei-train");
    catch_signals();
    rc = comm_open(&comm, &err);
    if (rc == 0)
        rc = run(&command, &comm, &status, &err);
    if (rc < 0) {
        status = error_print(&err, "sentei-train");
        comm_abort(&comm, status);
    }
    comm_close(&comm);
    return status;
}
