/* See config.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/config.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/reader.h"
#include "base/text.h"
#include "base/yaml.h"
#include "trainer/data/duplicates.h"

static const struct config defaults = {
    .epochs = 10,
    .seed = 1,
    .threads = 1,
    .batch_size = 128,
    .sampling = { .kind = SAMPLER_SHARE,
                  .schedule = { SCHEDULE_NATURAL, 0.5, 5 },
                  .by = "label",
                  .distance = DUPLICATES_DISTANCE },
    .inputs = { .image = true,
                .text = true,
                .words = { SEQUENCE_NONE, 64, 64, 3, 5, false },
                .characters = true,
                .categories = true,
                .number_buckets = true,
                .vector = true,
                .frames = { SEQUENCE_FLAT, 11, 64, 3, 5, false } },
    .feedback = { 0, 4, 20, NULL },
    .ngram = { 1 << 16, 2, NGRAM_MEAN, 0.0 },
    .characters = { 1 << 16, 1, NGRAM_MEAN, 0.0 },
    .model = { .image = { 32, 3, 2, true, false },
               .text_dimension = 64,
               .character_dimension = 64,
               .category_dimension = 0,
               .number_dimension = 8,
               .fusion = { 2, 256, 0.2, true },
               .initial = { INITIAL_HE, 1 } },
    .optimizer = { .kind = OPTIM_ADAM,
                   .lr = 1e-3,
                   .momentum = 0.9,
                   .beta1 = 0.9,
                   .beta2 = 0.999,
                   .epsilon = 1e-8,
                   .drop = 0.1,
                   .drop_every = 10 },
    .checkpoint_every = 1,
    .watchdog_s = 30,
};

static void open_below(struct reader *r, struct reader *above, const char *key,
                       const char *path)
{
    reader_open(r, reader_kind(above, key, TREE_MAP), above->file, path,
                above->err);
}

static int read_image(struct reader *above, struct config *c)
{
    static const char *const types[] = { "none", "cnn", "resnet", NULL };
    struct image_options *o = &c->model.image;
    int type = c->inputs.image;
    struct reader r;

    open_below(&r, above, "image", "model.image");
    reader_enum(&r, "type", types, &type);
    reader_int(&r, "width", 1, 4096, &o->width);
    reader_int(&r, "stages", 1, 8, &o->stages);
    reader_int(&r, "blocks", 1, 16, &o->blocks);
    reader_bool(&r, "batch_norm", &o->batch_norm);
    if (reader_any(&r, "precision"))
        reader_fail(&r, "precision",
                    "is one for the whole training: say 'precision' at the "
                    "top level");
    c->inputs.image = type > 0;
    o->residual = type == 2;
    return reader_close(&r);
}

/* What towers over sequences share. */
static void read_sequence_keys(struct reader *r, struct sequence_options *o)
{
    reader_int(r, "length", 1, 1 << 20, &o->length);
    reader_int(r, "width", 1, 4096, &o->width);
    reader_int(r, "shortest", 1, 64, &o->shortest);
    reader_int(r, "longest", 1, 64, &o->longest);
    if (o->longest < o->shortest)
        reader_fail(r, "longest", "must not be below shortest (%d)",
                    (int)o->shortest);
    reader_bool(r, "bidirectional", &o->bidirectional);
}

static void read_bag_keys(struct reader *r, int64_t *dimension,
                          struct ngram_options *n)
{
    int weight = (int)n->weight;

    reader_int(r, "dimension", 1, 4096, dimension);
    reader_int(r, "buckets", 1, 1 << 28, &n->buckets);
    reader_enum(r, "weight", ngram_weight_names, &weight);
    reader_float(r, "dropout", 0, 0.99, &n->dropout);
    n->weight = (enum ngram_weight)weight;
}

static int read_text(struct reader *above, struct config *c)
{
    static const char *const types[] = { "none", "bag", "cnn", "lstm", NULL };
    static const enum sequence_kind kinds[] = { SEQUENCE_NONE, SEQUENCE_NONE,
                                                SEQUENCE_CNN, SEQUENCE_LSTM };
    int type = 1;
    struct reader r;

    open_below(&r, above, "text", "model.text");
    reader_enum(&r, "type", types, &type);
    read_bag_keys(&r, &c->model.text_dimension, &c->ngram);
    reader_int(&r, "ngrams", 1, 3, &c->ngram.ngrams);
    read_sequence_keys(&r, &c->inputs.words);
    c->inputs.text = type > 0;
    c->inputs.words.kind = kinds[type];
    c->inputs.text_buckets = c->ngram.buckets;
    return reader_close(&r);
}

