/* comeback: see comeback.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/slurm/comeback.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "launcher/slurm/scheduler.h"

#define CALL_TIMEOUT_S 20.0
enum { NOTES_MAX = 256, ELEMENT_BYTES = 32 };

/* The elements that are noted; more than fit are seen to the next time. */
struct notes {
    char element[NOTES_MAX][ELEMENT_BYTES];
    size_t count;
};

/* RUN/slurm/back, or what is called so in it; the caller frees. */
static char *note_path(const char *run, const char *element)
{
    return text_print("%s/slurm/back/%s", run, element);
}

void comeback_note(const char *run, const char *element)
{
    char *folder = note_path(run, ""), *path = note_path(run, element);

    if (folder && path && file_make_folder(folder, NULL) == 0)
        file_write(path, "", 0, 0644, NULL);
    free(path);
    free(folder);
}

void comeback_forget(const char *run, const char *element)
{
    char *path = note_path(run, element);

    if (path)
        unlink(path);
    free(path);
}

static bool is_element(const char *name)
{
    return *name && strlen(name) < ELEMENT_BYTES &&
           strspn(name, "0123456789_") == strlen(name);
}

static void read_notes(const char *run, struct notes *n)
{
    char *path = note_path(run, "");
    DIR *folder = path ? opendir(path) : NULL;
    struct dirent *entry;

    n->count = 0;
    while (folder && n->count < NOTES_MAX && (entry = readdir(folder)))
        if (is_element(entry->d_name))
            snprintf(n->element[n->count++], ELEMENT_BYTES, "%.*s",
                     ELEMENT_BYTES - 1, entry->d_name);
    if (folder)
        closedir(folder);
    free(path);
}

void comeback_forget_all(const char *run)
{
    struct notes n;

    read_notes(run, &n);
    for (size_t i = 0; i < n.count; i++)
        comeback_forget(run, n.element[i]);
}

/* Whether the jobs that squeue printed, "5_3|PENDING" a line, hold this one in this
 * state. */
static bool is_in(const char *printed, const char *element, const char *state)
{
    char *line = text_print("\n%s|%s\n", element, state);
    bool found = line && strstr(printed, line);

    free(line);
    return found;
}

/* Let those in the list "5_0,5_3" start. Returns whether Slurm does. */
static bool start_now(const char *elements)
{
    char *jobs = text_print("JobId=%s", elements);
    const char *words[] = { "scontrol", "update", jobs, "StartTime=now", NULL };
    struct scheduler_reply reply = { .status = -1 };

    if (jobs && scheduler_call(words, CALL_TIMEOUT_S, &reply, NULL) < 0)
        reply.status = -1;
    scheduler_clear(&reply);
    free(jobs);
    return reply.status == 0;
}

/* See to each by what squeue printed (a newline, then its lines). */
static size_t see_to(const char *run, const struct notes *n,
                     const char *printed)
{
    struct text waiting = TEXT_INIT;
    size_t coming = 0;
    bool started;

    for (size_t i = 0; i < n->count; i++)
        if (is_in(printed, n->element[i], "PENDING"))
            text_format(&waiting, "%s%s", waiting.size > 0 ? "," : "",
                        n->element[i]);
    started = waiting.size > 0 && start_now(text_get(&waiting));
    text_clear(&waiting);
    for (size_t i = 0; i < n->count; i++)
        if (is_in(printed, n->element[i], "RUNNING") ||
            is_in(printed, n->element[i], "COMPLETING") ||
            (!started && is_in(printed, n->element[i], "PENDING")))
            coming++;
        else
            comeback_forget(run, n->element[i]);
    return coming;
}

size_t comeback_hasten(const char *run, double *next)
{
    const char *words[] = { "squeue", "-h", "-r", "--me", "-o", "%i|%T", NULL };
    struct scheduler_reply reply;
    struct notes n;
    char *printed;
    size_t coming;

    read_notes(run, &n);
    coming = n.count;
    if (n.count == 0 || clock_monotonic() < *next)
        return coming;
    *next = clock_monotonic() + COMEBACK_S;
    if (scheduler_call(words, CALL_TIMEOUT_S, &reply, NULL) == 0 &&
        reply.status == 0 &&
        (printed = text_print("\n%s", text_get(&reply.out)))) {
        coming = see_to(run, &n, printed);
        free(printed);
    }
    scheduler_clear(&reply);
    return coming;
}
