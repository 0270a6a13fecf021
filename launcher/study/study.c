/* study: reads a study file section by section and frees what it made.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/study/study.h"

#include <assert.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/reader.h"
#include "base/yaml.h"
#include "launcher/study/sections.h"

enum { NAME_MAX_LENGTH = 100 };

struct section {
    const char *key;
    bool needed;
    int (*read)(struct study *s, const struct tree *t, struct error *err);
};

static int read_name(struct study *s, const struct tree *t, struct error *err);

/* In the order they are read; each may use what the ones above it made. */
static const struct section sections[] = {
    { "study", true, read_name },
    { "objective", true, study_read_objective },
    { "constraints", false, study_read_constraints },
    { "space", true, study_read_space },
    { "search", false, study_read_search },
    { "warm_start", false, study_read_warm_start },
    { "enqueue", false, study_read_enqueue },
    { "stop", false, study_read_stop },
    { "oracle", false, study_read_oracle },
    { "trainer", false, study_read_trainer },
    { "resources", false, study_read_resources },
    { "local", false, study_read_local },
    { "slurm", false, study_read_slurm },
    { "retry", false, study_read_retry },
    { "notify", false, study_read_notify },
    { "controller", false, study_read_controller },
};
enum { SECTION_COUNT = sizeof sections / sizeof sections[0] };

int study_error_at_key(const struct study *s, const struct tree *map, size_t i,
                       struct error *err)
{
    if (err && err->kind == ERROR_USAGE)
        error_where(err, "%s:%u:%u", s->file, tree_key_line(map, i),
                    tree_key_column(map, i));
    return -1;
}

int study_error_at(const struct study *s, const struct tree *t,
                   struct error *err)
{
    if (err && err->kind == ERROR_USAGE && !err->where[0])
        error_where(err, "%s:%u:%u", s->file, tree_line(t), tree_column(t));
    return -1;
}

/* A name becomes a folder and an argument: no separator, no leading dot or
 * dash. */
static bool name_ok(const char *name)
{
    size_t length = strlen(name);

    if (length == 0 || length > NAME_MAX_LENGTH)
        return false;
    if (name[0] == '.' || name[0] == '-')
        return false;
    for (const char *c = name; *c; c++)
        if (!isalnum((unsigned char)*c) && !strchr("._-", *c))
            return false;
    return true;
}

static int read_name(struct study *s, const struct tree *t, struct error *err)
{
    if (tree_kind(t) != TREE_STRING)
        return reader_error_at(err, s->file, t,
                               "study: expected a name, found %s",
                               tree_kind_name(tree_kind(t)));
    s->name = tree_text(t);
    if (name_ok(s->name))
        return 0;
    reader_error_at(err, s->file, t, "study: '%.100s' cannot be a name",
                    s->name);
    return error_hint(err,
                      "the name becomes a folder: use letters, digits, "
                      "'_', '-' and '.' (not first), at most %d",
                      NAME_MAX_LENGTH);
}

/* Every key at the top is a known one and none that is needed lacks. */
static int check_keys(const struct study *s, struct error *err)
{
    struct reader r;

    reader_open(&r, s->source, s->file, "", err);
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        reader_any(&r, sections[i].key);
        if (sections[i].needed)
            reader_need(&r, sections[i].key);
    }
    return reader_close(&r);
}

static int read_sections(struct study *s, struct error *err)
{
    for (size_t i = 0; i < SECTION_COUNT; i++) {
        const struct tree *t = tree_get(s->source, sections[i].key);

        if (sections[i].read(s, tree_kind(t) == TREE_NULL ? NULL : t, err))
            return -1;
    }
    return 0;
}

static void set_defaults(struct study *s)
{
    s->search.sampler = "auto";
    s->search.pruner = "auto";
    s->search.file = s->file;
    s->stop =
        (struct stop_rules){ INT64_MAX, INFINITY, INFINITY, INT64_MAX, -1 };
    s->resources = (struct resources){ 1, 1, 0, 1, 0, 0 };
    s->local_workers = 1;
    s->attempts = 3;
}

struct study *study_parse(const char *data, size_t size, const char *name,
                          struct error *err)
{
    struct study *s = calloc(1, sizeof *s);

    if (!s || !(s->file = text_copy(name)) || !(s->text = malloc(size + 1))) {
        error_memory(err);
        goto error;
    }
    memcpy(s->text, data, size);
    s->text[size] = '\0';
    s->text_size = size;
    space_init(&s->space);
    set_defaults(s);
    s->source = yaml_parse(data, size, name, err);
    if (!s->source || check_keys(s, err) || read_sections(s, err))
        goto error;
    return s;
error:
    study_destroy(s);
    return NULL;
}

struct study *study_read(const char *path, struct error *err)
{
    struct study *s = NULL;
    char *data = NULL;
    size_t size = 0;

    if (file_read_named(path, YAML_MAX_BYTES, &data, &size, err))
        return NULL;
    s = study_parse(data, size, path, err);
    free(data);
    return s;
}

void study_destroy(struct study *s)
{
    if (!s)
        return;
    tree_destroy(s->search_options[0]);
    tree_destroy(s->search_options[1]);
    space_clear(&s->space);
    tree_destroy(s->source);
    free(s->enqueue);
    free(s->text);
    free(s->file);
    free(s);
}
