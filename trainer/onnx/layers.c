/* See layers.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/onnx/layers.h"

#include <float.h>
#include <stdio.h>
#include <string.h>

/* --- numbers that were learned ----------------------------------------------- */

static const struct tensor *find(struct layers *l, const char *name)
{
    static const struct tensor nothing = { .name = "" };
    size_t i;

    for (i = 0; i < l->tensor_count; i++)
        if (strcmp(l->tensor[i].name, name) == 0)
            return &l->tensor[i];
    if (!l->missing[0])
        snprintf(l->missing, sizeof l->missing, "%s", name);
    return &nothing;
}

/* A constant of learned numbers; inputs may have the names that these have. */
static const char *learned(struct layers *l, struct graph_tensor t)
{
    char name[160];

    snprintf(name, sizeof name, "weights.%s", t.name);
    t.name = name;
    return graph_constant(l->graph, &t);
}

static struct graph_tensor floats(const char *name, const void *data,
                                  size_t count)
{
    return (struct graph_tensor){ .name = name,
                                  .type = GRAPH_FLOAT,
                                  .rank = 1,
                                  .shape = { (int64_t)count },
                                  .data = data };
}

const char *layers_weight(struct layers *l, const char *name)
{
    const struct tensor *t = find(l, name);
    struct graph_tensor g = floats(name, t->data, 0);
    size_t i;

    g.rank = t->rank;
    for (i = 0; i < t->rank; i++)
        g.shape[i] = (int64_t)t->shape[i];
    return learned(l, g);
}

/* "<name>.<ending>" */
static const char *weight_of(struct layers *l, const char *name,
                             const char *ending)
{
    char whole[128];

    snprintf(whole, sizeof whole, "%s.%s", name, ending);
    return layers_weight(l, whole);
}

static const char *reshape(struct layers *l, const char *x, size_t rank,
                           const int64_t *shape)
{
    return graph_node(l->graph, "Reshape", x,
                      graph_longs(l->graph, rank, shape));
}

static const char *cast(struct layers *l, const char *x, enum graph_type type)
{
    const char *name = graph_node(l->graph, "Cast", x);

    graph_set_int(l->graph, "to", (int64_t)type);
    return name;
}

static const char *unsqueeze(struct layers *l, const char *x, int64_t axis)
{
    return graph_node(l->graph, "Unsqueeze", x, graph_long(l->graph, axis));
}

static const char *transpose(struct layers *l, const char *x,
                             const int64_t order[3])
{
    const char *name = graph_node(l->graph, "Transpose", x);

    graph_set_ints(l->graph, "perm", 3, order);
    return name;
}

/* --- tables and numbers ------------------------------------------------------ */

const char *layers_gather(struct layers *l, const char *name, const char *id)
{
    return graph_node(l->graph, "Gather", layers_weight(l, name), id);
}

const char *layers_bag(struct layers *l, const char *name, const char *id,
                       const char *weight)
{
    struct graph *g = l->graph;
    const char *sum = graph_node(g, "MatMul", unsqueeze(l, weight, 1),
                                 layers_gather(l, name, id));

    return graph_node(g, "Squeeze", sum, graph_long(g, 1));
}

/* How many edges are not above it; one more than there are for NaN. */
const char *layers_bucket(struct layers *l, const struct number_field *f,
                          const char *number)
{
    struct graph *g = l->graph;
    char name[96];
    struct graph_tensor edges = { .name = name,
                                  .type = GRAPH_DOUBLE,
                                  .rank = 1,
                                  .shape = { (int64_t)f->edge_count },
                                  .data = f->edges };
    const char *x = unsqueeze(l, cast(l, number, GRAPH_DOUBLE), 1);
    const char *below, *none;

    snprintf(name, sizeof name, "number.%s.edges", f->name);
    none = cast(l, graph_node(g, "IsNaN", number), GRAPH_LONG);
    none =
        graph_node(g, "Mul", none, graph_long(g, (int64_t)f->edge_count + 1));
    if (f->edge_count == 0)
        return none;
    below = graph_node(g, "GreaterOrEqual", x, learned(l, edges));
    below = graph_node(g, "ReduceSum", cast(l, below, GRAPH_LONG),
                       graph_long(g, 1));
    graph_set_int(g, "keepdims", 0);
    return graph_node(g, "Add", below, none);
}

