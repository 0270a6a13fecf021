/* dnn: the door to cuDNN.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/cuda/dnn.h"

#include <stdlib.h>
#include <string.h>

#include <cudnn.h>

#include "base/log.h"

enum { PROPOSALS = 16, SPATIAL = 2, RANK = 4 };
enum { INPUT = 1, WEIGHTS, OUTPUT, TENSORS = 3 }; /* names in a plan */

struct dnn {
    cudnnHandle_t handle;               /* NULL: no device */
    cudnnBackendDescriptor_t described; /* the device that is not there */
};

struct dnn_plan {
    cudnnBackendDescriptor_t plan;
    size_t workspace;
};

typedef cudnnBackendDescriptor_t descriptor;

static bool good(cudnnStatus_t status, const char *what, struct error *err)
{
    char last[256] = "";

    if (status == CUDNN_STATUS_SUCCESS)
        return true;
    cudnnGetLastErrorString(last, sizeof last);
    error_set(err, "cuDNN cannot %s: %s %s", what, cudnnGetErrorString(status),
              last);
    return false;
}

/* --- descriptors ------------------------------------------------------------ */

static descriptor make(cudnnBackendDescriptorType_t type)
{
    descriptor d = NULL;

    return cudnnBackendCreateDescriptor(type, &d) == CUDNN_STATUS_SUCCESS
               ? d
               : NULL;
}

static void drop(descriptor d)
{
    if (d)
        cudnnBackendDestroyDescriptor(d);
}

/* Set an attribute; -1 is remembered in '*rc'. */
static void set(int *rc, descriptor d, cudnnBackendAttributeName_t name,
                cudnnBackendAttributeType_t type, int64_t count,
                const void *values)
{
    if (!d || cudnnBackendSetAttribute(d, name, type, count, values) !=
                  CUDNN_STATUS_SUCCESS)
        *rc = -1;
}

static void set_child(int *rc, descriptor d, cudnnBackendAttributeName_t name,
                      descriptor child)
{
    set(rc, d, name, CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &child);
}

/* Finish it, or drop it and give NULL. */
static descriptor finished(descriptor d, int rc)
{
    if (d && rc == 0 && cudnnBackendFinalize(d) == CUDNN_STATUS_SUCCESS)
        return d;
    drop(d);
    return NULL;
}

/* --- opening ---------------------------------------------------------------- */

static descriptor describe(const char *device)
{
    descriptor d = make(CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR);
    int rc = 0;

    set(&rc, d, CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR,
        (int64_t)strlen(device) + 1, device);
    return finished(d, rc);
}

struct dnn *dnn_create(const char *device, struct error *err)
{
    struct dnn *d = calloc(1, sizeof *d);
    cudnnStatus_t status = CUDNN_STATUS_BAD_PARAM;

    if (!d) {
        error_memory(err);
        return NULL;
    }
    if (device)
        d->described = describe(device);
    else
        status = cudnnCreate(&d->handle);
    if (d->described || good(status, "start", err))
        return d;
    free(d);
    return NULL;
}

void dnn_destroy(struct dnn *d)
{
    if (!d)
        return;
    if (d->handle)
        cudnnDestroy(d->handle);
    drop(d->described);
    free(d);
}

/* --- the operation ----------------------------------------------------------- */