static int read_characters(struct reader *above, struct config *c)
{
    static const char *const types[] = { "none", "bag", NULL };
    int type = 1;
    struct reader r;

    open_below(&r, above, "characters", "model.characters");
    reader_enum(&r, "type", types, &type);
    read_bag_keys(&r, &c->model.character_dimension, &c->characters);
    if (c->characters.weight == NGRAM_TFIDF)
        reader_fail(&r, "weight", "characters are weighed by mean or sqrt");
    c->inputs.characters = type == 1;
    c->inputs.character_buckets = c->characters.buckets;
    return reader_close(&r);
}

static int read_sequence(struct reader *above, struct config *c)
{
    static const char *const types[] = { "none", "flat", "cnn", "lstm", NULL };
    int type = (int)c->inputs.frames.kind;
    struct reader r;

    open_below(&r, above, "sequence", "model.sequence");
    reader_enum(&r, "type", types, &type);
    read_sequence_keys(&r, &c->inputs.frames);
    c->inputs.frames.kind = (enum sequence_kind)type;
    return reader_close(&r);
}

static int read_vector(struct reader *above, struct config *c)
{
    static const char *const types[] = { "none", "plain", NULL };
    int type = 1;
    struct reader r;

    open_below(&r, above, "vector", "model.vector");
    reader_enum(&r, "type", types, &type);
    c->inputs.vector = type == 1;
    return reader_close(&r);
}

static int read_category(struct reader *above, struct config *c)
{
    static const char *const types[] = { "none", "embedding", NULL };
    int type = 1;
    struct reader r;

    open_below(&r, above, "category", "model.category");
    reader_enum(&r, "type", types, &type);
    reader_int(&r, "dimension", 0, 4096, &c->model.category_dimension);
    c->inputs.categories = type == 1;
    return reader_close(&r);
}

static int read_number(struct reader *above, struct config *c)
{
    static const char *const types[] = { "none", "bucket", "value", "both",
                                         NULL };
    int type = 1;
    struct reader r;

    open_below(&r, above, "number", "model.number");
    reader_enum(&r, "type", types, &type);
    reader_int(&r, "dimension", 1, 4096, &c->model.number_dimension);
    c->inputs.number_buckets = type & 1;
    c->inputs.number_values = type & 2;
    return reader_close(&r);
}

static int read_initial(struct reader *above, struct initial_options *o)
{
    int scheme = (int)o->scheme;
    struct reader r;

    open_below(&r, above, "initial", "model.initial");
    reader_enum(&r, "scheme", initial_names, &scheme);
    reader_float(&r, "gain", 1e-6, 1e3, &o->gain);
    o->scheme = (enum initial_scheme)scheme;
    return reader_close(&r);
}

static int read_loss(struct reader *above, struct loss_options *o)
{
    struct reader r;

    open_below(&r, above, "loss", "loss");
    reader_float(&r, "smoothing", 0, 0.99, &o->smoothing);
    reader_float(&r, "focus", 0, 20, &o->focus);
    reader_float(&r, "balance", 0, 2, &o->balance);
    return reader_close(&r);
}

static int read_fusion(struct reader *above, struct fusion_options *o)
{
    struct reader r;

    open_below(&r, above, "fusion", "model.fusion");
    reader_int(&r, "depth", 0, 64, &o->depth);
    reader_int(&r, "width", 1, 65536, &o->width);
    reader_float(&r, "dropout", 0, 0.99, &o->dropout);
    reader_bool(&r, "batch_norm", &o->batch_norm);
    return reader_close(&r);
}

static int read_model(struct reader *above, struct config *c)
{
    struct reader r;

    open_below(&r, above, "model", "model");
    if (read_image(&r, c) < 0 || read_text(&r, c) < 0 ||
        read_characters(&r, c) < 0 || read_category(&r, c) < 0 ||
        read_number(&r, c) < 0 || read_vector(&r, c) < 0 ||
        read_sequence(&r, c) < 0 || read_fusion(&r, &c->model.fusion) < 0 ||
        read_initial(&r, &c->model.initial) < 0)
        return -1;
    return reader_close(&r);
}

/* A map from values to weights that are not all 0. */
static void read_weights(struct reader *r, struct sampling_options *o)
{
    size_t i;

    o->weights = reader_kind(r, "weights", TREE_MAP);
    for (i = 0; i < tree_count(o->weights); i++) {
        const struct tree *t = tree_at(o->weights, i);

        if (!tree_is_number(t) || !(tree_number(t) >= 0.001) ||
            !(tree_number(t) <= 1000))
            reader_fail(r, "weights",
                        "%s: expected a number from 0.001 to "
                        "1000",
                        tree_key(o->weights, i));
    }
    if (o->weights && o->kind != SAMPLER_WEIGHTED)
        reader_fail(r, "weights", "only sampler: weighted has weights");
}