const char *layers_value(struct layers *l, const char *number)
{
    struct graph *g = l->graph;
    const char *x = unsqueeze(l, number, 1), *bent, *both;
    const char *none = cast(l, graph_node(g, "IsNaN", x), GRAPH_FLOAT);

    bent = graph_node(g, "Add", graph_node(g, "Abs", x), graph_float(g, 1));
    bent = graph_node(g, "Mul", graph_node(g, "Sign", x),
                      graph_node(g, "Log", bent));
    both = graph_node(g, "Concat", bent, none);
    graph_set_int(g, "axis", 1);
    return both;
}

const char *layers_standard(struct layers *l, const char *name, const char *x)
{
    struct graph *g = l->graph;
    const char *y = graph_node(g, "Sub", x, weight_of(l, name, "mean"));

    y = graph_node(g, "Mul", y, weight_of(l, name, "scale"));
    return graph_node(g, "Where", graph_node(g, "IsNaN", x), graph_float(g, 0),
                      y);
}

/* --- batch norm, or a bias, and ReLU ------------------------------------------ */

/* Batch norm by the running statistics [2][channels]. */
static const char *standardise(struct layers *l, const char *name,
                               size_t channels, const char *x)
{
    char means[128], squares[128], running[128];
    const unsigned char *data;
    struct graph_tensor mean, variance;
    const char *y;

    snprintf(running, sizeof running, "%s.running", name);
    snprintf(means, sizeof means, "%s.mean", name);
    snprintf(squares, sizeof squares, "%s.variance", name);
    data = (const unsigned char *)find(l, running)->data;
    mean = floats(means, data, data ? channels : 0);
    variance = floats(squares, data ? data + channels * sizeof(float) : NULL,
                      data ? channels : 0);
    y = graph_node(l->graph, "BatchNormalization", x,
                   weight_of(l, name, "weight"), weight_of(l, name, "bias"),
                   learned(l, mean), learned(l, variance));
    graph_set_float(l->graph, "epsilon", (float)NORM_EPSILON);
    return y;
}

/* 'axes' behind the channels. */
static const char *norm(struct layers *l, const struct norm *n,
                        const char *name, size_t axes, const char *x)
{
    const int64_t shape[] = { -1, 1, 1 };
    const char *y;

    if (n->on)
        y = standardise(l, name, n->shape.channels, x);
    else
        y = graph_node(l->graph, "Add", x,
                       reshape(l, weight_of(l, name, "bias"), 1 + axes, shape));
    return n->relu ? graph_node(l->graph, "Relu", y) : y;
}

/* --- the image tower ---------------------------------------------------------- */

/* 'y' and what went around the block, whose missing channels are zero. */
static const char *close_block(struct layers *l, const char *around,
                               size_t missing, const char *y)
{
    const int64_t pads[] = { 0, 0, 0, 0, 0, (int64_t)missing, 0, 0 };
    struct graph *g = l->graph;

    if (missing > 0)
        around = graph_node(g, "Pad", around, graph_longs(g, 8, pads));
    return graph_node(g, "Relu", graph_node(g, "Add", y, around));
}

static const char *image_layer(struct layers *l, const struct image_tower *t,
                               size_t i, const char *x)
{
    static const int64_t around[] = { 1, 1, 1, 1 };
    const struct image_layer *at = &t->layer[i];
    struct graph *g = l->graph;
    char name[64];
    const char *y;

    snprintf(name, sizeof name, "image.%zu.conv.weight", i);
    y = graph_node(g, "Conv", x, layers_weight(l, name));
    graph_set_ints(g, "pads", 4, around);
    snprintf(name, sizeof name, "image.%zu.norm", i);
    y = norm(l, &at->norm, name, 2, y);
    return y;
}

