/* See graph.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/onnx/graph.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <onnx.pb-c.h>

#include "base/file.h"

enum { IR_VERSION = 7 }; /* of the year of opset 13 */
enum { MOST_ATTRIBUTES = 4, NAME_SIZE = 16 };

/* Pointers, as many as come. */
struct list {
    void **item;
    size_t count, capacity;
};

struct graph {
    struct list room; /* all memory of what follows */
    struct list nodes, inputs, outputs, constants;
    size_t names;
    bool failed;
};

struct graph *graph_create(void)
{
    return calloc(1, sizeof(struct graph));
}

void graph_destroy(struct graph *g)
{
    size_t i;

    if (!g)
        return;
    for (i = 0; i < g->room.count; i++)
        free(g->room.item[i]);
    free(g->room.item);
    free(g->nodes.item);
    free(g->inputs.item);
    free(g->outputs.item);
    free(g->constants.item);
    free(g);
}

/* --- memory ------------------------------------------------------------------ */

static int append(struct graph *g, struct list *l, void *item)
{
    size_t capacity = l->capacity ? 2 * l->capacity : 64;
    void **more;

    if (item && l->count == l->capacity) {
        more = realloc(l->item, capacity * sizeof *more);
        if (more) {
            l->item = more;
            l->capacity = capacity;
        }
    }
    if (!item || l->count == l->capacity) {
        g->failed = true;
        return -1;
    }
    l->item[l->count++] = item;
    return 0;
}

void *graph_room(struct graph *g, size_t count, size_t size)
{
    void *room = calloc(count + 1, size);

    if (append(g, &g->room, room) == 0)
        return room;
    free(room);
    return NULL;
}

static char *copy_name(struct graph *g, const char *name)
{
    size_t size = strlen(name) + 1;
    char *copy = graph_room(g, size, 1);

    return copy ? memcpy(copy, name, size) : NULL;
}

/* A name that nothing has yet; "" when memory is out. */
static char *new_name(struct graph *g)
{
    static char none[] = "";
    char *name = graph_room(g, NAME_SIZE, 1);

    if (!name)
        return none;
    snprintf(name, NAME_SIZE, "_%zu", g->names++);
    return name;
}

/* --- values ------------------------------------------------------------------ */

static size_t bytes_of(const struct graph_tensor *t)
{
    size_t bytes = t->type == GRAPH_BYTE                              ? 1
                   : t->type == GRAPH_LONG || t->type == GRAPH_DOUBLE ? 8
                                                                      : 4;
    size_t i;

    for (i = 0; i < t->rank; i++)
        bytes *= (size_t)t->shape[i];
    return bytes;
}

static Onnx__TensorProto tensor_of(const struct graph_tensor *t, char *name)
{
    Onnx__TensorProto p = ONNX__TENSOR_PROTO__INIT;

    p.name = name;
    p.has_data_type = true;
    p.data_type = (int32_t)t->type;
    p.n_dims = t->rank;
    p.dims = (int64_t *)(uintptr_t)t->shape;
    p.has_raw_data = true;
    p.raw_data.len = bytes_of(t);
    p.raw_data.data = (uint8_t *)(uintptr_t)t->data;
    return p;
}

const char *graph_constant(struct graph *g, const struct graph_tensor *t)
{
    Onnx__TensorProto *p = graph_room(g, 1, sizeof *p);
    int64_t *shape = graph_room(g, GRAPH_MAX_RANK, sizeof *shape);
    char *name = t->name ? copy_name(g, t->name) : new_name(g);

    if (!p || !shape || !name)
        return "";
    memcpy(shape, t->shape, sizeof t->shape);
    *p = tensor_of(t, name);
    p->dims = shape;
    append(g, &g->constants, p);
    return name;
}

const char *graph_longs(struct graph *g, size_t count, const int64_t *value)
{
    int64_t *copy = graph_room(g, count, sizeof *copy);

    if (!copy)
        return "";
    memcpy(copy, value, count * sizeof *copy);
    return graph_constant(g,
                          &(struct graph_tensor){ .type = GRAPH_LONG,
                                                  .rank = 1,
                                                  .shape = { (int64_t)count },
                                                  .data = copy });
}

const char *graph_long(struct graph *g, int64_t value)
{
    return graph_longs(g, 1, &value);
}

const char *graph_float(struct graph *g, float value)
{
    float *copy = graph_room(g, 1, sizeof *copy);

    if (!copy)
        return "";
    *copy = value;
    return graph_constant(
        g, &(struct graph_tensor){ .type = GRAPH_FLOAT, .data = copy });
}

