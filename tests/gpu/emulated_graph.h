/* emulated_graph: CUDA graphs (gpu.h) where there is no GPU, for the emulated
 * device and for tests of what makes and runs graphs.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_GPU_EMULATED_GRAPH_H
#define TESTS_GPU_EMULATED_GRAPH_H

#include "trainer/backend/cuda/device/gpu.h"

/* What was asked for so far, and what shall fail. */
struct emulated_graphs {
    unsigned captured; /* works of libraries */
    unsigned built;    /* programs */
    unsigned changed;  /* their nodes */
    unsigned run;
    bool running; /* a kernel that is launched is a node's */
    bool cannot_capture, cannot_change, cannot_run;
};
extern struct emulated_graphs emulated_graphs;

#endif
