/* site: the sections resources, local, slurm, retry, notify and controller:
 * where trials run, on what, who is told, and who is let in.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "base/reader.h"
#include "launcher/study/sections.h"

/* Control characters would break a script, a log or a header. */
static bool is_clean(const char *text)
{
    for (const char *c = text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            return false;
    return true;
}

int study_check_words(const struct study *s, const struct tree *t,
                      const char *path, struct error *err)
{
    if (tree_count(t) == 0)
        return reader_error_at(err, s->file, t, "%s: the list is empty", path);
    for (size_t i = 0; i < tree_count(t); i++) {
        const struct tree *word = tree_at(t, i);
        if (tree_kind(word) != TREE_STRING)
            return reader_error_at(err, s->file, word,
                                   "%s: expected a string, found %s", path,
                                   tree_kind_name(tree_kind(word)));
        if (!is_clean(tree_text(word)))
            return reader_error_at(err, s->file, word,
                                   "%s: a control character in a word", path);
    }
    return 0;
}

int study_read_resources(struct study *s, const struct tree *t,
                         struct error *err)
{
    struct resources *a = &s->resources;
    struct reader r;

    reader_open(&r, t, s->file, "resources", err);
    reader_int(&r, "nodes", 1, 100000, &a->nodes);
    reader_int(&r, "tasks_per_node", 1, 4096, &a->tasks_per_node);
    reader_int(&r, "gpus_per_task", 0, 1024, &a->gpus_per_task);
    reader_int(&r, "cpus_per_task", 1, 4096, &a->cpus_per_task);
    reader_bytes(&r, "memory", &a->memory_bytes);
    reader_seconds(&r, "time", &a->time_s);
    return reader_close(&r);
}

int study_read_local(struct study *s, const struct tree *t, struct error *err)
{
    struct reader r;

    reader_open(&r, t, s->file, "local", err);
    reader_int(&r, "workers", 1, 1024, &s->local_workers);
    return reader_close(&r);
}

int study_read_retry(struct study *s, const struct tree *t, struct error *err)
{
    struct reader r;

    reader_open(&r, t, s->file, "retry", err);
    reader_int(&r, "attempts", 1, 1000, &s->attempts);
    return reader_close(&r);
}

int study_read_controller(struct study *s, const struct tree *t,
                          struct error *err)
{
    static const char *const ways[] = { "token", "munge", NULL };
    const char *socket = "";
    struct reader r;
    int way = 0;

    reader_open(&r, t, s->file, "controller", err);
    reader_enum(&r, "auth", ways, &way);
    if (reader_string(&r, "munge_socket", &socket) &&
        (socket[0] != '/' || !is_clean(socket) || strchr(socket, ' ')))
        reader_fail(&r, "munge_socket",
                    "expected an absolute path, found "
                    "'%.60s'",
                    socket);
    if (way == 0 && *socket)
        reader_fail(&r, "munge_socket", "it is for 'auth: munge'");
    s->munge = way == 1 ? socket : NULL;
    return reader_close(&r);
}

/* ---- slurm ------------------------------------------------------------ */

enum slurm_kind {
    SLURM_WORD,    /* a string without spaces */
    SLURM_COUNT,   /* a whole number */
    SLURM_SECONDS, /* a time */
    SLURM_FLAG,    /* true or false */
    SLURM_LINES,   /* a list of strings */
    SLURM_VALUES   /* a map of names to scalars */
};

struct slurm_key {
    const char *name;
    enum slurm_kind kind;
    int64_t low, high; /* of a count */
};

static const struct slurm_key slurm_keys[] = {
    { "partition", SLURM_WORD, 0, 0 },
    { "account", SLURM_WORD, 0, 0 },
    { "qos", SLURM_WORD, 0, 0 },
    { "constraint", SLURM_WORD, 0, 0 },
    { "reservation", SLURM_WORD, 0, 0 },
    { "nodelist", SLURM_WORD, 0, 0 },
    { "exclude", SLURM_WORD, 0, 0 },
    { "mpi", SLURM_WORD, 0, 0 },
    { "array", SLURM_COUNT, 1, 1000000 },
    { "at_once", SLURM_COUNT, 1, 1000000 },
    { "trials_at_once", SLURM_COUNT, 1, 1024 },
    { "signal", SLURM_SECONDS, 0, 0 },
    { "controller_partition", SLURM_WORD, 0, 0 },
    { "controller_time", SLURM_SECONDS, 0, 0 },
    { "requeue", SLURM_FLAG, 0, 0 },
    { "rank_logs", SLURM_FLAG, 0, 0 },
    { "modules", SLURM_LINES, 0, 0 },
    { "setup", SLURM_LINES, 0, 0 },
    { "extra", SLURM_LINES, 0, 0 },
    { "environment", SLURM_VALUES, 0, 0 },
};
enum { SLURM_KEYS = sizeof slurm_keys / sizeof slurm_keys[0] };

static void read_word(struct reader *r, const char *key)
{
    const char *word;

    if (!reader_string(r, key, &word))
        return;
    if (!word[0] || !is_clean(word) || strchr(word, ' '))
        reader_fail(r, key, "expected one word, found '%.60s'", word);
}

static void read_lines(const struct study *s, struct reader *r, const char *key)
{
    const struct tree *list = reader_kind(r, key, TREE_LIST);
    char path[64];

    snprintf(path, sizeof path, "slurm.%s", key);
    if (list && study_check_words(s, list, path, r->err))
        r->failed = true;
}

/* Environment variables: names a shell accepts, values it can hold. */
static void read_environment(struct reader *r, const char *key)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    const struct tree *map = reader_kind(r, key, TREE_MAP);

    for (size_t i = 0; !r->failed && i < tree_count(map); i++) {
        const char *name = tree_key(map, i);
        const struct tree *value = tree_at(map, i);
        if (!name[0] || strspn(name, letters) != strlen(name) ||
            strchr("0123456789", name[0]))
            reader_fail(r, key, "'%.60s' cannot be a variable's name", name);
        else if (tree_kind(value) == TREE_LIST || tree_kind(value) == TREE_MAP)
            reader_fail(r, key, "expected a string for %.60s, found %s", name,
                        tree_kind_name(tree_kind(value)));
        else if (!is_clean(tree_text(value)))
            reader_fail(r, key, "a control character in %.60s", name);
    }
}

