/* plans: cuDNN's plans for the convolutions of a model on a GPU that is not
 * there, from a description of it (TAP). Shows that dnn.c says what cuDNN
 * understands, without running anything.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "trainer/backend/cuda/dnn.h"

/* An H100 as cuDNN describes it. */
static const char h100[] =
    "{\"deviceVer\":900,\"driverVer\":13000,\"deviceName\":\"NVIDIA H100\","
    "\"cudaDeviceId\":0,\"pciDeviceId\":0,\"maxGridSize\":[2147483647,65535,"
    "65535],\"maxBlockSize\":[1024,1024,64],\"maxThreadsPerBlock\":1024,"
    "\"maxThreadsPerSM\":2048,\"regsPerBlock\":65536,\"maxRegistersPerSM\":"
    "65536,\"multiProcessorCount\":132,\"warpSize\":32,"
    "\"maxSharedMemoryPerBlock\":49152,\"maxSharedMemoryPerBlockOptin\":232448,"
    "\"reservedSharedMemoryPerBlock\":1024,\"maxCtasPerSM\":32,"
    "\"supportCoopLaunch\":1,\"isTccDriver\":0,\"smClockRateKHz\":1980000,"
    "\"memClockRateKHz\":2619000,\"l2CacheSize\":52428800,"
    "\"totalGlobalMem\":85899345920}";

int main(void)
{
    static const char *const types[] = { "fp32", "tf32", "bf16" };
    static const char *const passes[] = { "forward", "data", "weights" };
    static const size_t widths[][3] = {
        { 8, 32, 32 }, { 32, 32, 32 }, { 64, 64, 16 }, { 128, 128, 8 }
    };
    struct error err = ERROR_INIT;
    struct dnn *d = dnn_create(h100, &err);
    int type, pass, tests = 0, failures = 0;
    size_t w;

    if (!d)
        return error_print(&err, "plans");
    for (type = 0; type < 3; type++)
        for (pass = 0; pass < DNN_PASSES; pass++)
            for (w = 0; w < sizeof widths / sizeof *widths; w++) {
                struct dnn_problem p = {
                    (enum dnn_pass)pass, (enum dnn_type)type, 512,
                    widths[w][0],        widths[w][1],        widths[w][2],
                    widths[w][2]
                };
                struct dnn_plan *plan = dnn_plan_create(d, &p, &err);

                failures += !plan;
                printf("%sok %d - %s %s %zu to %zu at %zu: %zu bytes\n",
                       plan ? "" : "not ", ++tests, types[type], passes[pass],
                       p.in, p.out, p.height,
                       plan ? dnn_plan_workspace(plan) : 0);
                if (!plan)
                    printf("# %s\n", err.what);
                dnn_plan_destroy(plan);
            }
    printf("1..%d\n", tests);
    dnn_destroy(d);
    return failures > 0;
}
