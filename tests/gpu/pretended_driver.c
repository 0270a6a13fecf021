/* pretended_driver: a libcuda.so.1 that is no driver, to see what is said of
 * drivers that cannot run the CUDA backend: $CUDA_PRETENDS is the version it
 * claims to be for ("12040"), and it has no device.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <cuda.h>

#define SHOWN __attribute__((visibility("default")))

SHOWN CUresult cuDriverGetVersion(int *version)
{
    const char *claim = getenv("CUDA_PRETENDS");

    *version = claim ? (int)strtol(claim, NULL, 10) : CUDA_VERSION;
    return CUDA_SUCCESS;
}

SHOWN CUresult cuInit(unsigned flags)
{
    (void)flags;
    return CUDA_ERROR_NO_DEVICE;
}

static CUresult cannot(void)
{
    return CUDA_ERROR_UNKNOWN;
}

/* The runtime asks for all functions it may want before it calls one. */
SHOWN CUresult cuGetProcAddress_v2(const char *symbol, void **function,
                                   int version, cuuint64_t flags,
                                   CUdriverProcAddressQueryResult *state)
{
    CUresult (*init)(unsigned) = cuInit;
    CUresult (*get_version)(int *) = cuDriverGetVersion;
    CUresult (*find)(const char *, void **, int, cuuint64_t,
                     CUdriverProcAddressQueryResult *) = cuGetProcAddress_v2;
    CUresult (*other)(void) = cannot;

    (void)version, (void)flags;
    if (strcmp(symbol, "cuInit") == 0)
        memcpy(function, &init, sizeof init);
    else if (strcmp(symbol, "cuDriverGetVersion") == 0)
        memcpy(function, &get_version, sizeof get_version);
    else if (strcmp(symbol, "cuGetProcAddress") == 0)
        memcpy(function, &find, sizeof find);
    else
        memcpy(function, &other, sizeof other);
    if (state)
        *state = CU_GET_PROC_ADDRESS_SUCCESS;
    return CUDA_SUCCESS;
}