/* One axis of a type. */
static Onnx__TensorShapeProto__Dimension *axis(struct graph *g, int64_t size,
                                               const char *name)
{
    Onnx__TensorShapeProto__Dimension *d = graph_room(g, 1, sizeof *d);
    char many[96];

    if (!d)
        return NULL;
    onnx__tensor_shape_proto__dimension__init(d);
    snprintf(many, sizeof many, "%s.count", name);
    d->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_PARAM;
    if (size == GRAPH_ROWS)
        d->dim_param = copy_name(g, "rows");
    else if (size == GRAPH_MANY)
        d->dim_param = copy_name(g, many);
    else {
        d->value_case = ONNX__TENSOR_SHAPE_PROTO__DIMENSION__VALUE_DIM_VALUE;
        d->dim_value = size;
    }
    return d;
}

static Onnx__TensorShapeProto *shape_of(struct graph *g,
                                        const struct graph_tensor *t)
{
    Onnx__TensorShapeProto *s = graph_room(g, 1, sizeof *s);
    size_t i;

    if (!s)
        return NULL;
    onnx__tensor_shape_proto__init(s);
    s->dim = graph_room(g, t->rank, sizeof *s->dim);
    for (i = 0; s->dim && i < t->rank; i++)
        s->dim[s->n_dim++] = axis(g, t->shape[i], t->name);
    return s;
}

/* A named type of an array. */
static Onnx__ValueInfoProto *value_of(struct graph *g,
                                      const struct graph_tensor *t)
{
    Onnx__ValueInfoProto *v = graph_room(g, 1, sizeof *v);
    Onnx__TypeProto *type = graph_room(g, 1, sizeof *type);
    Onnx__TypeProto__Tensor *tensor = graph_room(g, 1, sizeof *tensor);

    if (!v || !type || !tensor)
        return NULL;
    onnx__value_info_proto__init(v);
    onnx__type_proto__init(type);
    onnx__type_proto__tensor__init(tensor);
    v->name = copy_name(g, t->name);
    v->type = type;
    type->value_case = ONNX__TYPE_PROTO__VALUE_TENSOR_TYPE;
    type->tensor_type = tensor;
    tensor->has_elem_type = true;
    tensor->elem_type = (int32_t)t->type;
    tensor->shape = shape_of(g, t);
    return v;
}

const char *graph_input(struct graph *g, const struct graph_tensor *t,
                        const char *meaning)
{
    Onnx__ValueInfoProto *v = value_of(g, t);

    if (append(g, &g->inputs, v) < 0)
        return "";
    v->doc_string = copy_name(g, meaning);
    return v->name ? v->name : "";
}

void graph_output(struct graph *g, const char *value,
                  const struct graph_tensor *t)
{
    Onnx__ValueInfoProto *v = value_of(g, t);
    Onnx__NodeProto *n;

    graph_node(g, "Identity", value);
    if (append(g, &g->outputs, v) < 0 || g->failed)
        return;
    n = g->nodes.item[g->nodes.count - 1];
    n->output[0] = v->name;
}

/* --- nodes ------------------------------------------------------------------- */

const char *graph_node_of(struct graph *g, const char *op, size_t count,
                          const char *const *input)
{
    Onnx__NodeProto *n = graph_room(g, 1, sizeof *n);
    char *name = new_name(g);
    size_t i;

    if (!n)
        return "";
    onnx__node_proto__init(n);
    n->op_type = copy_name(g, op);
    n->input = graph_room(g, count, sizeof *n->input);
    n->output = graph_room(g, 2, sizeof *n->output);
    n->attribute = graph_room(g, MOST_ATTRIBUTES, sizeof *n->attribute);
    if (!n->op_type || !n->input || !n->output || !n->attribute)
        return "";
    for (i = 0; i < count; i++)
        n->input[i] = copy_name(g, input[i]);
    n->n_input = count;
    n->output[n->n_output++] = name;
    append(g, &g->nodes, n);
    return name;
}

void graph_want_second(struct graph *g)
{
    Onnx__NodeProto *n;

    if (g->failed)
        return;
    n = g->nodes.item[g->nodes.count - 1];
    n->output[1] = n->output[0];
    n->output[0] = copy_name(g, "");
    n->n_output = 2;
}

