/* export: a model for other programs: weights as safetensors, a JSON that says
 * how they are put together, and the whole as ONNX.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "trainer/checkpoint/safetensors.h"
#include "trainer/onnx/onnx.h"
#include "trainer/use/trained.h"
#include "trainer/use/verbs.h"

enum { EXAMPLE_ROWS = 64 };

/* What is asked for. */
struct wanted {
    const char *folder, *examples;
    int64_t fold;
    bool onnx;
    int kind; /* of calibration, in the ONNX file */
};

/* One fold's tensors, without "foldN." before their names; borrowed from 'file'. */
struct tensors {
    struct safetensors file;
    struct tensor *list;
    size_t count;
};

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

/* What the ONNX file takes and gives. */
static struct tree *describe_onnx(const struct feed *f, int kind)
{
    struct tree *map = tree_map();

    tree_set_string(map, "file", "model.onnx");
    tree_set_int(map, "opset", GRAPH_OPSET);
    tree_set(map, "inputs", feed_describe(f));
    tree_set_string(map, "output", "score");
    tree_set_string(map, "calibration", calibration_names[kind]);
    return map;
}

static struct tree *describe(const struct trained *t, const struct feed *f,
                             const struct wanted *w)
{
    struct tree *map = tree_map(), *tensors = tree_map();
    const struct fold *fold = &t->fold[w->fold];

    add_tensors(tensors, &t->model->dense);
    add_tensors(tensors, &t->model->running);
    tree_set_string(map, "format", "sentei-model");
    tree_set_int(map, "version", 1);
    tree_set_int(map, "outputs", (int64_t)t->model->loss.outputs);
    tree_set_int(map, "features", (int64_t)t->model->features);
    tree_set(map, "feature_columns", features(t->model));
    tree_set(map, "tensors", tensors);
    tree_set(map, "calibration", calibration_tree(&fold->calibration));
    if (w->onnx)
        tree_set(map, "onnx", describe_onnx(f, w->kind));
    tree_set(map, "config", tree_copy(t->config.source));
    tree_set(map, "fields", tree_copy(t->fields));
    tree_set(map, "source", tree_copy(t->source));
    return map;
}

/* --- tensors ----------------------------------------------------------------- */

/* Returns 0, or -1 with 'err'; tensors_close() in any case. */
static int tensors_open(struct tensors *t, const char *path, int64_t fold,
                        struct error *err)
{
    char prefix[32];
    size_t size, start, i, k;

    *t = (struct tensors){ .list = NULL };
    if (safetensors_open(&t->file, path, err) < 0)
        return -1;
    size = (size_t)snprintf(prefix, sizeof prefix, "fold%d.", (int)fold);
    t->list = calloc(tree_count(t->file.header) + 1, sizeof *t->list);
    for (i = 0; t->list && i < tree_count(t->file.header); i++) {
        const char *name = tree_key(t->file.header, i);
        const struct tree *entry = tree_at(t->file.header, i);
        const struct tree *shape = tree_get(entry, "shape");
        struct tensor *to = &t->list[t->count];

        if (strncmp(name, prefix, size) != 0)
            continue;
        t->count++;
        start =
            (size_t)tree_integer(tree_at(tree_get(entry, "data_offsets"), 0));
        to->name = name + size;
        to->rank = tree_count(shape);
        for (k = 0; k < to->rank; k++)
            to->shape[k] = (size_t)tree_integer(tree_at(shape, k));
        to->data = (const float *)(const void *)(t->file.data + start);
    }
    return t->list ? 0 : error_memory(err);
}

static void tensors_close(struct tensors *t)
{
    free(t->list);
    safetensors_close(&t->file);
}

/* --- the files --------------------------------------------------------------- */

static int write_description(const struct tree *map, const char *path,
                             struct error *err)
{
    struct text json = TEXT_INIT;
    int rc = -1;

    if (tree_ok(map))
        json_format_pretty(map, &json);
    if (!tree_ok(map) || json.failed)
        error_memory(err);
    else
        rc = file_write(path, json.data, json.size, 0644, err);
    text_clear(&json);
    return rc;
}

static int write_onnx(const struct trained *t, const struct tensors *from,
                      const struct feed *f, const struct wanted *w,
                      const char *path, struct error *err)
{
    const struct onnx_source source = {
        .model = t->model,
        .inputs = &t->inputs,
        .data = t->data,
        .tensor = from->list,
        .tensor_count = from->count,
        .calibration = &t->fold[w->fold].calibration,
        .kind = (enum calibration_kind)w->kind,
    };

    return onnx_write(&source, f, path, err);
}

/* What this fold alone says of these rows. */
static int write_scores(struct trained *t, const struct wanted *w,
                        const uint32_t *row, size_t count, const char *path,
                        struct error *err)
{
    struct trained one = *t;
    size_t all = count * t->model->loss.outputs, i;
    double *score = calloc(all, sizeof *score);
    float *rounded = calloc(all, sizeof *rounded);
    struct graph_tensor out = { .name = "score",
                                .type = GRAPH_FLOAT,
                                .rank = 2,
                                .shape = { (int64_t)count,
                                           (int64_t)t->model->loss.outputs },
                                .data = rounded };
    int rc = -1;

