/* See plugin.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/plugin.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/text.h"

static void *library; /* the plug-in, once it was opened */

const void *plugin_symbol(const char *name)
{
    return library ? dlsym(library, name) : NULL;
}

/* The folder this program lies in, or "." */
static void own_folder(char *path, size_t size)
{
    ssize_t length = readlink("/proc/self/exe", path, size - 1);
    char *slash;

    path[length > 0 ? length : 0] = 0;
    slash = strrchr(path, '/');
    if (slash)
        *slash = 0;
    else
        memcpy(path, ".", 2);
}

/* The plug-in's path, which the caller frees; NULL: there is none. */
static char *find_plugin(void)
{
    static const char *const places[] = { "%s/sentei-cuda.so",
                                          "%s/../lib/sentei/sentei-cuda.so" };
    const char *asked = getenv("SENTEI_CUDA");
    char folder[PATH_MAX], *path;
    size_t i;

    if (asked && asked[0])
        return text_print("%s", asked);
    own_folder(folder, sizeof folder);
    for (i = 0; i < sizeof places / sizeof *places; i++) {
        path = text_print(places[i], folder);
        if (path && file_exists(path))
            return path;
        free(path);
    }
    return NULL;
}

/* What the opened library exports, checked. */
static const struct plugin *plugin_of(const char *path, struct error *err)
{
    const struct plugin *p = plugin_symbol(PLUGIN_SYMBOL);

    if (!p) {
        error_usage(err, "'%s' is no plug-in of sentei", path);
        return NULL;
    }
    if (strcmp(p->version, SENTEI_VERSION) != 0 ||
        p->ops_size != sizeof(struct backend_ops)) {
        error_usage(err, "'%s' was built for another sentei-train (%s)", path,
                    p->version);
        error_hint(err, "build and install both together");
        return NULL;
    }
    return p;
}

/* The library stays until the program ends: what it made may live so long. */
static struct backend *open_at(const char *path,
                               const struct backend_options *o,
                               struct error *err)
{
    const struct plugin *p;

    library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (!library) {
        error_usage(err, "cannot open the CUDA backend: %s", dlerror());
        error_hint(err, "it needs cuDNN and cuBLAS as it was built with: "
                        "name their folders in LD_LIBRARY_PATH");
        return NULL;
    }
    p = plugin_of(path, err);
    return p ? p->open(o, err) : NULL;
}

struct backend *backend_cuda(const struct backend_options *o, struct error *err)
{
    char *path = find_plugin();
    struct backend *b;

    if (!path) {
        error_usage(err, "the CUDA backend was not built here");
        error_hint(err, "run 'make' where nvcc, cuDNN and cuBLAS are found "
                        "(.ci/cuda says what is missing), or say "
                        "'backend: cpu'");
        return NULL;
    }
    b = open_at(path, o, err);
    free(path);
    return b;
}