static void read_slurm_key(const struct study *s, struct reader *r,
                           const struct slurm_key *k)
{
    int64_t count;
    double seconds;
    bool flag;

    switch (k->kind) {
    case SLURM_WORD:
        read_word(r, k->name);
        break;
    case SLURM_COUNT:
        reader_int(r, k->name, k->low, k->high, &count);
        break;
    case SLURM_SECONDS:
        reader_seconds(r, k->name, &seconds);
        break;
    case SLURM_FLAG:
        reader_bool(r, k->name, &flag);
        break;
    case SLURM_LINES:
        read_lines(s, r, k->name);
        break;
    case SLURM_VALUES:
        read_environment(r, k->name);
        break;
    }
}

int study_read_slurm(struct study *s, const struct tree *t, struct error *err)
{
    struct reader r;

    s->slurm = t;
    reader_open(&r, t, s->file, "slurm", err);
    for (size_t i = 0; i < SLURM_KEYS; i++)
        read_slurm_key(s, &r, &slurm_keys[i]);
    return reader_close(&r);
}

/* ---- notify ----------------------------------------------------------- */

static const char *const occasions[] = { "started", "best", "failed",
                                         "finished", "stalled" };
enum { OCCASIONS = sizeof occasions / sizeof occasions[0] };

static bool is_occasion(const char *word)
{
    for (size_t i = 0; i < OCCASIONS; i++)
        if (strcmp(occasions[i], word) == 0)
            return true;
    return false;
}

static int check_occasions(const struct study *s, const struct tree *on,
                           const char *path, struct error *err)
{
    if (study_check_words(s, on, path, err))
        return -1;
    for (size_t i = 0; i < tree_count(on); i++) {
        const char *word = tree_text(tree_at(on, i)), *near;
        if (is_occasion(word))
            continue;
        reader_error_at(err, s->file, tree_at(on, i),
                        "%s: expected started, best, failed, finished or "
                        "stalled, found '%.60s'",
                        path, word);
        near = text_nearest(word, occasions, OCCASIONS);
        return near ? error_hint(err, "did you mean '%s'?", near) : -1;
    }
    return 0;
}

static bool is_web_address(const char *text)
{
    return (strncmp(text, "http://", 7) == 0 && text[7]) ||
           (strncmp(text, "https://", 8) == 0 && text[8]);
}

static int check_notice(const struct study *s, const struct tree *t, size_t i,
                        struct error *err)
{
    const struct tree *on, *exec, *body;
    const char *webhook = NULL;
    struct reader r;
    char path[64];

    snprintf(path, sizeof path, "notify[%zu]", i);
    reader_open(&r, t, s->file, path, err);
    on = reader_kind(&r, "on", TREE_LIST);
    reader_need(&r, "on");
    exec = reader_kind(&r, "exec", TREE_LIST);
    body = reader_kind(&r, "body", TREE_MAP);
    if (reader_string(&r, "webhook", &webhook) &&
        (!is_web_address(webhook) || !is_clean(webhook)))
        reader_fail(&r, "webhook", "expected http:// or https://...");
    if (body && exec)
        reader_fail(&r, "body", "a body is for a webhook");
    if (reader_close(&r))
        return -1;
    if (!exec == !webhook)
        return reader_error_at(err, s->file, t,
                               "%s: expected webhook or exec, one of the two",
                               path);
    snprintf(path, sizeof path, "notify[%zu].on", i);
    if (check_occasions(s, on, path, err))
        return -1;
    snprintf(path, sizeof path, "notify[%zu].exec", i);
    return exec ? study_check_words(s, exec, path, err) : 0;
}

int study_read_notify(struct study *s, const struct tree *t, struct error *err)
{
    if (t && tree_kind(t) != TREE_LIST)
        return reader_error_at(err, s->file, t,
                               "notify: expected a list, found %s",
                               tree_kind_name(tree_kind(t)));
    s->notify = t;
    for (size_t i = 0; i < tree_count(t); i++)
        if (check_notice(s, tree_at(t, i), i, err))
            return -1;
    return 0;
}
