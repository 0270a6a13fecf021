/* pretended_nccl: a libnccl.so.2 that does what $NCCL_PRETENDS says, so that a
 * test can see what the door to NCCL makes of it: "2100" is its version, "lost"
 * loses a rank at the second look, "busy" refuses to join.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <nccl.h>

#define SHOWN __attribute__((visibility("default")))

/* What was called, for the test to read. */
SHOWN int pretended_aborts, pretended_destroys, pretended_sums, pretended_sent;

static int looks;

static int pretends(const char *what)
{
    const char *word = getenv("NCCL_PRETENDS");

    return word && strcmp(word, what) == 0;
}

SHOWN ncclResult_t ncclGetVersion(int *version)
{
    *version = pretends("2100") ? 2100 : NCCL_VERSION_CODE;
    return ncclSuccess;
}

SHOWN ncclResult_t ncclGetUniqueId(ncclUniqueId *id)
{
    memset(id, 7, sizeof *id);
    return ncclSuccess;
}

SHOWN ncclResult_t ncclCommInitRank(ncclComm_t *comm, int size, ncclUniqueId id,
                                    int rank)
{
    looks = 0;
    *comm = (ncclComm_t)(void *)&looks;
    return pretends("busy") || id.internal[0] != 7 || rank >= size
               ? ncclInvalidUsage
               : ncclSuccess;
}

SHOWN ncclResult_t ncclCommDestroy(ncclComm_t comm)
{
    (void)comm;
    pretended_destroys++;
    return ncclSuccess;
}

SHOWN ncclResult_t ncclCommAbort(ncclComm_t comm)
{
    (void)comm;
    pretended_aborts++;
    return ncclSuccess;
}

SHOWN ncclResult_t ncclCommGetAsyncError(ncclComm_t comm, ncclResult_t *state)
{
    (void)comm;
    *state = pretends("lost") && ++looks > 1 ? ncclRemoteError : ncclSuccess;
    return ncclSuccess;
}

SHOWN const char *ncclGetErrorString(ncclResult_t code)
{
    return code == ncclRemoteError ? "remote process exited" : "invalid usage";
}

SHOWN const char *ncclGetLastError(ncclComm_t comm)
{
    return comm ? "peer 1 is gone" : "";
}

SHOWN ncclResult_t ncclAllReduce(const void *from, void *to, size_t count,
                                 ncclDataType_t type, ncclRedOp_t op,
                                 ncclComm_t comm, cudaStream_t stream)
{
    (void)from, (void)to, (void)count, (void)op, (void)comm, (void)stream;
    pretended_sums += type == ncclDouble ? 100 : 1;
    return ncclSuccess;
}

SHOWN ncclResult_t ncclBroadcast(const void *from, void *to, size_t count,
                                 ncclDataType_t type, int root, ncclComm_t comm,
                                 cudaStream_t stream)
{
    (void)from, (void)to, (void)type, (void)root, (void)comm, (void)stream;
    pretended_sent += (int)count;
    return ncclSuccess;
}

SHOWN ncclResult_t ncclGroupStart(void)
{
    return ncclSuccess;
}

SHOWN ncclResult_t ncclGroupEnd(void)
{
    return ncclSuccess;
}
