/* See open.h. With EMULATED the CUDA backend is linked in, over emulated.c;
 * with BARE there is no CPU backend (no oneDNN).
 * SPDX-License-Identifier: Apache-2.0 */
#include "tests/gpu/open.h"

#include <stdio.h>
#include <string.h>

#include "trainer/backend/plugin.h"

#ifdef EMULATED
extern const struct plugin sentei_plugin;
#define OPEN_CUDA sentei_plugin.open
#else
#define OPEN_CUDA backend_cuda
#endif

struct backend *open_named(const char *name, enum precision *precision,
                           struct error *err)
{
    const char *colon = strchr(name, ':');
    struct backend_options o = { .threads = 1 };
    size_t i;

    for (i = 0; colon && precision_names[i]; i++)
        if (strcmp(colon + 1, precision_names[i]) == 0)
            o.precision = (enum precision)i;
    *precision = o.precision;
    if (strncmp(name, "cuda", 4) == 0)
        return OPEN_CUDA(&o, err);
#ifndef BARE
    if (strncmp(name, "cpu", 3) == 0)
        return backend_cpu(&o, err);
#endif
    return backend_plain(&o, err);
}