/* A tensor [n][c][h][w] stored channels last. */
static descriptor tensor(int64_t name, enum dnn_type type, size_t n, size_t c,
                         size_t h, size_t w)
{
    int64_t size[RANK] = { (int64_t)n, (int64_t)c, (int64_t)h, (int64_t)w };
    int64_t step[RANK] = { (int64_t)(c * h * w), 1, (int64_t)(c * w),
                           (int64_t)c };
    cudnnDataType_t values =
        type == DNN_BF16 ? CUDNN_DATA_BFLOAT16 : CUDNN_DATA_FLOAT;
    descriptor d = make(CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    int64_t alignment = 16;
    int rc = 0;

    set(&rc, d, CUDNN_ATTR_TENSOR_DATA_TYPE, CUDNN_TYPE_DATA_TYPE, 1, &values);
    set(&rc, d, CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, RANK, size);
    set(&rc, d, CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, RANK, step);
    set(&rc, d, CUDNN_ATTR_TENSOR_UNIQUE_ID, CUDNN_TYPE_INT64, 1, &name);
    set(&rc, d, CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, CUDNN_TYPE_INT64, 1,
        &alignment);
    return finished(d, rc);
}

/* 3x3, stride 1, padding 1, sums in floats. */
static descriptor convolution(void)
{
    const int64_t ones[SPATIAL] = { 1, 1 }, spatial = SPATIAL;
    const cudnnDataType_t sums = CUDNN_DATA_FLOAT;
    const cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;
    descriptor d = make(CUDNN_BACKEND_CONVOLUTION_DESCRIPTOR);
    int rc = 0;

    set(&rc, d, CUDNN_ATTR_CONVOLUTION_SPATIAL_DIMS, CUDNN_TYPE_INT64, 1,
        &spatial);
    set(&rc, d, CUDNN_ATTR_CONVOLUTION_COMP_TYPE, CUDNN_TYPE_DATA_TYPE, 1,
        &sums);
    set(&rc, d, CUDNN_ATTR_CONVOLUTION_CONV_MODE, CUDNN_TYPE_CONVOLUTION_MODE,
        1, &mode);
    set(&rc, d, CUDNN_ATTR_CONVOLUTION_PRE_PADDINGS, CUDNN_TYPE_INT64, SPATIAL,
        ones);
    set(&rc, d, CUDNN_ATTR_CONVOLUTION_POST_PADDINGS, CUDNN_TYPE_INT64, SPATIAL,
        ones);
    set(&rc, d, CUDNN_ATTR_CONVOLUTION_DILATIONS, CUDNN_TYPE_INT64, SPATIAL,
        ones);
    set(&rc, d, CUDNN_ATTR_CONVOLUTION_FILTER_STRIDES, CUDNN_TYPE_INT64,
        SPATIAL, ones);
    return finished(d, rc);
}

/* What cuDNN calls the parts of each pass. */
static const struct {
    const char *name;
    cudnnBackendDescriptorType_t type;
    cudnnBackendAttributeName_t input, weights, output, convolution, alpha,
        beta;
} passes[DNN_PASSES] = {
    { "forward", CUDNN_BACKEND_OPERATION_CONVOLUTION_FORWARD_DESCRIPTOR,
      CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_X,
      CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_W,
      CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_Y,
      CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_CONV_DESC,
      CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_ALPHA,
      CUDNN_ATTR_OPERATION_CONVOLUTION_FORWARD_BETA },
    { "backward data",
      CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_DATA_DESCRIPTOR,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DX,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_W,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_DY,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_CONV_DESC,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_ALPHA,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_DATA_BETA },
    { "backward weights",
      CUDNN_BACKEND_OPERATION_CONVOLUTION_BACKWARD_FILTER_DESCRIPTOR,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_X,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DW,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_DY,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_CONV_DESC,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_ALPHA,
      CUDNN_ATTR_OPERATION_CONVOLUTION_BWD_FILTER_BETA },
};

static descriptor operation(const struct dnn_problem *p)
{
    descriptor part[TENSORS + 1] = {
        tensor(INPUT, p->type, p->rows, p->in, p->height, p->width),
        tensor(WEIGHTS, p->type, p->out, p->in, 3, 3),
        tensor(OUTPUT, p->type, p->rows, p->out, p->height, p->width),
        convolution(),
    };
    descriptor d = make(passes[p->pass].type);
    const float one = 1, zero = 0;
    int rc = 0, i;

    set_child(&rc, d, passes[p->pass].input, part[0]);
    set_child(&rc, d, passes[p->pass].weights, part[1]);
    set_child(&rc, d, passes[p->pass].output, part[2]);
    set_child(&rc, d, passes[p->pass].convolution, part[3]);
    set(&rc, d, passes[p->pass].alpha, CUDNN_TYPE_FLOAT, 1, &one);
    set(&rc, d, passes[p->pass].beta, CUDNN_TYPE_FLOAT, 1, &zero);
    d = finished(d, rc);
    for (i = 0; i <= TENSORS; i++)
        drop(part[i]);
    return d;
}

static descriptor graph_of(const struct dnn *d, const struct dnn_problem *p)
{
    descriptor op = operation(p), graph = NULL;
    int rc = 0;

    if (!op)
        return NULL;
    graph = make(CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    set_child(&rc, graph, CUDNN_ATTR_OPERATIONGRAPH_OPS, op);
    if (d->handle)
        set(&rc, graph, CUDNN_ATTR_OPERATIONGRAPH_HANDLE, CUDNN_TYPE_HANDLE, 1,
            &d->handle);
    graph = finished(graph, rc);
    drop(op);
    return graph;
}

/* --- choosing a plan ----------------------------------------------------------- */

/* Whether the engine of a configuration keeps to what was asked: the same bits
 * each time, no rounding of factors where fp32 was asked. */
static bool fits(descriptor config, enum dnn_type type)
{
    cudnnBackendNumericalNote_t note[CUDNN_NUMERICAL_NOTE_TYPE_COUNT];
    descriptor engine = make(CUDNN_BACKEND_ENGINE_DESCRIPTOR);
    int64_t count = 0, i;
    bool yes;

    yes = engine &&
          cudnnBackendGetAttribute(config, CUDNN_ATTR_ENGINECFG_ENGINE,
                                   CUDNN_TYPE_BACKEND_DESCRIPTOR, 1, &count,
                                   &engine) == CUDNN_STATUS_SUCCESS &&
          cudnnBackendGetAttribute(engine, CUDNN_ATTR_ENGINE_NUMERICAL_NOTE,
                                   CUDNN_TYPE_NUMERICAL_NOTE,
                                   CUDNN_NUMERICAL_NOTE_TYPE_COUNT, &count,
                                   note) == CUDNN_STATUS_SUCCESS;
    for (i = 0; yes && i < count; i++)
        if (note[i] == CUDNN_NUMERICAL_NOTE_NONDETERMINISTIC ||
            (type == DNN_FP32 &&
             (note[i] == CUDNN_NUMERICAL_NOTE_TENSOR_CORE ||
              note[i] == CUDNN_NUMERICAL_NOTE_DOWN_CONVERT_INPUTS)))
            yes = false;
    drop(engine);
    return yes;
}

static descriptor plan_of(const struct dnn *d, descriptor config)
{
    descriptor plan = make(CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    int rc = 0;

    set_child(&rc, plan, CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, config);
    if (d->handle)
        set(&rc, plan, CUDNN_ATTR_EXECUTION_PLAN_HANDLE, CUDNN_TYPE_HANDLE, 1,
            &d->handle);
    else
        set_child(&rc, plan, CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP,
                  d->described);
    return finished(plan, rc);
}

/* What the heuristics of a mode propose, in their order. */
static descriptor ask(const struct dnn *d, descriptor graph,
                      cudnnBackendHeurMode_t mode)
{
    descriptor h = make(CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
    int rc = 0;

    set_child(&rc, h, CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph);
    set(&rc, h, CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_TYPE_HEUR_MODE, 1, &mode);
    if (d->described)
        set_child(&rc, h, CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, d->described);
    return finished(h, rc);
}

static descriptor first_plan(const struct dnn *d, descriptor graph,
                             cudnnBackendHeurMode_t mode, enum dnn_type type)
{
    descriptor config[PROPOSALS], plan = NULL, h = ask(d, graph, mode);
    int64_t count = 0, i;

    for (i = 0; i < PROPOSALS; i++)
        config[i] = make(CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    if (h && cudnnBackendGetAttribute(h, CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                      CUDNN_TYPE_BACKEND_DESCRIPTOR, PROPOSALS,
                                      &count, config) != CUDNN_STATUS_SUCCESS)
        count = 0;
    for (i = 0; i < count && !plan; i++)
        if (fits(config[i], type))
            plan = plan_of(d, config[i]);
    for (i = 0; i < PROPOSALS; i++)
        drop(config[i]);
    drop(h);
    return plan;
}

static size_t workspace_of(descriptor plan)
{
    int64_t bytes = 0, count = 0;

    cudnnBackendGetAttribute(plan, CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE,
                             CUDNN_TYPE_INT64, 1, &count, &bytes);
    return (size_t)bytes;
}

struct dnn_plan *dnn_plan_create(struct dnn *d, const struct dnn_problem *p,
                                 struct error *err)
{
    struct dnn_plan *plan = calloc(1, sizeof *plan);
    descriptor graph = graph_of(d, p);

    if (plan && graph)
        plan->plan = first_plan(d, graph, CUDNN_HEUR_MODE_A, p->type);
    if (plan && graph && !plan->plan)
        plan->plan = first_plan(d, graph, CUDNN_HEUR_MODE_FALLBACK, p->type);
    drop(graph);
    if (plan && plan->plan) {
        plan->workspace = workspace_of(plan->plan);
        log_trace("conv", "cuDNN %s %zu->%zu at %zux%zu, %zu rows: %zu bytes",
                  passes[p->pass].name, p->in, p->out, p->height, p->width,
                  p->rows, plan->workspace);
        return plan;
    }
    free(plan);
    error_set(err,
              "cuDNN has no plan for a convolution: %s, %zu rows, %zu to %zu "
              "channels at %zux%zu",
              passes[p->pass].name, p->rows, p->in, p->out, p->height,
              p->width);
    return NULL;
}

void dnn_plan_destroy(struct dnn_plan *p)
{
    if (!p)
        return;
    drop(p->plan);
    free(p);
}

size_t dnn_plan_workspace(const struct dnn_plan *p)
{
    return p->workspace;
}

/* --- running -------------------------------------------------------------------- */

int dnn_plan_run(struct dnn *d, const struct dnn_plan *p, void *input,
                 void *weights, void *output, void *workspace, void *stream,
                 struct error *err)
{
    descriptor pack = make(CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
    const int64_t name[TENSORS] = { INPUT, WEIGHTS, OUTPUT };
    void *memory[TENSORS] = { input, weights, output };
    bool ok;
    int rc = 0;

    set(&rc, pack, CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64,
        TENSORS, name);
    set(&rc, pack, CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR,
        TENSORS, memory);
    set(&rc, pack, CUDNN_ATTR_VARIANT_PACK_WORKSPACE, CUDNN_TYPE_VOID_PTR, 1,
        &workspace);
    pack = finished(pack, rc);
    if (!pack)
        return error_set(err, "cuDNN cannot take the arrays of a convolution");
    ok = good(cudnnSetStream(d->handle, stream), "use the stream", err) &&
         good(cudnnBackendExecute(d->handle, p->plan, pack),
              "run a convolution", err);
    drop(pack);
    return ok ? 0 : -1;
}
