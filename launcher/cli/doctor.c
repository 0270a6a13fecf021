/* sentei doctor: what this machine has for studies, and how to get the rest.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/options.h"
#include "launcher/cli/verb.h"
#include "launcher/slurm/scheduler.h"
#include "launcher/store/locks.h"

#define CALL_TIMEOUT_S 20.0

/* One thing to look for: what 'words' print tells it, by its line with 'sign'
 * in it ("" takes the first line). */
struct finding {
    const char *group, *name;
    const char *words[6];
    const char *sign;
    const char *remedy;
};

static const struct finding findings[] = {
    { "This machine",
      "Open MPI",
      { "mpirun", "--version" },
      "Open MPI",
      "apt-get install openmpi-bin; or load your site's module" },
    { "This machine",
      "its PMIx",
      { "ompi_info" },
      "MCA pmix: ",
      "ranks on several nodes find each other by it: an Open MPI built with "
      "--with-pmix" },
    { "This machine",
      "CUDA",
      { "nvcc", "--version" },
      "release",
      "to build the trainer's cuda backend: your site's module, or "
      "NVIDIA's packages; CPUs need none" },
    { "This machine",
      "NVIDIA driver",
      { "nvidia-smi", "-L" },
      "GPU",
      "no GPU is seen here; trials run on CPUs" },
    { "Slurm",
      "sbatch",
      { "sbatch", "--version" },
      "slurm",
      "log in to the cluster, or load its Slurm module; "
      "slurm/dev-cluster/start makes one to try" },
    { "Slurm",
      "its controller",
      { "scontrol", "ping" },
      "UP",
      "Slurm is not running here, or SLURM_CONF names another cluster" },
    { "Slurm",
      "PMIx",
      { "srun", "--mpi=list" },
      "pmix",
      "slurm: {mpi: pmi2}, or trials of one rank; ask for Slurm's PMIx plugin" },
    { "Slurm",
      "default partition",
      { "sinfo", "-h", "-o", "%P up to %l, %D nodes of %c CPUs, %m MB" },
      "*",
      "name one: slurm: {partition: ...}; sinfo lists them" },
    { "Slurm",
      "GPUs",
      { "sinfo", "-h", "-o", "%R: %G" },
      "gpu",
      "no partition has any: leave resources.gpus_per_task away" },
    { "Slurm",
      "arrays up to",
      { "scontrol", "show", "config" },
      "MaxArraySize",
      "" },
    { "Slurm",
      "preemption",
      { "scontrol", "show", "config" },
      "PreemptMode",
      "" },
    { "Slurm", "requeue", { "scontrol", "show", "config" }, "JobRequeue", "" },
    { "Slurm",
      "SIGTERM to SIGKILL",
      { "scontrol", "show", "config" },
      "KillWait",
      "" },
    { "Slurm",
      "accounting",
      { "scontrol", "show", "config" },
      "AccountingStorageType",
      "" },
};

/* The line of 'text' with 'sign' in it, cut out in place; for "Key = value"
 * the value. NULL when there is none. */
static const char *find_line(char *text, const char *sign)
{
    char *at = strstr(text, sign), *value;

    if (!at)
        return NULL;
    while (at > text && at[-1] != '\n')
        at--;
    at[strcspn(at, "\n")] = '\0';
    value = strstr(at, "= ");
    return value ? value + 2 : at + strspn(at, " \t");
}

/* Look, and print a line. Returns whether it is there. */
static bool look_for(const struct finding *f)
{
    struct scheduler_reply reply;
    struct text all = TEXT_INIT;
    const char *line = NULL;

    if (scheduler_call(f->words, CALL_TIMEOUT_S, &reply, NULL) == 0) {
        text_append(&all, text_get(&reply.out));
        text_append(&all, text_get(&reply.said)); /* --mpi=list says it there */
        line = all.data ? find_line(all.data, f->sign) : NULL;
    }
    printf("  %-20s %s\n", f->name, line ? line : "not here");
    if (!line && *f->remedy)
        printf("  %-20s   %s\n", "", f->remedy);
    scheduler_clear(&reply);
    text_clear(&all);
    return line != NULL;
}

