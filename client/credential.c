/* credential: see credential.h. The only file that includes munge.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "client/credential.h"

#include <dlfcn.h>
#include <munge.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"

#define LIBRARY "libmunge.so.2"

#define FUNCTIONS(_)     \
    _(munge_ctx_create)  \
    _(munge_ctx_destroy) \
    _(munge_ctx_set)     \
    _(munge_encode)      \
    _(munge_decode)      \
    _(munge_strerror)

#define DECLARE(name) __typeof__(name) *(name);
#define NAME(name)    #name,

/* The library's functions, by their own names. */
static union {
    struct {
        FUNCTIONS(DECLARE)
    };
    void *any[6];
} lib;

static const char *const names[] = { FUNCTIONS(NAME) };
_Static_assert(sizeof lib == sizeof names, "a place for each function");

static pthread_once_t library_once = PTHREAD_ONCE_INIT;
static char *trouble; /* NULL: the library is there */

static void library_open(void)
{
    void *library = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
    size_t i = 0;

    while (library && i < sizeof names / sizeof *names &&
           (lib.any[i] = dlsym(library, names[i])))
        i++;
    if (i < sizeof names / sizeof *names)
        trouble = text_print("MUNGE cannot be used: %s", dlerror());
}

/* A context for the munged at 'socket', or NULL with 'err'. */
static munge_ctx_t context_make(const char *socket, struct error *err)
{
    munge_ctx_t context;

    pthread_once(&library_once, library_open);
    if (trouble) {
        error_set(err, "%s", trouble);
        error_hint(err, "install libmunge2, or take 'auth: munge' out of the "
                        "study");
        return NULL;
    }
    context = lib.munge_ctx_create ? lib.munge_ctx_create() : NULL;
    if (!context || (*socket && lib.munge_ctx_set(context, MUNGE_OPT_SOCKET,
                                                  socket) != EMUNGE_SUCCESS)) {
        if (context)
            lib.munge_ctx_destroy(context);
        error_memory(err);
        return NULL;
    }
    return context;
}

char *credential_make(const char *socket, const char *text, struct error *err)
{
    munge_ctx_t context = context_make(socket, err);
    char *made = NULL;
    munge_err_t code;

    if (!context)
        return NULL;
    code = lib.munge_encode(&made, context, text, (int)strlen(text));
    lib.munge_ctx_destroy(context);
    if (code == EMUNGE_SUCCESS && made)
        return made;
    error_set(err, "MUNGE makes no credential: %s", lib.munge_strerror(code));
    error_hint(err, "is munged running here? its socket is 'controller: "
                    "{munge_socket: ...}' of the study, else the usual one");
    return NULL;
}

int credential_check(const char *socket, const char *credential,
                     const char *text, uid_t *uid, struct error *err)
{
    munge_ctx_t context = context_make(socket, err);
    void *held = NULL;
    int size = 0, rc = -1;
    gid_t group;
    munge_err_t code;

    if (!context)
        return -1;
    code = lib.munge_decode(credential, context, &held, &size, uid, &group);
    lib.munge_ctx_destroy(context);
    if (code != EMUNGE_SUCCESS)
        error_set(err, "the MUNGE credential is no good: %s",
                  lib.munge_strerror(code));
    else if (size < 0 || (size_t)size != strlen(text) ||
             memcmp(held, text, (size_t)size) != 0)
        error_set(err, "the MUNGE credential is for something else");
    else
        rc = 0;
    free(held);
    return rc;
}
