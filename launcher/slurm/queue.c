/* queue: see queue.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/slurm/queue.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/json.h"
#include "launcher/format/grid.h"
#include "launcher/format/table.h"
#include "launcher/slurm/comeback.h"
#include "launcher/slurm/jobs.h"
#include "launcher/slurm/scheduler.h"

#define SQUEUE_TIMEOUT_S 30.0
enum { QUEUE_MAX_BYTES = 16 << 20 };

/* A reason, or its beginning, and what it means; the first that fits. */
static const struct {
    const char *reason, *meaning;
} reasons[] = {
    { "None", "" },
    { "Resources", "waits for free nodes" },
    { "Priority", "others come first" },
    { "BeginTime", "put back into the queue, goes on in about 2 minutes" },
    { "JobArrayTaskLimit", "slurm.at_once of them run already" },
    { "Dependency", "waits for another job" },
    { "PartitionTimeLimit",
      "never: resources.time is longer than the partition allows" },
    { "PartitionNodeLimit",
      "never: resources.nodes is more than the partition allows" },
    { "PartitionConfig", "never: the partition does not give what is asked" },
    { "PartitionDown", "the partition is down" },
    { "PartitionInactive", "the partition is inactive" },
    { "ReqNodeNotAvail", "the nodes are down or reserved" },
    { "JobHeldUser", "held: scontrol release" },
    { "JobHeldAdmin", "held by an administrator" },
    { "launch failed requeued held", "could not be started: scontrol release" },
    { "QOSMaxJobs", "you run as many jobs as the QOS allows" },
    { "QOSMaxCpu", "you use as many CPUs as the QOS allows" },
    { "QOSMaxGRES", "you use as many GPUs as the QOS allows" },
    { "QOSMaxNode", "you use as many nodes as the QOS allows" },
    { "QOS", "a limit of the QOS is reached" },
    { "AssocMaxJobs", "you run as many jobs as your account allows" },
    { "Assoc", "a limit of your account is reached" },
    { "Licenses", "waits for licences" },
    { "InvalidAccount", "never: the account is not valid any more" },
    { "InvalidQOS", "never: the QOS is not valid any more" },
    { "NodeDown", "a node is down" },
    { "JobLaunchFailure",
      "could not be started: its node cannot write the log, or is broken" },
    { "NonZeroExitCode", "the worker failed: see its log" },
    { "TimeLimit", "its time was up" },
    { "OutOfMemory", "it used more memory than resources.memory" },
    { "RaisedSignal", "it was killed" },
    { "Reservation", "waits for its reservation" },
};

const char *queue_reason(const char *reason)
{
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++)
        if (strncmp(reasons[i].reason, reason, strlen(reasons[i].reason)) == 0)
            return reasons[i].meaning;
    return reason;
}

/* Our job of this name, or NULL. */
static const struct tree *find_ours(const struct tree *submitted,
                                    const char *name)
{
    for (size_t i = 0; i < tree_count(submitted); i++)
        if (strcmp(tree_text(tree_get(tree_at(submitted, i), "name")), name) ==
            0)
            return tree_at(submitted, i);
    return NULL;
}

/* One line of squeue, cut up in place, as a map. */
static struct tree *parse_line(char *line, const struct tree *submitted)
{
    enum { NAME, JOB, STATE, NODES, LEFT, REASON, FIELDS };
    char *fields[FIELDS] = { line };
    const struct tree *ours;
    struct tree *t;
    double left_s;

    for (int i = 1; i < FIELDS; i++) {
        char *bar = strchr(fields[i - 1], '|');

        if (!bar)
            return NULL;
        *bar = '\0';
        fields[i] = bar + 1;
    }
    ours = find_ours(submitted, fields[NAME]);
    if (!ours)
        return NULL;
    for (char *c = fields[STATE]; *c; c++)
        *c = (char)tolower((unsigned char)*c);
    t = tree_map();
    tree_set_string(t, "job", fields[JOB]);
    tree_set_string(t, "role",
                    tree_get(ours, "array") ? "worker" : "controller");
    tree_set_string(t, "state", fields[STATE]);
    tree_set_string(t, "nodes", fields[NODES]);
    if (strcmp(fields[STATE], "running") == 0 &&
        text_to_seconds(fields[LEFT], &left_s) == 0)
        tree_set_float(t, "left_s", left_s);
    tree_set_string(t, "why", queue_reason(fields[REASON]));
    return t;
}