    one.fold = &t->fold[w->fold];
    one.fold_count = 1;
    if (!score || !rounded)
        error_memory(err);
    else
        rc = trained_predict(&one, (enum calibration_kind)w->kind, row, count,
                             score, err);
    for (i = 0; rc == 0 && i < all; i++)
        rounded[i] = (float)score[i];
    if (rc == 0)
        rc = graph_write_tensor(&out, path, err);
    free(score);
    free(rounded);
    return rc;
}

/* The first rows of the set as ONNX's test data. */
static int write_examples(struct trained *t, const struct feed *f,
                          const struct wanted *w, struct error *err)
{
    char *folder = file_join(w->folder, "test_data_set_0");
    char *scores = folder ? file_join(folder, "output_0.pb") : NULL;
    size_t count, rows;
    uint32_t *row = trained_rows(t, -1, &count, err);
    int rc = -1;

    rows = count < EXAMPLE_ROWS ? count : EXAMPLE_ROWS;
    if (row && (!folder || !scores))
        error_memory(err);
    else if (row && file_make_folder(folder, err) == 0 &&
             batch_fill(&t->batch, &t->fold[w->fold].source, row, rows, 0, 0,
                        err) == 0 &&
             feed_write(f, &t->batch, &t->inputs, t->data, row, folder, err) ==
                 0)
        rc = write_scores(t, w, row, rows, scores, err);
    free(row);
    free(scores);
    free(folder);
    return rc;
}

static int write_all(struct trained *t, const struct tensors *from,
                     const struct feed *f, const struct wanted *w,
                     struct error *err)
{
    struct tree *map = describe(t, f, w);
    char *weights = file_join(w->folder, "model.safetensors");
    char *json = file_join(w->folder, "model.json");
    char *onnx = file_join(w->folder, "model.onnx");
    int rc = -1;

    if (!weights || !json || !onnx)
        error_memory(err);
    else if (file_make_folder(w->folder, err) == 0 &&
             (!w->onnx || write_onnx(t, from, f, w, onnx, err) == 0) &&
             (!w->examples || write_examples(t, f, w, err) == 0) &&
             safetensors_write(weights, from->list, from->count, NULL, err) ==
                 0)
        rc = write_description(map, json, err);
    tree_destroy(map);
    free(weights);
    free(json);
    free(onnx);
    return rc;
}

static int export(struct trained *t, const struct wanted *w, struct error *err)
{
    struct tensors tensors;
    struct feed f = { NULL, 0 };
    int rc = tensors_open(&tensors, t->path, w->fold, err);

    if (rc == 0)
        rc = feed_init(&f, &t->inputs, t->data, &t->config.ngram, err);
    if (rc == 0)
        rc = write_all(t, &tensors, &f, w, err);
    feed_clear(&f);
    tensors_close(&tensors);
    return rc;
}

static int check(const struct wanted *w, struct error *err)
{
    if (!w->folder) {
        error_usage(err, "no output folder given");
        return error_hint(err, "-o FOLDER says where the model goes");
    }
    if (w->examples && !w->onnx)
        return error_usage(err, "--examples are for an ONNX file: add --onnx");
    return 0;
}

int use_export(int argc, char **argv, struct error *err)
{
    struct wanted w = { .kind = CALIBRATION_PRIOR };
    char **rest;
    int rc;
    struct trained t;
    const struct option_row rows[] = {
        { "output", 'o', OPTION_STRING, &w.folder, "FOLDER",
          "where model.safetensors and model.json go; required" },
        { "fold", 0, OPTION_INT, &w.fold, "N",
          "of a model with folds: which (default 0)" },
        { "onnx", 0, OPTION_FLAG, &w.onnx, NULL,
          "also model.onnx, which gives the scores of 'predict'" },
        { "calibrate", 0, OPTION_CHOICE, &w.kind, "none|prior|fit",
          "how these are calibrated (default prior), see 'predict'" },
        { "examples", 0, OPTION_STRING, &w.examples, "DATA",
          "also test_data_set_0: what the first rows of a packed set are for "
          "the ONNX file, and their scores" },
        { NULL, 0, OPTION_FLAG, NULL, NULL, NULL },
    };
    const struct options o = {
        .command = "sentei-train export",
        .usage = "MODEL -o FOLDER [options]",
        .description = "Writes a trained model for other programs: the weights "
                       "in safetensors, a JSON of its architecture, and with "
                       "--onnx the whole for ONNX runtimes.",
        .examples = "sentei-train export runs/one -o exported\n"
                    "sentei-train export runs/one -o exported --onnx "
                    "--examples build/data/listings\n",
        .rows = rows,
    };

    rc = use_arguments(&o, argc, argv, 1, &rest, err);
    if (rc != 0)
        return rc < 0 ? -1 : 0;
    if (check(&w, err) < 0)
        return -1;
    rc = trained_open(&t, rest[0], w.examples, "cpu", err);
    if (rc == 0 && (w.fold < 0 || (size_t)w.fold >= t.fold_count))
        rc = error_usage(err, "--fold: the model has folds 0 to %zu",
                         t.fold_count - 1);
    if (rc == 0)
        rc = export(&t, &w, err);
    trained_close(&t);
    return rc;
}
