/* See trained.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/use/trained.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "trainer/checkpoint/checkpoint.h"
#include "trainer/checkpoint/safetensors.h"

enum { ROWS = 256 }; /* at once */

/* --- opening --------------------------------------------------------------- */

/* The file itself, or best.safetensors in the folder. The caller frees. */
static char *file_of(const char *path)
{
    struct stat st;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
        return file_join(path, "best.safetensors");
    return text_copy(path);
}

static struct tree *parse(const struct safetensors *file, const char *key,
                          struct error *err)
{
    const char *text = safetensors_metadata(file, key);

    if (!*text) {
        error_usage(err, "this is no finished model: it has no '%s'", key);
        error_where(err, "%s", file->path);
        error_hint(err, "give the best.safetensors of a training");
        return NULL;
    }
    return json_parse(text, strlen(text), key, err);
}

static size_t count_folds(const struct safetensors *file)
{
    size_t count = 0;
    char key[32];

    do
        snprintf(key, sizeof key, "fold%zu.steps", count);
    while (*safetensors_metadata(file, key) && ++count);
    return count;
}

/* The configuration, with another set's folder where one is given. */
static int read_config(struct trained *t, const struct safetensors *file,
                       const char *data, struct error *err)
{
    char *setting = data ? text_print("data=%s", data) : NULL;
    const char *settings[] = { setting };
    int rc;

    if (data && !setting)
        return error_memory(err);
    rc = config_parse(&t->config, safetensors_metadata(file, "config"),
                      file->path, NULL, settings, data ? 1 : 0, err);
    free(setting);
    return rc;
}

static int read_description(struct trained *t, const char *data,
                            struct error *err)
{
    struct safetensors file;
    int rc = -1;

    if (safetensors_open(&file, t->path, err) < 0)
        return -1;
    t->fields = parse(&file, "fields", err);
    t->source = t->fields ? parse(&file, "source", err) : NULL;
    if (t->source && read_config(t, &file, data, err) == 0) {
        t->fold_count = count_folds(&file);
        rc = 0;
    }
    safetensors_close(&file);
    return rc;
}

/* Numbers mean the same in the model and in the set. */
static int check_data(const struct trained *t, struct error *err)
{
    const struct tree *values = tree_get(t->source, "values");
    const struct tree *source = tree_get(t->data->json, "source");

    if (tree_equal(t->fields, tree_get(t->data->json, "fields")) &&
        tree_equal(values, tree_get(source, "values")))
        return 0;
    error_usage(err,
                "data set '%s' has other fields or categories than the "
                "model was trained with",
                t->config.data);
    return error_hint(err, "pack it like that of the training: sentei-data "
                           "pack --like FOLDER");
}

/* A fold's room; its rows stay empty. */
static int open_fold(struct trained *t, struct fold *f, struct error *err)
{
    size_t outputs = t->model->loss.outputs;
    float *prior = calloc(outputs, sizeof *prior);
    int rc = -1;

    f->source = (struct batch_source){ t->data,          &t->inputs,
                                       &t->config.ngram, &t->config.characters,
                                       &f->statistics,   AUGMENT_NONE };
    if (!prior)
        error_memory(err);
    else if (calibration_init(&f->calibration, outputs, err) == 0 &&
             statistics_init(&f->statistics, &t->inputs, &t->config.ngram,
                             err) == 0)
        rc = weights_init(&f->weights, t->model, 0, 0, prior, err);
    free(prior);
    return rc;
}

static int open_model(struct trained *t, struct error *err)
{
    if (inputs_init(&t->inputs, t->data, &t->config.inputs, err) < 0)
        return -1;
    t->model = model_create(&t->config.model, &t->inputs, ROWS, t->backend,
                            &t->comm, err);
    if (!t->model)
        return -1;
    return batch_init(&t->batch, &t->inputs, ROWS, err);
}

static int open_folds(struct trained *t, struct error *err)
{
    struct checkpoint c = { t->model, NULL, t->fold_count, false, NULL };
    struct tree *place = NULL;
    size_t k;
    int rc;

    t->fold = c.fold = calloc(t->fold_count + 1, sizeof *t->fold);
    if (!t->fold)
        return error_memory(err);
    for (k = 0; k < t->fold_count; k++)
        if (open_fold(t, &t->fold[k], err) < 0)
            return -1;
    rc = checkpoint_load(&c, t->path, &place, err);
    tree_destroy(place);
    return rc;
}

