/* plugin: backends in libraries of their own, opened when they are asked for,
 * so that one program runs where their libraries are and where they are not.
 *
 * Looked for: the file $SENTEI_CUDA, sentei-cuda.so beside the program, and
 * ../lib/sentei/sentei-cuda.so from there. It exports 'sentei_plugin' and, where
 * it was built with NCCL, 'sentei_nccl' (see comm/nccl/device.h).
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BACKEND_PLUGIN_H
#define TRAINER_BACKEND_PLUGIN_H

#include "trainer/backend/backend.h"

/* What a plug-in exports. 'version' and 'ops_size' must be those of the
 * program: they are built together. */
struct plugin {
    const char *version;
    size_t ops_size;
    struct backend *(*open)(const struct backend_options *o, struct error *err);
};

#define PLUGIN_SYMBOL "sentei_plugin"

/* Open the CUDA backend's plug-in and a device. NULL with 'err' (kind USAGE)
 * that says what is missing: the plug-in, a library, a driver, a device, code
 * for it. */
struct backend *backend_cuda(const struct backend_options *o,
                             struct error *err);

/* What the plug-in that was opened exports under another name, or NULL. */
const void *plugin_symbol(const char *name);

#endif