static int read_batch(struct reader *above, struct config *c)
{
    struct sampling_options *o = &c->sampling;
    int kind = (int)o->kind, schedule = (int)o->schedule.kind;
    int augment = (int)c->augment;
    struct reader r;

    open_below(&r, above, "batch", "batch");
    reader_int(&r, "size", 1, 1 << 20, &c->batch_size);
    reader_enum(&r, "sampler", sampler_names, &kind);
    o->kind = (enum sampler_kind)kind;
    reader_string(&r, "by", &o->by);
    read_weights(&r, o);
    reader_bool(&r, "distinct", &o->distinct);
    reader_int(&r, "distance", 0, DUPLICATES_DISTANCE_MAX, &o->distance);
    reader_enum(&r, "schedule", schedule_names, &schedule);
    reader_float(&r, "start", 0.001, 0.999, &o->schedule.start);
    reader_int(&r, "ramp_epochs", 1, 1000000, &o->schedule.ramp_epochs);
    reader_enum(&r, "augment", augment_names, &augment);
    o->schedule.kind = (enum schedule_kind)schedule;
    c->augment = (enum augment)augment;
    return reader_close(&r);
}

static int read_feedback(struct reader *above, struct config *c)
{
    struct feedback_options *o = &c->feedback;
    struct reader r;

    open_below(&r, above, "feedback", "feedback");
    reader_float(&r, "strength", 0, 10, &o->strength);
    reader_float(&r, "limit", 1, 1000, &o->limit);
    reader_int(&r, "needed", 0, INT64_MAX, &o->needed);
    reader_string(&r, "template", &o->template);
    if (o->strength > 0 &&
        (c->sampling.kind != SAMPLER_WEIGHTED || c->sampling.weights))
        reader_fail(&r, "strength",
                    "needs batch.sampler: weighted, without "
                    "batch.weights");
    return reader_close(&r);
}

static int read_optimizer(struct reader *above, struct optim_options *o)
{
    int kind = (int)o->kind, schedule = (int)o->schedule;
    struct reader r;

    open_below(&r, above, "optimizer", "optimizer");
    reader_enum(&r, "type", optim_names, &kind);
    reader_float(&r, "lr", 0, 100, &o->lr);
    reader_float(&r, "weight_decay", 0, 100, &o->weight_decay);
    reader_float(&r, "momentum", 0, 0.9999, &o->momentum);
    reader_float(&r, "beta1", 0, 0.9999, &o->beta1);
    reader_float(&r, "beta2", 0, 0.999999, &o->beta2);
    reader_float(&r, "epsilon", 1e-30, 1, &o->epsilon);
    reader_float(&r, "clip", 0, 1e9, &o->clip);
    reader_float(&r, "warmup", 0, 1e6, &o->warmup);
    reader_enum(&r, "schedule", rate_names, &schedule);
    reader_float(&r, "drop", 1e-6, 1, &o->drop);
    reader_float(&r, "drop_every", 0.01, 1e6, &o->drop_every);
    o->kind = (enum optim_kind)kind;
    o->schedule = (enum rate_kind)schedule;
    return reader_close(&r);
}

static int read_distribution(struct reader *above, struct config *c)
{
    struct reader r;

    open_below(&r, above, "distribution", "distribution");
    reader_bool(&r, "late", &c->late);
    return reader_close(&r);
}

static int read_checkpoint(struct reader *above, struct config *c)
{
    struct reader r;

    open_below(&r, above, "checkpoint", "checkpoint");
    reader_int(&r, "every", 0, 1000000, &c->checkpoint_every);
    return reader_close(&r);
}

static int read_all(struct config *c, const char *file, struct error *err)
{
    static const char *const others[] = { "refuse", "fresh", NULL };
    struct reader r;
    int backend = 0, precision = 0, other = 0;

    reader_open(&r, c->source, file, "", err);
    reader_need(&r, "data");
    reader_string(&r, "data", &c->data);
    reader_string(&r, "init_from", &c->init_from);
    reader_enum(&r, "init_other", others, &other);
    c->init_fresh = other == 1;
    reader_int(&r, "epochs", 1, 1000000, &c->epochs);
    reader_int(&r, "seed", 0, INT64_MAX, &c->seed);
    reader_int(&r, "threads", 1, 1024, &c->threads);
    reader_int(&r, "helpers", 0, 1, &c->helpers);
    reader_int(&r, "folds", 0, 16, &c->folds);
    reader_seconds(&r, "watchdog", &c->watchdog_s);
    reader_enum(&r, "backend", backend_names, &backend);
    reader_enum(&r, "precision", precision_names, &precision);
    c->backend = backend_names[backend];
    c->precision = (enum precision)precision;
    if (!backend_has(c->backend, c->precision))
        reader_fail(&r, "precision", "backend %s has no %s", c->backend,
                    precision_names[precision]);
    if (r.failed)
        return reader_close(&r);
    if (read_batch(&r, c) < 0 || read_feedback(&r, c) < 0 ||
        read_model(&r, c) < 0 || read_loss(&r, &c->model.loss) < 0 ||
        read_optimizer(&r, &c->optimizer) < 0 || read_distribution(&r, c) < 0 ||
        read_checkpoint(&r, c) < 0)
        return -1;
    return reader_close(&r);
}