/* A new attribute of the last node, or NULL. */
static Onnx__AttributeProto *attribute(struct graph *g, const char *name,
                                       Onnx__AttributeProto__AttributeType type)
{
    Onnx__AttributeProto *a = graph_room(g, 1, sizeof *a);
    Onnx__NodeProto *n;

    if (!a || g->failed)
        return NULL;
    n = g->nodes.item[g->nodes.count - 1];
    assert(n->n_attribute < MOST_ATTRIBUTES);
    onnx__attribute_proto__init(a);
    a->name = copy_name(g, name);
    a->has_type = true;
    a->type = type;
    n->attribute[n->n_attribute++] = a;
    return a;
}

void graph_set_int(struct graph *g, const char *name, int64_t value)
{
    Onnx__AttributeProto *a =
        attribute(g, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INT);

    if (!a)
        return;
    a->has_i = true;
    a->i = value;
}

void graph_set_float(struct graph *g, const char *name, float value)
{
    Onnx__AttributeProto *a =
        attribute(g, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__FLOAT);

    if (!a)
        return;
    a->has_f = true;
    a->f = value;
}

void graph_set_ints(struct graph *g, const char *name, size_t count,
                    const int64_t *value)
{
    Onnx__AttributeProto *a =
        attribute(g, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__INTS);
    int64_t *copy = graph_room(g, count, sizeof *copy);

    if (!a || !copy)
        return;
    memcpy(copy, value, count * sizeof *copy);
    a->n_ints = count;
    a->ints = copy;
}

void graph_set_string(struct graph *g, const char *name, const char *value)
{
    Onnx__AttributeProto *a =
        attribute(g, name, ONNX__ATTRIBUTE_PROTO__ATTRIBUTE_TYPE__STRING);
    char *copy = copy_name(g, value);

    if (!a || !copy)
        return;
    a->has_s = true;
    a->s.len = strlen(copy);
    a->s.data = (uint8_t *)copy;
}

/* --- files ------------------------------------------------------------------- */

/* protobuf's messages are of less than 2 GiB. */
static int write_message(const ProtobufCMessage *m, const char *path,
                         struct error *err)
{
    size_t size = protobuf_c_message_get_packed_size(m);
    uint8_t *bytes = NULL;
    int rc = -1;

    if (size > INT32_MAX) {
        error_usage(err,
                    "as ONNX the model takes %zu bytes, and the format "
                    "holds 2 GiB",
                    size);
        return error_hint(err, "train with fewer 'buckets' or smaller "
                               "dimensions, or use model.safetensors");
    }
    bytes = malloc(size + 1);
    if (!bytes)
        return error_memory(err);
    protobuf_c_message_pack(m, bytes);
    rc = file_write(path, bytes, size, 0644, err);
    free(bytes);
    return rc;
}

int graph_write(const struct graph *g, const char *name, const char *path,
                struct error *err)
{
    Onnx__OperatorSetIdProto opset = ONNX__OPERATOR_SET_ID_PROTO__INIT;
    Onnx__OperatorSetIdProto *opsets[] = { &opset };
    Onnx__GraphProto graph = ONNX__GRAPH_PROTO__INIT;
    Onnx__ModelProto model = ONNX__MODEL_PROTO__INIT;
    static char domain[] = "", producer[] = "sentei",
                version[] = SENTEI_VERSION;

    if (g->failed)
        return error_memory(err);
    opset.domain = domain;
    opset.has_version = true;
    opset.version = GRAPH_OPSET;
    graph.name = (char *)(uintptr_t)name;
    graph.n_node = g->nodes.count;
    graph.node = (Onnx__NodeProto **)g->nodes.item;
    graph.n_input = g->inputs.count;
    graph.input = (Onnx__ValueInfoProto **)g->inputs.item;
    graph.n_output = g->outputs.count;
    graph.output = (Onnx__ValueInfoProto **)g->outputs.item;
    graph.n_initializer = g->constants.count;
    graph.initializer = (Onnx__TensorProto **)g->constants.item;
    model.has_ir_version = true;
    model.ir_version = IR_VERSION;
    model.producer_name = producer;
    model.producer_version = version;
    model.n_opset_import = 1;
    model.opset_import = opsets;
    model.graph = &graph;
    return write_message(&model.base, path, err);
}

int graph_write_tensor(const struct graph_tensor *t, const char *path,
                       struct error *err)
{
    Onnx__TensorProto p = tensor_of(t, (char *)(uintptr_t)t->name);

    return write_message(&p.base, path, err);
}

const char *graph_version(void)
{
    return protobuf_c_version();
}