/* What a mount's type and options mean for the store; the first that fits. */
static const struct {
    const char *sign, *meaning;
} mounts[] = {
    { "localflock", "locks do not reach other nodes: the store's fence alone "
                    "keeps two hosts apart" },
    { "local_lock=", "locks may not reach other nodes: the store's fence alone "
                     "keeps two hosts apart" },
    { "noflock", "has no locks: choose another folder" },
    { "nolock", "locks do not reach other nodes: the store's fence alone keeps "
                "two hosts apart" },
    { "nfs", "seen by all nodes that mount it, locks too" },
    { "lustre", "seen by all nodes that mount it, locks too" },
    { "gpfs", "seen by all nodes that mount it, locks too" },
    { "beegfs", "seen by all nodes that mount it; locks as its administrator "
                "has set them up" },
    { "ext", "a disk of this machine: other nodes do not see it" },
    { "xfs", "a disk of this machine: other nodes do not see it" },
    { "btrfs", "a disk of this machine: other nodes do not see it" },
    { "tmpfs", "in this machine's memory: gone when it starts again" },
    { "overlay", "of this container: gone when it ends" },
};

static void look_at_mount(const char *folder)
{
    const char *words[] = { "findmnt", "-no",  "FSTYPE,OPTIONS",
                            "-T",      folder, NULL };
    struct scheduler_reply reply;
    const char *said = "";

    if (scheduler_call(words, CALL_TIMEOUT_S, &reply, NULL) == 0)
        said = text_get(&reply.out);
    printf("  %-20s %.*s\n", "file system", (int)strcspn(said, " \n"), said);
    for (size_t i = 0; i < sizeof mounts / sizeof *mounts; i++)
        if (strstr(said, mounts[i].sign)) {
            printf("  %-20s   %s\n", "", mounts[i].meaning);
            break;
        }
    scheduler_clear(&reply);
}

/* Returns whether a study could run in it. */
static bool look_at_folder(const char *folder)
{
    struct error why = ERROR_INIT;
    bool locks = locks_try(folder, &why) == 1;

    printf("\nThe folder for runs, %s\n", folder);
    look_at_mount(folder);
    printf("  %-20s %s\n", "locks", locks ? "work" : why.what);
    if (!locks)
        printf("  %-20s   %s\n", "",
               *why.hint ? why.hint : "choose another with --runs");
    return locks;
}

static int look_around(const char *folder)
{
    const char *group = "";

    for (size_t i = 0; i < sizeof findings / sizeof *findings; i++) {
        const struct finding *f = &findings[i];

        if (strcmp(group, f->group) != 0)
            printf("%s%s\n", *group ? "\n" : "", f->group);
        group = f->group;
        if (!look_for(f) && strcmp(f->name, "its controller") == 0)
            break; /* it has nothing more to tell */
    }
    return look_at_folder(folder) ? 0 : 1;
}

static int run(int argc, char **argv, struct error *err)
{
    const char *runs = ".";
    const struct option_row rows[] = {
        { "runs", 0, OPTION_STRING, &runs, "FOLDER",
          "where run folders are to be (default: here)" },
        { 0 }
    };
    const struct options options = {
        .command = "sentei doctor",
        .usage = "[options]",
        .description =
            "Looks for what studies use: MPI, GPUs, Slurm and its settings, "
            "locks of the file system;\nsays how to get what is missing. Exit "
            "status 1 when no study could run here.",
        .examples = "sentei doctor --runs /scratch/me/runs",
        .rows = rows
    };
    char **rest;
    int count, rc = options_parse(&options, argc, argv, &rest, &count, err);

    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (count > 0)
        return error_usage(err, "'%s' is not expected", rest[0]);
    return look_around(runs);
}

const struct verb verb_doctor = { "doctor", "what this machine has for studies",
                                  run };
