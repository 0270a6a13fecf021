/* nccl: the door to NCCL.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/comm/nccl/nccl.h"

#include <dlfcn.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <nccl.h>

#include "base/log.h"
#include "trainer/comm/device.h"

#define LIBRARY "libnccl.so.2"

/* Older ones have no ncclGetLastError(). */
enum { OLDEST = NCCL_VERSION(2, 13, 4) };

#define FUNCTIONS(_)         \
    _(ncclGetVersion)        \
    _(ncclGetUniqueId)       \
    _(ncclCommInitRank)      \
    _(ncclCommDestroy)       \
    _(ncclCommAbort)         \
    _(ncclCommGetAsyncError) \
    _(ncclGetErrorString)    \
    _(ncclGetLastError)      \
    _(ncclAllReduce)         \
    _(ncclBroadcast)         \
    _(ncclGroupStart)        \
    _(ncclGroupEnd)

#define DECLARE(name) __typeof__(name) *(name);
#define NAME(name)    #name,

/* The library's functions, by their own names. */
static union {
    struct {
        FUNCTIONS(DECLARE)
    };
    void *any[12];
} lib;

static const char *const names[] = { FUNCTIONS(NAME) };
_Static_assert(sizeof lib == sizeof names, "a place for each function");
_Static_assert(NCCL_UNIQUE_ID_BYTES == DEVICE_ID_BYTES, "room for an id");

struct nccl {
    ncclComm_t comm; /* NULL: aborted */
    int size;
};

/* --- opening ----------------------------------------------------------------- */

static int load(void *library, struct error *err)
{
    size_t i;

    for (i = 0; i < sizeof names / sizeof *names; i++) {
        lib.any[i] = dlsym(library, names[i]);
        if (!lib.any[i])
            return error_usage(err, "%s has no %s: it is too old", LIBRARY,
                               names[i]);
    }
    return 0;
}

int nccl_open(struct error *err)
{
    static void *library;
    int version = 0;

    if (library)
        return 0;
    library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        error_usage(err, "several ranks on GPUs need NCCL: %s", dlerror());
        return error_hint(err, "name its folder in LD_LIBRARY_PATH (pip: "
                               "nvidia-nccl-cu13), or start one rank");
    }
    if (load(library, err) == 0 &&
        lib.ncclGetVersion(&version) == ncclSuccess && version >= OLDEST) {
        log_trace("nccl", "version %d", version);
        return 0;
    }
    if (err->kind == ERROR_NONE)
        error_usage(err, "%s is of version %d, %d is needed", LIBRARY, version,
                    OLDEST);
    dlclose(library);
    library = NULL;
    return -1;
}

/* --- what it answers ---------------------------------------------------------- */

static bool good(ncclResult_t code, const struct nccl *n, const char *call,
                 struct error *e)
{
    const char *more;

    if (code == ncclSuccess)
        return true;
    if (e->kind != ERROR_NONE)
        return false;
    more = lib.ncclGetLastError(n ? n->comm : NULL);
    error_set(e, "%s: %s%s%s", call, lib.ncclGetErrorString(code),
              more && *more ? ": " : "", more ? more : "");
    if (code == ncclInvalidUsage)
        error_hint(e, "each rank needs a GPU of its own (slurm: gpus as many "
                      "as ranks of a node); NCCL_DEBUG=WARN tells more");
    else
        error_hint(e, "NCCL_DEBUG=WARN tells more");
    return false;
}

/* Do the call of the library unless something failed before. */
#define TRY(n, e, name, ...)                                          \
    good((e)->kind == ERROR_NONE && (n)->comm ? lib.name(__VA_ARGS__) \
                                              : ncclInvalidUsage,     \
         n, #name, e)

int nccl_make_id(unsigned char *id, struct error *err)
{
    ncclUniqueId made;

    if (nccl_open(err) < 0)
        return -1;
    if (!good(lib.ncclGetUniqueId(&made), NULL, "ncclGetUniqueId", err))
        return -1;
    memcpy(id, &made, sizeof made);
    return 0;
}

struct nccl *nccl_join(const unsigned char *id, int rank, int size,
                       struct error *err)
{
    struct nccl *n;
    ncclUniqueId made;

    if (nccl_open(err) < 0)
        return NULL;
    n = calloc(1, sizeof *n);
    if (!n) {
        error_memory(err);
        return NULL;
    }
    memcpy(&made, id, sizeof made);
    n->size = size;
    if (good(lib.ncclCommInitRank(&n->comm, size, made, rank), NULL,
             "ncclCommInitRank", err))
        return n;
    free(n);
    return NULL;
}

void nccl_leave(struct nccl *n)
{
    if (n && n->comm)
        lib.ncclCommDestroy(n->comm);
    free(n);
}

/* After an abort the communicator is gone: destroying it as well is an error. */
void nccl_abort(struct nccl *n)
{
    if (n->comm)
        lib.ncclCommAbort(n->comm);
    n->comm = NULL;
}

void nccl_check(struct nccl *n, struct error *e)
{
    ncclResult_t state = ncclSuccess;

    if (!n->comm)
        return;
    if (good(lib.ncclCommGetAsyncError(n->comm, &state), n,
             "ncclCommGetAsyncError", e) &&
        good(state, n, "another rank is lost or cut off", e))
        return;
    nccl_abort(n);
}

/* --- work for the device ------------------------------------------------------ */

void nccl_sum(struct nccl *n, void *values, size_t count, enum nccl_type type,
              void *stream, struct error *e)
{
    TRY(n, e, ncclAllReduce, values, values, count,
        type == NCCL_DOUBLES ? ncclDouble : ncclFloat, ncclSum, n->comm,
        stream);
}

void nccl_broadcast(struct nccl *n, void *bytes, size_t size, void *stream,
                    struct error *e)
{
    TRY(n, e, ncclBroadcast, bytes, bytes, size, ncclUint8, 0, n->comm, stream);
}

/* Parts differ in size, so each rank gives its own to all, in one group. What
 * was begun as a group ends as one also after a failure. */
void nccl_gather(struct nccl *n, const void *mine, const size_t *sizes,
                 void *all, void *stream, struct error *e)
{
    char *at = all;

    if (!TRY(n, e, ncclGroupStart))
        return;
    for (int r = 0; r < n->size; r++) {
        if (sizes[r] > 0)
            TRY(n, e, ncclBroadcast, mine, at, sizes[r], ncclUint8, r, n->comm,
                stream);
        at += sizes[r];
    }
    good(lib.ncclGroupEnd(), n, "ncclGroupEnd", e);
}
