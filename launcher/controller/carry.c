/* carry: see carry.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/controller/carry.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "launcher/controller/source.h"
#include "launcher/optuna/read.h"

enum { FILE_MAX_BYTES = 1 << 30 };

/* One whole trial, from its row in the list of all. */
static int read_trial(struct source *source, const struct tree *row,
                      carry_fn *each, void *context, struct error *err)
{
    struct tree *trial = NULL;
    char path[64];

    snprintf(path, sizeof path, "/v1/trials/%" PRId64,
             tree_integer(tree_get(row, "trial")));
    int rc = source_get(source, path, &trial, err);
    if (rc == 0)
        rc = each(context, trial, err);
    tree_destroy(trial);
    return rc;
}

static int read_run(const char *run, carry_fn *each, void *context,
                    struct error *err)
{
    struct source *source = source_open(run, err);
    struct tree *reply = NULL;
    int rc = source ? source_get(source, "/v1/trials", &reply, err) : -1;
    const struct tree *rows = tree_get(reply, "trials");

    for (size_t i = 0; rc == 0 && i < tree_count(rows); i++)
        rc = read_trial(source, tree_at(rows, i), each, context, err);
    tree_destroy(reply);
    source_close(source);
    return rc;
}

static int read_line(const char *line, size_t size, const char *name,
                     carry_fn *each, void *context, struct error *err)
{
    struct tree *trial = json_parse(line, size, name, err);
    int rc = trial ? each(context, trial, err) : -1;

    tree_destroy(trial);
    return rc;
}

static int read_file(const char *path, carry_fn *each, void *context,
                     struct error *err)
{
    char *data = NULL;
    size_t size, number = 0;
    int rc = file_read_named(path, FILE_MAX_BYTES, &data, &size, err);

    for (char *line = data, *end; rc == 0 && line < data + size; line = end) {
        char name[600];

        end = memchr(line, '\n', (size_t)(data + size - line));
        end = end ? end + 1 : data + size;
        snprintf(name, sizeof name, "%.500s, line %zu", path, ++number);
        rc = read_line(line, (size_t)(end - line), name, each, context, err);
    }
    free(data);
    return rc;
}

static int read_optuna(const char *from, const struct tree *objectives,
                       carry_fn *each, void *context, struct error *err)
{
    struct tree *trials = optuna_read(from, objectives, err);
    int rc = trials ? 0 : -1;

    for (size_t i = 0; rc == 0 && i < tree_count(trials); i++)
        rc = each(context, tree_at(trials, i), err);
    tree_destroy(trials);
    return rc;
}

int carry_read(const char *from, const struct tree *objectives, carry_fn *each,
               void *context, struct error *err)
{
    char *study = file_join(from, "study.yaml");
    bool is_run = study && file_exists(study);

    free(study);
    if (optuna_is(from))
        return read_optuna(from, objectives, each, context, err);
    if (!file_exists(from))
        return error_usage(err, "there is no run and no file '%s'", from);
    return is_run ? read_run(from, each, context, err)
                  : read_file(from, each, context, err);
}

struct tree *carry_body(const struct tree *trial, const char *from)
{
    const char *state = tree_text(tree_get(trial, "state"));
    struct tree *body;
    char source[256];

    if ((strcmp(state, "complete") != 0 && strcmp(state, "pruned") != 0) ||
        *tree_text(tree_get(trial, "source")))
        return NULL;
    snprintf(source, sizeof source, "%.200s#%" PRId64, from,
             tree_integer(tree_get(trial, "trial")));
    body = tree_map();
    tree_set_string(body, "source", source);
    tree_set_string(body, "state", state);
    tree_set(body, "params", tree_copy(tree_get(trial, "params")));
    tree_set(body, "curve", tree_copy(tree_get(trial, "curve")));
    if (tree_ok(body))
        return body;
    tree_destroy(body);
    return NULL;
}