const char *layers_image(struct layers *l, const struct image_tower *t,
                         const char *pixels)
{
    static const int64_t twice[] = { 2, 2 };
    struct graph *g = l->graph;
    const char *x = cast(l, pixels, GRAPH_FLOAT), *block = x, *y;
    size_t i;

    x = graph_node(g, "Sub", x, graph_float(g, 128));
    x = graph_node(g, "Div", x, graph_float(g, 64));
    for (i = 0; i < t->count; i++) {
        const struct image_layer *at = &t->layer[i];

        y = image_layer(l, t, i, x);
        if (at->closes)
            y = close_block(l, block,
                            at->out.channels - t->layer[i - 1].in.channels, y);
        if (at->pooled) {
            y = graph_node(g, "MaxPool", y);
            graph_set_ints(g, "kernel_shape", 2, twice);
            graph_set_ints(g, "strides", 2, twice);
        }
        block = x; /* what this layer looked at */
        x = y;
    }
    y = graph_node(g, "Flatten", graph_node(g, "GlobalAveragePool", x));
    return y;
}

/* --- towers over sequences ------------------------------------------------------ */

/* Weights [size][width][in] as a convolution's [width][in][size]. */
static const char *window_weight(struct layers *l, const char *name)
{
    static const int64_t order[] = { 1, 2, 0 };

    return transpose(l, layers_weight(l, name), order);
}

/* The largest answers of one window, [rows][width]; x: [rows][in][positions].
 * Windows are looked at that lie within the length; the first always is. */
static const char *peak(struct layers *l, const char *name, size_t size,
                        size_t positions, const char *x, const char *length)
{
    size_t places = positions - size + 1, i;
    int64_t *place = graph_room(l->graph, places, sizeof *place), axis = 2;
    struct graph *g = l->graph;
    const char *y, *last, *there;
    char whole[128];

    for (i = 0; place && i < places; i++)
        place[i] = (int64_t)i;
    snprintf(whole, sizeof whole, "%s.%zu.weight", name, size);
    y = graph_node(g, "Conv", x, window_weight(l, whole));
    last = graph_node(g, "Sub", length, graph_long(g, (int64_t)size));
    last = graph_node(g, "Max", last, graph_long(g, 0));
    last = unsqueeze(l, unsqueeze(l, last, 1), 2);
    there = graph_node(g, "LessOrEqual",
                       place ? graph_longs(g, places, place) : "", last);
    y = graph_node(g, "Where", there, y, graph_float(g, -FLT_MAX));
    y = graph_node(g, "ReduceMax", y);
    graph_set_ints(g, "axes", 1, &axis);
    graph_set_int(g, "keepdims", 0);
    return y;
}

static const char *windows(struct layers *l, const struct windows *w,
                           const char *name, size_t positions, const char *x,
                           const char *length)
{
    static const int64_t order[] = { 0, 2, 1 };
    const char **peaks = graph_room(l->graph, w->count, sizeof *peaks), *y;
    struct graph *g = l->graph;
    size_t i;

    if (!peaks)
        return "";
    x = transpose(l, x, order);
    for (i = 0; i < w->count; i++)
        peaks[i] = peak(l, name, w->shortest + i, positions, x, length);
    y = graph_node_of(g, "Concat", w->count, peaks);
    graph_set_int(g, "axis", 1);
    y = graph_node(g, "Add", y, weight_of(l, name, "bias"));
    return graph_node(g, "Relu", y);
}

/* One array of all directions: the gates' blocks of "<name>.<direction>.<ending>"
 * (input, forget, new, output) in ONNX's order (input, output, forget, new), each
 * of 'size' floats. */
static const char *gates(struct layers *l, const struct sequence_tower *t,
                         const char *name, const char *ending, size_t size,
                         size_t rank, const int64_t *shape)
{
    static const size_t from[] = { 0, 3, 1, 2 };
    float *to = graph_room(l->graph, t->directions * 4 * size, sizeof *to);
    struct graph_tensor g = floats(NULL, to, 0);
    char whole[128];
    size_t d, k;

    for (d = 0; to && d < t->directions; d++) {
        const unsigned char *data;

        snprintf(whole, sizeof whole, "%s.%zu.%s", name, d, ending);
        data = (const unsigned char *)find(l, whole)->data;
        for (k = 0; data && k < 4; k++)
            memcpy(to + (4 * d + k) * size, data + from[k] * size * sizeof *to,
                   size * sizeof *to);
    }
    g.rank = rank;
    memcpy(g.shape, shape, rank * sizeof *shape);
    return to ? graph_constant(l->graph, &g) : "";
}

