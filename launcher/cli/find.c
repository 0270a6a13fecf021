/* find: from what a person types to a run folder.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/cli/find.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/text.h"

/* What a run changes while it lives; the newest of them dates the run. */
static const char *const dated[] = { "study.yaml", "study.db", "study.db-wal" };

struct run {
    char *name, *folder;
    struct timespec changed;
};

struct runs {
    struct run *items;
    size_t count, capacity;
};

static void runs_clear(struct runs *r)
{
    for (size_t i = 0; i < r->count; i++) {
        free(r->items[i].name);
        free(r->items[i].folder);
    }
    free(r->items);
}

static bool later(struct timespec a, struct timespec b)
{
    return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

/* Whether 'folder' is a run; '*changed' is when it last changed. */
static bool is_run(const char *folder, struct timespec *changed)
{
    bool found = false;

    *changed = (struct timespec){ 0, 0 };
    for (size_t i = 0; i < sizeof dated / sizeof dated[0]; i++) {
        char path[PATH_MAX]; /* no memory that could be missing: it is there */
        int size = snprintf(path, sizeof path, "%s/%s", folder, dated[i]);
        struct stat st;
        bool there =
            size > 0 && size < (int)sizeof path && stat(path, &st) == 0;

        if (there && later(st.st_mtim, *changed))
            *changed = st.st_mtim;
        found |= there && i == 0;
    }
    return found;
}

/* Append the run 'runs'/'name', if it is one. Returns 0, or -1 without
 * memory. */
static int runs_add(struct runs *r, const char *runs, const char *name)
{
    struct run run = { NULL, file_join(runs, name), { 0, 0 } };

    if (run.folder && !is_run(run.folder, &run.changed)) {
        free(run.folder);
        return 0;
    }
    if (r->count == r->capacity) {
        size_t capacity = r->capacity * 2 + 16;
        struct run *items = realloc(r->items, capacity * sizeof *items);
        if (!items)
            goto error;
        r->items = items;
        r->capacity = capacity;
    }
    run.name = text_copy(name);
    if (!run.name || !run.folder)
        goto error;
    r->items[r->count++] = run;
    return 0;
error:
    free(run.name);
    free(run.folder);
    return -1;
}

/* Newest first; by name when they changed together. */
static int compare(const void *a, const void *b)
{
    const struct run *x = a, *y = b;

    if (later(x->changed, y->changed))
        return -1;
    return later(y->changed, x->changed) ? 1 : strcmp(x->name, y->name);
}

/* All runs under 'folder', newest first; a missing folder holds none. */
static int runs_read(struct runs *r, const char *folder, struct error *err)
{
    DIR *dir = opendir(folder);
    struct dirent *entry;
    int rc = 0;

    if (!dir)
        return errno == ENOENT ? 0
                               : error_errno(err, "cannot read '%s'", folder);
    while (rc == 0 && (entry = readdir(dir)))
        if (entry->d_name[0] != '.' && runs_add(r, folder, entry->d_name) < 0)
            rc = error_memory(err);
    closedir(dir);
    if (r->count > 0)
        qsort(r->items, r->count, sizeof *r->items, compare);
    return rc;
}

/* The run whose name is nearest to 'name', or to what a study file called so
 * would make: "studies/quickstart.yaml" is near "quickstart". NULL if none. */
static const char *nearest_run(const char *name, const char *const *names,
                               size_t count)
{
    const char *slash = strrchr(name, '/');
    char *stem = text_copy(slash ? slash + 1 : name);
    char *dot = stem ? strrchr(stem, '.') : NULL;

    if (dot && strcmp(dot, ".yaml") == 0)
        *dot = '\0';
    const char *nearest = stem ? text_nearest(stem, names, count) : NULL;

    free(stem);
    return nearest;
}

/* Why there is no run 'name' (NULL: none at all) in 'folder'. */
static int no_run(const struct runs *r, const char *name, const char *folder,
                  struct error *err)
{
    const char **names = calloc(r->count + 1, sizeof *names);
    const char *nearest = NULL;

    if (!names)
        return error_memory(err);
    for (size_t i = 0; i < r->count; i++)
        names[i] = r->items[i].name;
    if (name)
        nearest = nearest_run(name, names, r->count);

    if (name)
        error_usage(err, "no run '%s' here or in '%s'", name, folder);
    else
        error_usage(err, "no runs in '%s' yet", folder);
    if (nearest)
        error_hint(err, "did you mean '%s'?", nearest);
    else if (r->count > 0)
        error_hint(err, "the newest run is '%s'", names[0]);
    else
        error_hint(err, "'sentei run STUDY.yaml' makes the first one; "
                        "--runs FOLDER looks elsewhere");
    free(names);
    return -1;
}

char *find_run(const char *name, const char *runs, struct error *err)
{
    struct runs all = { NULL, 0, 0 };
    struct timespec changed;
    char *folder = NULL;

    if (name && is_run(name, &changed)) {
        folder = text_copy(name);
        if (!folder)
            error_memory(err);
        return folder;
    }
    if (runs_read(&all, runs, err) < 0)
        goto out;
    for (size_t i = 0; i < all.count && !folder; i++)
        if (!name || strcmp(all.items[i].name, name) == 0) {
            folder = all.items[i].folder;
            all.items[i].folder = NULL;
        }
    if (!folder)
        no_run(&all, name, runs, err);
out:
    runs_clear(&all);
    return folder;
}

char *find_one(char **names, int count, const char *runs, struct error *err)
{
    if (count > 1) {
        error_usage(err, "more than one run: '%s'", names[1]);
        return NULL;
    }
    return find_run(count ? names[0] : NULL, runs, err);
}

int find_all(const char *runs, char ***list, size_t *count, struct error *err)
{
    struct runs all = { NULL, 0, 0 };
    char **folders = NULL;
    int rc = -1;

    *list = NULL;
    *count = 0;
    if (runs_read(&all, runs, err) < 0)
        goto out;
    folders = calloc(all.count + 1, sizeof *folders);
    if (!folders) {
        error_memory(err);
        goto out;
    }
    for (size_t i = 0; i < all.count; i++) {
        folders[i] = all.items[i].folder;
        all.items[i].folder = NULL;
    }
    *list = folders;
    *count = all.count;
    rc = 0;
out:
    runs_clear(&all);
    return rc;
}

void find_free(char **list)
{
    for (char **s = list; s && *s; s++)
        free(*s);
    free(list);
}