struct tree *queue_parse(const char *printed, const struct tree *submitted)
{
    struct tree *queue = tree_list();
    char *lines = text_copy(printed);

    for (char *save, *line = lines ? strtok_r(lines, "\n", &save) : NULL; line;
         line = strtok_r(NULL, "\n", &save)) {
        struct tree *t = parse_line(line, submitted);

        if (t)
            tree_append(queue, t);
    }
    free(lines);
    return queue;
}

/* ---- asking ------------------------------------------------------------ */

/* What is over and went well is no news. */
static const char states[] =
    "PENDING,RUNNING,SUSPENDED,COMPLETING,CONFIGURING,STOPPED,SPECIAL_EXIT,"
    "FAILED,TIMEOUT,NODE_FAIL,OUT_OF_MEMORY,BOOT_FAIL,DEADLINE";

/* What was asked for a moment ago, or NULL. */
static struct tree *read_recent(const char *path, double *age_s)
{
    struct tree *kept = NULL, *queue = NULL;
    struct stat status;
    char *data;
    size_t size;

    if (stat(path, &status) < 0)
        return NULL;
    *age_s = clock_wall() - (double)status.st_mtim.tv_sec -
             1e-9 * (double)status.st_mtim.tv_nsec;
    if (fabs(*age_s) >= QUEUE_AGE_S ||
        file_read(path, QUEUE_MAX_BYTES, &data, &size, NULL) < 0)
        return NULL;
    kept = json_parse(data, size, path, NULL);
    free(data);
    if (tree_kind(kept) == TREE_LIST)
        queue = tree_copy(kept);
    tree_destroy(kept);
    return queue;
}

/* Keep it for whoever asks next; a run of somebody else's cannot be written. */
static void keep(const struct tree *queue, const char *path)
{
    struct text json = TEXT_INIT;

    json_format(queue, &json);
    if (!json.failed)
        file_write(path, json.data, json.size, 0644, NULL);
    text_clear(&json);
}

/* Ask Slurm. */
static struct tree *ask(const char *run, struct error *err)
{
    const char *words[] = { "squeue", "-h", "--me",       "-t",
                            states,   "-o", QUEUE_FORMAT, NULL };
    struct tree *submitted = jobs_read(run, err), *queue = NULL;
    struct scheduler_reply reply;

    if (tree_count(submitted) == 0)
        return submitted;
    if (scheduler_call(words, SQUEUE_TIMEOUT_S, &reply, err) == 0) {
        if (reply.status != 0)
            scheduler_error(words, &reply, err);
        else if (!(queue = queue_parse(text_get(&reply.out), submitted)))
            error_memory(err);
    }
    scheduler_clear(&reply);
    tree_destroy(submitted);
    return queue;
}

struct tree *queue_read(const char *run, double *age_s, struct error *err)
{
    char *path = file_join(run, "slurm/queue.json");
    struct tree *queue = path ? read_recent(path, age_s) : NULL;

    if (!path) {
        error_memory(err);
    } else if (!queue) {
        queue = ask(run, err);
        *age_s = 0;
        if (tree_count(queue) > 0)
            keep(queue, path);
    }
    free(path);
    return queue;
}

char *queue_never(const char *run)
{
    struct tree *queue = ask(run, NULL);
    char *why = NULL;

    for (size_t i = 0; i < tree_count(queue) && !why; i++) {
        const char *reason = tree_text(tree_get(tree_at(queue, i), "why"));

        if (strncmp(reason, "never", 5) == 0)
            why = text_print("job %s starts %s",
                             tree_text(tree_get(tree_at(queue, i), "job")),
                             reason);
    }
    tree_destroy(queue);
    return why;
}

