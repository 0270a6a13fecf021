/* provenance: see provenance.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/provenance/provenance.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/ledger.h"
#include "base/log.h"
#include "launcher/slurm/scheduler.h"

#define CALL_TIMEOUT_S 10.0
enum { COMMIT_DIGITS = 8 };

/* Programs that tell their version, in the line with 'sign' in it. */
static const struct {
    const char *name;
    const char *words[5];
    const char *sign;
} versions[] = {
    { "slurm", { "sbatch", "--version" }, "slurm" },
    { "mpi", { "mpirun", "--version" }, "MPI" },
    { "cuda", { "nvcc", "--version" }, "release" },
    { "driver",
      { "nvidia-smi", "--query-gpu=driver_version,name",
        "--format=csv,noheader" },
      "" },
};

static const struct {
    const char *name, *variable;
} variables[] = { { "user", "USER" },
                  { "modules", "LOADEDMODULES" },
                  { "PATH", "PATH" },
                  { "LD_LIBRARY_PATH", "LD_LIBRARY_PATH" } };

/* Set 'name' to the line with 'sign' in it of what 'words' print. */
static void add_output(struct tree *t, const char *name,
                       const char *const *words, const char *sign)
{
    struct scheduler_reply reply;
    char *at = NULL;

    if (scheduler_call(words, CALL_TIMEOUT_S, &reply, NULL) == 0 &&
        reply.status == 0 && reply.out.data)
        at = strstr(reply.out.data, sign);
    if (at) {
        while (at > reply.out.data && at[-1] != '\n')
            at--;
        at[strcspn(at, "\n")] = '\0';
        if (*at)
            tree_set_string(t, name, at);
    }
    scheduler_clear(&reply);
}

/* The commit of the folder 'path' is in, with "-dirty" when tracked files were
 * changed since. */
static void add_commit(struct tree *t, const char *path)
{
    char *folder = text_copy(path),
         *slash = folder ? strrchr(folder, '/') : NULL;
    const char *words[] = { "git",      "-C",      folder,        "describe",
                            "--always", "--dirty", "--abbrev=40", "--exclude",
                            "*",        NULL };

    if (slash)
        slash[slash == folder] = '\0';
    if (slash)
        add_output(t, "commit", words, "");
    free(folder);
}

static struct tree *look_around(const char *study)
{
    struct tree *t = tree_map();
    char host[256] = "", *path = realpath(study, NULL);

    gethostname(host, sizeof host - 1);
    tree_set_float(t, "time", clock_wall());
    tree_set_string(t, "host", host);
    if (path) {
        tree_set_string(t, "study", path);
        add_commit(t, path);
    }
    tree_set_string(t, "sentei", SENTEI_VERSION);
    for (size_t i = 0; i < sizeof versions / sizeof *versions; i++)
        add_output(t, versions[i].name, versions[i].words, versions[i].sign);
    for (size_t i = 0; i < sizeof variables / sizeof *variables; i++) {
        const char *value = getenv(variables[i].variable);

        if (value && *value)
            tree_set_string(t, variables[i].name, value);
    }
    free(path);
    return t;
}

void provenance_record(const char *run, const char *study)
{
    char *path = file_join(run, "environment.json");
    struct error err = ERROR_INIT;

    if (!path || ledger_add(path, look_around(study), &err) < 0)
        log_warn("the environment is not written down: %s",
                 path ? err.what : "out of memory");
    free(path);
}

/* "1a2b3c4d-dirty" */
static void append_commit(const char *commit, struct text *out)
{
    const char *dirty = strchr(commit, '-');

    text_format(out, ", commit %.*s%s", COMMIT_DIGITS, commit,
                dirty ? dirty : "");
}

void provenance_line(const char *run, struct text *out)
{
    static const struct {
        const char *name, *before;
    } shown[] = { { "slurm", "" },
                  { "mpi", "" },
                  { "cuda", "" },
                  { "modules", "modules " } };
    char *path = file_join(run, "environment.json");
    struct tree *list = path ? ledger_read(path, NULL) : NULL;
    const struct tree *last = tree_at(list, tree_count(list) - 1);

    if (last)
        text_format(out, "sentei %s", tree_text(tree_get(last, "sentei")));
    if (tree_get(last, "commit"))
        append_commit(tree_text(tree_get(last, "commit")), out);
    for (size_t i = 0; last && i < sizeof shown / sizeof *shown; i++)
        if (tree_get(last, shown[i].name))
            text_format(out, ", %s%s", shown[i].before,
                        tree_text(tree_get(last, shown[i].name)));
    tree_destroy(list);
    free(path);
}