/* The biases; the forget gate's is one more (see lstm_forward of backends). */
static const char *lstm_bias(struct layers *l, const struct sequence_tower *t,
                             const char *name)
{
    size_t units = t->lstm[0].units, count = 8 * units, i;
    int64_t shape[] = { (int64_t)t->directions, (int64_t)(4 * units) };
    const int64_t pads[] = { 0, 0, 0, (int64_t)(4 * units) };
    float *one = graph_room(l->graph, count, sizeof *one);
    const char *bias = gates(l, t, name, "bias", units, 2, shape);
    struct graph_tensor add = floats(NULL, one, 4 * units);

    for (i = 2 * units; one && i < 3 * units; i++)
        one[i] = 1;
    if (!one)
        return "";
    bias = graph_node(l->graph, "Add", bias, graph_constant(l->graph, &add));
    return graph_node(l->graph, "Pad", bias, graph_longs(l->graph, 4, pads));
}

/* The last states; zero where there is nothing to read, which ONNX's operator
 * does not know: it reads one position then. */
static const char *lstm(struct layers *l, const struct sequence_tower *t,
                        const char *name, const char *x, const char *length)
{
    static const int64_t order[] = { 1, 0, 2 };
    int64_t units = (int64_t)t->lstm[0].units, ways = (int64_t)t->directions;
    int64_t in[] = { ways, 4 * units, (int64_t)t->lstm[0].in };
    int64_t state[] = { ways, 4 * units, units }, flat[] = { -1, ways * units };
    struct graph *g = l->graph;
    const char *one = graph_long(g, 1), *kept, *y;

    kept = graph_node(g, "Max", length, one);
    y = graph_node(
        g, "LSTM", transpose(l, x, order),
        gates(l, t, name, "in.weight", (size_t)(units * in[2]), 3, in),
        gates(l, t, name, "state.weight", (size_t)(units * units), 3, state),
        lstm_bias(l, t, name), cast(l, kept, GRAPH_INT));
    graph_want_second(g);
    graph_set_int(g, "hidden_size", units);
    graph_set_string(g, "direction", ways > 1 ? "bidirectional" : "forward");
    y = reshape(l, transpose(l, y, order), 2, flat);
    kept = cast(l, graph_node(g, "Min", length, one), GRAPH_FLOAT);
    return graph_node(g, "Mul", y, unsqueeze(l, kept, 1));
}

const char *layers_sequence(struct layers *l, const struct sequence_tower *t,
                            const char *name, size_t positions, const char *x,
                            const char *length)
{
    char whole[64];

    if (t->directions == 0) {
        snprintf(whole, sizeof whole, "%s.cnn", name);
        return windows(l, &t->windows, whole, positions, x, length);
    }
    snprintf(whole, sizeof whole, "%s.lstm", name);
    return lstm(l, t, whole, x, length);
}

/* --- the fusion ---------------------------------------------------------------- */

const char *layers_fusion(struct layers *l, const struct fusion *f,
                          const char *features)
{
    struct graph *g = l->graph;
    const char *x = features;
    char name[64];
    size_t i;

    for (i = 0; i < f->count; i++) {
        snprintf(name, sizeof name, "fusion.%zu.linear.weight", i);
        x = graph_node(g, "Gemm", x, layers_weight(l, name));
        graph_set_int(g, "transB", 1);
        snprintf(name, sizeof name, "fusion.%zu.norm", i);
        x = norm(l, &f->layer[i].norm, name, 0, x);
    }
    x = graph_node(g, "Gemm", x, layers_weight(l, "fusion.out.weight"),
                   layers_weight(l, "fusion.out.bias"));
    graph_set_int(g, "transB", 1);
    return x;
}
