/* See onnx.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/onnx/onnx.h"

#include <stdio.h>
#include <string.h>

/* The graph at hand. */
struct work {
    const struct onnx_source *from;
    const struct feed *feed;
    struct layers layers;
    const char **value;   /* of each input of the feed, its name */
    const char **feature; /* in the order of their columns */
    size_t features;
};

/* The input of this kind and index; "" where there is none. */
static const char *fed(const struct work *w, enum feed_kind kind, size_t index)
{
    size_t i;

    for (i = 0; i < w->feed->count; i++)
        if (w->feed->input[i].kind == kind && w->feed->input[i].index == index)
            return w->value[i];
    return "";
}

static void add_feature(struct work *w, const char *value)
{
    w->feature[w->features++] = value;
}

static const char *join(struct work *w, size_t count, const char *const *value)
{
    const char *all = graph_node_of(w->layers.graph, "Concat", count, value);

    graph_set_int(w->layers.graph, "axis", 1);
    return all;
}

static void add_tables(struct work *w)
{
    const struct inputs *in = w->from->inputs;
    struct layers *l = &w->layers;
    const char *id;
    size_t i;

    for (i = 0; i < in->table_count; i++) {
        const struct input_table *t = &in->table[i];

        if (t->kind == INPUT_WORDS)
            continue;
        if (t->kind == INPUT_CATEGORY)
            id = fed(w, FEED_CATEGORY, i);
        else if (t->kind == INPUT_NUMBER)
            id = layers_bucket(l, &w->from->data->number[t->field],
                               fed(w, FEED_NUMBER, t->field));
        else
            id = fed(w, FEED_ID, i);
        add_feature(w, t->kind <= INPUT_CHARACTERS
                           ? layers_bag(l, t->name, id, fed(w, FEED_WEIGHT, i))
                           : layers_gather(l, t->name, id));
    }
}

/* The words' embeddings, nothing where no word is. */
static const char *words(struct work *w, size_t table)
{
    struct graph *g = w->layers.graph;
    const char *name = w->from->inputs->table[table].name;
    const char *x = layers_gather(&w->layers, name, fed(w, FEED_ID, table));
    const char *weight = graph_node(g, "Unsqueeze", fed(w, FEED_WEIGHT, table),
                                    graph_long(g, 2));

    return graph_node(g, "Mul", x, weight);
}

static void add_sequences(struct work *w)
{
    const struct model *m = w->from->model;
    const struct inputs *in = w->from->inputs;

    if (m->words.on)
        add_feature(w, layers_sequence(&w->layers, &m->words, "text",
                                       feed_positions(&in->words),
                                       words(w, m->words_table),
                                       fed(w, FEED_LENGTH, m->words_table)));
    if (m->frames.on)
        add_feature(w, layers_sequence(&w->layers, &m->frames, "sequence",
                                       feed_positions(&in->frames),
                                       layers_standard(&w->layers, "frames",
                                                       fed(w, FEED_FRAMES, 0)),
                                       fed(w, FEED_FRAMES_LENGTH, 0)));
}

/* Numbers, vector, frames side by side, by their standard. */
static void add_dense(struct work *w)
{
    const struct inputs *in = w->from->inputs;
    struct graph *g = w->layers.graph;
    const char **column = graph_room(g, in->numbers + 2, sizeof *column);
    size_t count = 0, i;

    if (!column || inputs_dense(in) == 0)
        return;
    for (i = 0; i < in->numbers; i++)
        column[count++] = layers_value(&w->layers, fed(w, FEED_NUMBER, i));
    if (in->vector_size > 0)
        column[count++] = fed(w, FEED_VECTOR, 0);
    if (in->frames.kind == SEQUENCE_FLAT && in->frame_size > 0)
        column[count++] = graph_node(g, "Flatten", fed(w, FEED_FRAMES, 0));
    add_feature(w,
                layers_standard(&w->layers, "dense", join(w, count, column)));
}

/* Logits to probabilities, as calibration_apply() makes them. */
static const char *calibrate(struct work *w, const char *logit)
{
    const struct calibration *c = w->from->calibration;
    struct graph *g = w->layers.graph;
    struct graph_tensor shift = { .name = "calibration.shift",
                                  .type = GRAPH_FLOAT,
                                  .rank = 1,
                                  .shape = { (int64_t)c->outputs },
                                  .data = c->shift };

    if (w->from->kind != CALIBRATION_NONE)
        logit = graph_node(g, "Add", logit, graph_constant(g, &shift));
    if (w->from->kind == CALIBRATION_FIT) {
        logit = graph_node(g, "Mul", logit, graph_float(g, c->line[0]));
        if (c->outputs == 1)
            logit = graph_node(g, "Add", logit, graph_float(g, c->line[1]));
    }
    if (c->outputs == 1)
        return graph_node(g, "Sigmoid", logit);
    logit = graph_node(g, "Softmax", logit);
    graph_set_int(g, "axis", 1);
    return logit;
}

/* The features, in the order of make_parts() of model/model.c. */
static void build(struct work *w)
{
    const struct model *m = w->from->model;
    struct graph *g = w->layers.graph;
    struct graph_tensor score = { .name = "score",
                                  .type = GRAPH_FLOAT,
                                  .rank = 2,
                                  .shape = { GRAPH_ROWS,
                                             (int64_t)m->loss.outputs } };
    size_t i;

    for (i = 0; i < w->feed->count; i++)
        w->value[i] =
            graph_input(g, &w->feed->input[i].type, w->feed->input[i].meaning);
    if (m->has_image)
        add_feature(w,
                    layers_image(&w->layers, &m->image, fed(w, FEED_IMAGE, 0)));
    add_tables(w);
    add_sequences(w);
    add_dense(w);
    graph_output(g,
                 calibrate(w, layers_fusion(&w->layers, &m->fusion,
                                            join(w, w->features, w->feature))),
                 &score);
}

int onnx_write(const struct onnx_source *s, const struct feed *f,
               const char *path, struct error *err)
{
    struct graph *g = graph_create();
    struct work w = { .from = s,
                      .feed = f,
                      .layers = { g, s->tensor, s->tensor_count, "" } };
    int rc = -1;

    if (!g)
        return error_memory(err);
    w.value = graph_room(g, f->count, sizeof *w.value);
    w.feature = graph_room(g, s->inputs->table_count + 4, sizeof *w.feature);
    if (!w.value || !w.feature)
        error_memory(err);
    else
        build(&w);
    if (w.layers.missing[0])
        error_set(err, "the model has no numbers '%s'", w.layers.missing);
    else if (w.value && w.feature)
        rc = graph_write(g, s->data->name, path, err);
    graph_destroy(g);
    return rc;
}