static int open_backend(struct trained *t, const char *name, struct error *err)
{
    struct backend_options o = { .threads = (int)t->config.threads };

    if (backend_has(name, t->config.precision))
        o.precision = t->config.precision;
    t->backend = backend_open(name, &o, err);
    return t->backend ? 0 : -1;
}

int trained_open(struct trained *t, const char *path, const char *data,
                 const char *backend, struct error *err)
{
    *t = (struct trained){ .path = file_of(path) };
    comm_self(&t->comm);
    if (!t->path)
        return error_memory(err);
    if (read_description(t, data, err) < 0)
        return -1;
    t->data = dataset_open(t->config.data, err);
    if (!t->data || check_data(t, err) < 0)
        return -1;
    if (open_backend(t, backend, err) < 0 || open_model(t, err) < 0)
        return -1;
    return open_folds(t, err);
}

void trained_close(struct trained *t)
{
    size_t k;

    for (k = 0; t->fold && k < t->fold_count; k++)
        fold_clear(&t->fold[k], t->model);
    free(t->fold);
    batch_clear(&t->batch);
    model_destroy(t->model);
    inputs_clear(&t->inputs);
    backend_destroy(t->backend);
    dataset_close(t->data);
    config_clear(&t->config);
    tree_destroy(t->fields);
    tree_destroy(t->source);
    free(t->path);
    memset(t, 0, sizeof *t);
}

/* --- using ------------------------------------------------------------------- */

/* Add the probabilities of at most ROWS rows by one fold. */
static int add_fold(struct trained *t, const struct fold *f,
                    enum calibration_kind kind, const uint32_t *row,
                    size_t count, float *logit, double *one, double *sum,
                    struct error *err)
{
    struct step step = { .training = false, .all_rows = count };
    size_t outputs = t->model->loss.outputs, i, k;

    if (batch_fill(&t->batch, &f->source, row, count, 0, 0, err) < 0 ||
        model_forward(t->model, &f->weights, &t->batch, &step, err) < 0)
        return -1;
    model_logits(t->model, logit);
    for (i = 0; i < count; i++) {
        calibration_apply(&f->calibration, kind, logit + i * outputs, one);
        for (k = 0; k < outputs; k++)
            sum[i * outputs + k] += one[k] / (double)t->fold_count;
    }
    return 0;
}

int trained_predict(struct trained *t, enum calibration_kind kind,
                    const uint32_t *row, size_t count, double *probability,
                    struct error *err)
{
    size_t outputs = t->model->loss.outputs, first, rows, k;
    float *logit = calloc(ROWS * outputs, sizeof *logit);
    double *one = calloc(outputs, sizeof *one);
    int rc = logit && one ? 0 : error_memory(err);

    memset(probability, 0, count * outputs * sizeof *probability);
    for (first = 0; first < count && rc == 0; first += rows) {
        rows = count - first < ROWS ? count - first : ROWS;
        for (k = 0; k < t->fold_count && rc == 0; k++)
            rc = add_fold(t, &t->fold[k], kind, row + first, rows, logit, one,
                          probability + first * outputs, err);
    }
    free(logit);
    free(one);
    return rc;
}

uint32_t *trained_rows(const struct trained *t, int split, size_t *count,
                       struct error *err)
{
    uint32_t *row = calloc(t->data->row_count + 1, sizeof *row);
    struct row r;
    size_t i;

    *count = 0;
    for (i = 0; row && i < t->data->row_count; i++) {
        dataset_row(t->data, i, &r);
        if (split < 0 || (int)r.split == split)
            row[(*count)++] = (uint32_t)i;
    }
    if (row && *count > 0)
        return row;
    free(row);
    if (row)
        error_usage(err, "data set '%s' has no %s rows", t->config.data,
                    split < 0 ? "" : dataset_split_name[split]);
    else
        error_memory(err);
    return NULL;
}

const char *trained_class(const struct trained *t, size_t k, char room[24])
{
    const struct tree *name = tree_at(tree_get(t->source, "classes"), k);

    if (tree_kind(name) == TREE_STRING)
        return tree_text(name);
    snprintf(room, 24, "%" PRId64, name ? tree_integer(name) : (int64_t)k);
    return room;
}