/* ---- trials at work ---------------------------------------------------- */

static bool is_in(const struct tree *job, const char *state)
{
    return strcmp(tree_text(tree_get(job, "state")), state) == 0;
}

bool queue_is_active(const struct tree *queue)
{
    for (size_t i = 0; i < tree_count(queue); i++)
        if (is_in(tree_at(queue, i), "pending") ||
            is_in(tree_at(queue, i), "running"))
            return true;
    return false;
}

/* Workers are called "host:pid:slot@job". */
void queue_join(struct tree *queue, const struct tree *study)
{
    const struct tree *workers = tree_get(study, "workers");

    for (size_t i = 0; i < tree_count(queue); i++) {
        struct tree *job = tree_at(queue, i);
        struct text trials = TEXT_INIT;

        for (size_t k = 0; k < tree_count(workers); k++) {
            const struct tree *w = tree_at(workers, k);
            const char *at = strchr(tree_text(tree_get(w, "worker")), '@');

            if (at && strcmp(at + 1, tree_text(tree_get(job, "job"))) == 0)
                text_format(&trials, "%s%jd", trials.size > 0 ? ", " : "",
                            (intmax_t)tree_integer(tree_get(w, "trial")));
        }
        if (trials.size > 0)
            tree_set_text(job, "trials", &trials);
        text_clear(&trials);
    }
}

/* ---- cancelling -------------------------------------------------------- */

/* The number before "_3" or "_[4-63%16]", cut out of a job's id. */
static char *base_id(const struct tree *job)
{
    const char *id = tree_text(tree_get(job, "job"));

    return text_print("%.*s", (int)strspn(id, "0123456789"), id);
}

bool queue_cancel_pending(const char *run)
{
    enum { IDS_MAX = 64 };
    const char *words[IDS_MAX + 3] = { "scancel", "--state=PENDING" };
    struct tree *queue = ask(run, NULL);
    struct scheduler_reply reply;
    size_t count = 0;

    comeback_forget_all(run);
    for (size_t i = 0; i < tree_count(queue) && count < IDS_MAX; i++) {
        const struct tree *job = tree_at(queue, i);
        char *id = is_in(job, "pending") ? base_id(job) : NULL;

        if (id && (count == 0 || strcmp(words[1 + count], id) != 0))
            words[2 + count++] = id;
        else
            free(id);
    }
    if (count > 0 && scheduler_call(words, SQUEUE_TIMEOUT_S, &reply, NULL) == 0)
        scheduler_clear(&reply);
    for (size_t i = 0; i < count; i++)
        free((char *)words[2 + i]);
    tree_destroy(queue);
    return count > 0;
}

/* ---- showing ----------------------------------------------------------- */

void queue_print(const struct tree *queue, const struct screen *screen,
                 struct text *out)
{
    static const char *const names[] = { "job",    "role",   "state", "nodes",
                                         "trials", "left_s", "why" };
    static const char *const headings[] = { "job",    "role",   "state",
                                            "nodes",  "trials", "time left",
                                            "because" };
    enum { COLUMNS = sizeof names / sizeof *names, LEFT = 5 };
    struct table t;

    table_init(&t);
    for (int c = 0; c < COLUMNS; c++)
        table_column(&t, names[c], headings[c], c == COLUMNS - 1);
    for (size_t i = 0; i < tree_count(queue); i++) {
        const struct tree *job = tree_at(queue, i);

        table_row(&t, ROW_PLAIN);
        for (int c = 0; c < COLUMNS; c++)
            table_cell(&t, c == LEFT ? cell_duration(
                                           tree_number(tree_get(job, names[c])))
                                     : cell_of(tree_get(job, names[c])));
    }
    if (table_ok(&t))
        grid_print(&t, screen, out);
    out->failed |= !table_ok(&t);
    table_clear(&t);
}
