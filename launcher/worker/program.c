/* program: what a trial's attempt executes, and in which environment.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/worker/program.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/child.h"
#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "base/yaml.h"
#include "launcher/study/command.h"

int program_prepare(const struct study *s, const char *run, struct error *err)
{
    struct text yaml = TEXT_INIT;
    char *path = file_join(run, "trainer.yaml");
    int rc = -1;

    if (s->trainer_config)
        yaml_format(s->trainer_config, &yaml);
    if (!path || yaml.failed)
        rc = error_memory(err);
    else if (!s->trainer_config || file_exists(path))
        rc = 0;
    else
        rc = file_write(path, text_get(&yaml), yaml.size, 0644, err);
    text_clear(&yaml);
    free(path);
    return rc;
}

/* "sentei-train" beside this very program, or the bare name to look up in
 * PATH. */
static char *find_trainer(void)
{
    char *path = child_program(NULL), *slash = path ? strrchr(path, '/') : NULL;
    char *beside = NULL;

    if (slash) {
        *slash = '\0';
        beside = file_join(path, "sentei-train");
    }
    free(path);
    if (beside && access(beside, X_OK) == 0)
        return beside;
    free(beside);
    return text_copy("sentei-train");
}

static char **trainer_words(const struct assignment *a, struct error *err)
{
    char **words = calloc(4, sizeof *words);

    if (!words) {
        error_memory(err);
        return NULL;
    }
    words[0] = find_trainer();
    words[1] = text_copy("--config");
    words[2] = file_join(a->run, "trainer.yaml");
    if (words[0] && words[1] && words[2])
        return words;
    for (int i = 0; i < 3; i++)
        free(words[i]);
    free(words);
    error_memory(err);
    return NULL;
}

char **program_words(const struct study *s, const struct assignment *a,
                     struct error *err)
{
    const struct command_values values = { .params = a->params,
                                           .trial = a->lease->trial,
                                           .attempt = a->lease->attempt,
                                           .folder = a->folder };

    return s->command ? command_expand(s->command, &values, err)
                      : trainer_words(a, err);
}

/* A list of strings that grows; 'failed' once memory was out. */
struct list {
    char **items; /* NULL-terminated */
    size_t count, capacity;
    bool failed;
};

/* Put 'item' (stolen; NULL is a failure) at the end. */
static void list_add(struct list *l, char *item)
{
    if (item && l->count + 1 >= l->capacity) {
        size_t capacity = l->capacity ? 2 * l->capacity : 64;
        char **items = realloc(l->items, capacity * sizeof *items);

        if (items) {
            l->items = items;
            l->capacity = capacity;
        }
    }
    if (!item || l->count + 1 >= l->capacity) {
        l->failed = true;
        free(item);
        return;
    }
    l->items[l->count++] = item;
    l->items[l->count] = NULL;
}

/* This process's environment, less what is for a trial; SENTEI_TRACE stays. */
static void add_inherited(struct list *l)
{
    for (char **line = environ; *line; line++)
        if (strncmp(*line, "SENTEI_", 7) != 0 ||
            strncmp(*line, "SENTEI_TRACE=", 13) == 0)
            list_add(l, text_copy(*line));
}

char **program_environment(const struct assignment *a, struct error *err)
{
    struct list l = { NULL, 0, 0, false };
    struct text params = TEXT_INIT;

    json_format(a->params, &params);
    add_inherited(&l);
    if (a->url)
        list_add(&l, text_print("SENTEI_URL=%s", a->url));
    list_add(&l, text_print("SENTEI_TOKEN_FILE=%s/token", a->run));
    list_add(&l, text_print("SENTEI_RUN=%s", a->run));
    list_add(&l, text_print("SENTEI_STUDY=%s", a->study));
    list_add(&l, text_print("SENTEI_TRIAL=%" PRId64, a->lease->trial));
    list_add(&l, text_print("SENTEI_ATTEMPT=%" PRId64, a->lease->attempt));
    list_add(&l, text_print("SENTEI_LEASE=%s", a->lease->token));
    list_add(&l, text_print("SENTEI_DIR=%s", a->folder));
    if (a->init_from && *a->init_from)
        list_add(&l, text_print("SENTEI_INIT_FROM=%s", a->init_from));
    list_add(&l, text_print("SENTEI_PARAMS=%s", text_get(&params)));
    if (l.failed || params.failed) {
        error_memory(err);
        if (l.items)
            command_free(l.items);
        l.items = NULL;
    }
    text_clear(&params);
    return l.items;
}
