/* export: a model for other programs: weights as safetensors, and a JSON that
 * says how they are put together.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "trainer/checkpoint/safetensors.h"
#include "trainer/use/trained.h"
#include "trainer/use/verbs.h"

/* --- model.json -------------------------------------------------------------- */

static struct tree *feature(const char *name, size_t first, size_t count)
{
    struct tree *t = tree_map();

    tree_set_string(t, "name", name);
    tree_set_int(t, "first", (int64_t)first);
    tree_set_int(t, "count", (int64_t)count);
    return t;
}

/* Which of the fusion's inputs come from where. */
static struct tree *features(const struct model *m)
{
    struct tree *list = tree_list();
    size_t i;

    if (m->has_image)
        tree_append(list, feature("image", 0, m->image.features));
    for (i = 0; i < m->table_count; i++)
        if (!m->words.on || i != m->words_table)
            tree_append(list, feature(m->table[i].name, m->table[i].column,
                                      m->table[i].dimension));
    if (m->words.on)
        tree_append(list, feature("text", m->words.column, m->words.features));
    if (m->frames.on)
        tree_append(list,
                    feature("sequence", m->frames.column, m->frames.features));
    if (m->dense_count > 0)
        tree_append(list, feature("dense", m->dense_column, m->dense_count));
    return list;
}

static struct tree *shape_of(const struct parameter *p)
{
    struct tree *list = tree_list();
    size_t i;

    for (i = 0; i < p->rank; i++)
        tree_append(list, tree_int((int64_t)p->shape[i]));
    return list;
}

static void add_tensors(struct tree *map, const struct layout *l)
{
    size_t i;

    for (i = 0; i < l->count; i++)
        tree_set(map, l->parameter[i].name, shape_of(&l->parameter[i]));
}

static struct tree *calibration_tree(const struct calibration *c)
{
    struct tree *map = tree_map(), *shift = tree_list();
    size_t k;

    for (k = 0; k < c->outputs; k++)
        tree_append(shift, tree_float((double)c->shift[k]));
    tree_set(map, "shift", shift);
    tree_set_float(map, "slope", (double)c->line[0]);
    tree_set_float(map, "offset", (double)c->line[1]);
    return map;
}

static struct tree *describe(const struct trained *t, size_t fold)
{
    struct tree *map = tree_map(), *tensors = tree_map();

    add_tensors(tensors, &t->model->dense);
    add_tensors(tensors, &t->model->running);
    tree_set_string(map, "format", "sentei-model");
    tree_set_int(map, "version", 1);
    tree_set_int(map, "outputs", (int64_t)t->model->loss.outputs);
    tree_set_int(map, "features", (int64_t)t->model->features);
    tree_set(map, "feature_columns", features(t->model));
    tree_set(map, "tensors", tensors);
    tree_set(map, "calibration", calibration_tree(&t->fold[fold].calibration));
    tree_set(map, "config", tree_copy(t->config.source));
    tree_set(map, "fields", tree_copy(t->fields));
    tree_set(map, "source", tree_copy(t->source));
    return map;
}

/* --- the files --------------------------------------------------------------- */

/* The tensors of one fold, without "foldN." before their names. */
static int copy_tensors(const struct trained *t, size_t fold, const char *to,
                        struct error *err)
{
    struct safetensors file;
    struct tensor *list;
    size_t count = 0, size, i, k;
    char prefix[32];
    int rc;

    if (safetensors_open(&file, t->path, err) < 0)
        return -1;
    size = (size_t)snprintf(prefix, sizeof prefix, "fold%zu.", fold);
    list = calloc(tree_count(file.header) + 1, sizeof *list);
    for (i = 0; list && i < tree_count(file.header); i++) {
        const char *name = tree_key(file.header, i);
        const struct tree *entry = tree_at(file.header, i);
        const struct tree *shape = tree_get(entry, "shape");
        size_t start;

        if (strncmp(name, prefix, size) != 0)
            continue;
        start =
            (size_t)tree_integer(tree_at(tree_get(entry, "data_offsets"), 0));
        list[count].name = name + size;
        list[count].rank = tree_count(shape);
        for (k = 0; k < tree_count(shape); k++)
            list[count].shape[k] = (size_t)tree_integer(tree_at(shape, k));
        list[count++].data = (const float *)(const void *)(file.data + start);
    }
    rc = list ? safetensors_write(to, list, count, NULL, err)
              : error_memory(err);
    free(list);
    safetensors_close(&file);
    return rc;
}

static int write_description(const struct trained *t, size_t fold,
                             const char *path, struct error *err)
{
    struct tree *map = describe(t, fold);
    struct text json = TEXT_INIT;
    int rc = -1;

    if (tree_ok(map))
        json_format_pretty(map, &json);
    if (!tree_ok(map) || json.failed)
        error_memory(err);
    else
        rc = file_write(path, json.data, json.size, 0644, err);
    text_clear(&json);
    tree_destroy(map);
    return rc;
}

static int export(const struct trained *t, size_t fold, const char *folder,
                  struct error *err)
{
    char *weights = file_join(folder, "model.safetensors");
    char *json = file_join(folder, "model.json");
    int rc = -1;

    if (!weights || !json)
        error_memory(err);
    else if (file_make_folder(folder, err) == 0 &&
             copy_tensors(t, fold, weights, err) == 0)
        rc = write_description(t, fold, json, err);
    free(weights);
    free(json);
    return rc;
}

int use_export(int argc, char **argv, struct error *err)
{
    const char *folder = NULL;
    int64_t fold = 0;
    char **rest;
    int rc;
    struct trained t;
    const struct option_row rows[] = {
        { "output", 'o', OPTION_STRING, &folder, "FOLDER",
          "where model.safetensors and model.json go; required" },
        { "fold", 0, OPTION_INT, &fold, "N",
          "of a model with folds: which (default 0)" },
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options o = {
        .command = "sentei-train export",
        .usage = "MODEL -o FOLDER [options]",
        .description = "Writes a trained model for other programs: the weights "
                       "in safetensors, and a JSON of its architecture.",
        .examples = "sentei-train export runs/one -o exported\n",
        .rows = rows,
    };

    rc = use_arguments(&o, argc, argv, 1, &rest, err);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (!folder) {
        error_usage(err, "no output folder given");
        return error_hint(err, "-o FOLDER says where the model goes");
    }
    rc = trained_open(&t, rest[0], NULL, "cpu", err);
    if (rc == 0 && (fold < 0 || (size_t)fold >= t.fold_count))
        rc = error_usage(err, "--fold: the model has folds 0 to %zu",
                         t.fold_count - 1);
    if (rc == 0)
        rc = export(&t, (size_t)fold, folder, err);
    trained_close(&t);
    return rc;
}