/* Whether the sentence is about the value set under 'key' (its first 'size'
 * characters): it has the name, or one of its parts as an unknown key. */
static bool is_about(const char *what, const char *key, size_t size)
{
    char name[128], part[128];
    const char *at = key, *end = key + size;

    snprintf(name, sizeof name, "%.*s", (int)size, key);
    if (strstr(what, name))
        return true;
    for (; at < end; at += strcspn(at, ".=") + 1) {
        snprintf(part, sizeof part, "key '%.*s'", (int)strcspn(at, ".="), at);
        if (strstr(what, part))
            return true;
    }
    return false;
}

/* An error that has no line of the file is about a value set by name: say
 * which. */
static void blame_setting(const struct tree *set, const char *const *settings,
                          int count, struct error *err)
{
    const char *key;
    size_t i;
    int k;

    for (i = 0; i < tree_count(set); i++) {
        key = tree_key(set, i);
        if (is_about(err->what, key, strlen(key)))
            error_where(err, "parameter %s", key);
    }
    for (k = 0; k < count; k++)
        if (is_about(err->what, settings[k], strcspn(settings[k], "=")))
            error_where(err, "--set %s", settings[k]);
}

static int put(struct config *c, const char *key, struct tree *value,
               struct error *err)
{
    if (tree_put(c->source, key, value) < 0)
        return error_usage(err, "cannot set '%s': a part of it is no map", key);
    return 0;
}

static int put_params(struct config *c, const struct tree *params,
                      struct error *err)
{
    struct tree *value;
    size_t i;

    for (i = 0; i < tree_count(params); i++) {
        value = tree_copy(tree_at(params, i));
        if (!value)
            return error_memory(err);
        tree_place(value, 0, 0);
        if (put(c, tree_key(params, i), value, err) < 0)
            return -1;
    }
    return 0;
}

static int put_setting(struct config *c, const char *setting, struct error *err)
{
    const char *equals = strchr(setting, '=');
    struct tree *value;
    char *key;
    int rc;

    if (!equals || equals == setting)
        return error_usage(err, "--set %s: expected key=value", setting);
    value = yaml_parse(equals + 1, strlen(equals + 1), "--set", err);
    if (!value)
        return -1;
    tree_place(value, 0, 0);
    key = text_print("%.*s", (int)(equals - setting), setting);
    if (!key) {
        tree_destroy(value);
        return error_memory(err);
    }
    rc = put(c, key, value, err);
    free(key);
    return rc;
}

static int finish(struct config *c, const char *name, const char *params,
                  const char *const *settings, int count, struct error *err)
{
    struct tree *set = NULL;
    int rc = -1, i;

    if (tree_kind(c->source) != TREE_MAP) {
        reader_error_at(err, name, c->source, "expected a map of settings");
        goto out;
    }
    if (params) {
        set = json_parse(params, strlen(params), "SENTEI_PARAMS", err);
        if (!set || put_params(c, set, err) < 0)
            goto out;
    }
    for (i = 0; i < count; i++)
        if (put_setting(c, settings[i], err) < 0)
            goto out;
    rc = read_all(c, name, err);
    if (rc < 0 && strcmp(err->where, name) == 0)
        blame_setting(set, settings, count, err);
out:
    tree_destroy(set);
    if (rc < 0)
        config_clear(c);
    return rc;
}

int config_read(struct config *c, const char *path, const char *params,
                const char *const *settings, int count, struct error *err)
{
    *c = defaults;
    c->source = yaml_read(path, err);
    if (!c->source)
        return -1;
    return finish(c, path, params, settings, count, err);
}

int config_parse(struct config *c, const char *text, const char *name,
                 const char *params, const char *const *settings, int count,
                 struct error *err)
{
    *c = defaults;
    c->source = yaml_parse(text, strlen(text), name, err);
    if (!c->source)
        return -1;
    return finish(c, name, params, settings, count, err);
}

void config_clear(struct config *c)
{
    tree_destroy(c->source);
    memset(c, 0, sizeof *c);
}
