/* graph: a computation, built node by node and written as an ONNX file; the
 * door to protobuf-c and to the messages of onnx.proto.
 *
 * Operators are those of opset 13 (onnx.ai, "ONNX Operators"), which runtimes
 * since 2020 know. A value is its name; a name that is returned lives as long as the
 * graph. Building needs no check at each call: where memory is out names are
 * "", and graph_write() fails.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_ONNX_GRAPH_H
#define TRAINER_ONNX_GRAPH_H

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

struct graph;

/* Types of values, by ONNX's numbers. */
enum graph_type {
    GRAPH_FLOAT = 1,
    GRAPH_BYTE = 2,
    GRAPH_INT = 6,
    GRAPH_LONG = 7,
    GRAPH_DOUBLE = 11
};

enum { GRAPH_OPSET = 13, GRAPH_MAX_RANK = 4 };

/* Sizes that a file leaves open: how many rows, how many of a row. */
enum { GRAPH_ROWS = -1, GRAPH_MANY = -2 };

/* An array, or the type of one where 'data' is NULL. All borrowed. */
struct graph_tensor {
    const char *name;
    enum graph_type type;
    size_t rank;
    int64_t shape[GRAPH_MAX_RANK];
    const void *data;
};

/* NULL when memory is out. graph_destroy(NULL) is fine. */
struct graph *graph_create(void);
void graph_destroy(struct graph *g);

/* Zeroed memory that lives as long as the graph, or NULL. */
void *graph_room(struct graph *g, size_t count, size_t size);

/* What the computation is given, of this type; 'meaning' goes into the file. */
const char *graph_input(struct graph *g, const struct graph_tensor *t,
                        const char *meaning);

/* 'value' is what it gives, under the name of 't'. */
void graph_output(struct graph *g, const char *value,
                  const struct graph_tensor *t);

/* A constant; t->data must live until graph_write(). */
const char *graph_constant(struct graph *g, const struct graph_tensor *t);

/* Constants that are copied, a list of them or one number; named by the graph. */
const char *graph_longs(struct graph *g, size_t count, const int64_t *value);
const char *graph_long(struct graph *g, int64_t value);
const char *graph_float(struct graph *g, float value);

/* What operator 'op' makes of 'count' inputs; "" stands for one that is left out.
 * graph_node(g, op, input, ...) lists them. */
const char *graph_node_of(struct graph *g, const char *op, size_t count,
                          const char *const *input);
#define graph_node(g, op, ...)                                               \
    graph_node_of(                                                           \
        g, op, sizeof(const char *[]){ __VA_ARGS__ } / sizeof(const char *), \
        (const char *const[]){ __VA_ARGS__ })

/* Of the node made last: set an attribute; make its name that of its second
 * output, without the first. */
void graph_set_int(struct graph *g, const char *name, int64_t value);
void graph_set_ints(struct graph *g, const char *name, size_t count,
                    const int64_t *value);
void graph_set_float(struct graph *g, const char *name, float value);
void graph_set_string(struct graph *g, const char *name, const char *value);
void graph_want_second(struct graph *g);

/* Replace 'path' by the graph. Returns 0, or -1 with 'err': memory is out, the
 * file is too large for the format, or cannot be written. */
int graph_write(const struct graph *g, const char *name, const char *path,
                struct error *err);

/* Replace 'path' by one array, as ONNX's test data are. Returns as above. */
int graph_write_tensor(const struct graph_tensor *t, const char *path,
                       struct error *err);

/* The version of protobuf-c that is linked. */
const char *graph_version(void);

#endif
