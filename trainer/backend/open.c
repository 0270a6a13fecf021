/* Which backends there are. Apart from backend.c, which needs none of them.
 * SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "trainer/backend/backend.h"
#include "trainer/backend/plugin.h"

static struct backend *(*const opens[])(const struct backend_options *o,
                                        struct error *err) = {
    backend_cpu,
    backend_cuda,
    backend_plain,
}; /* in the order of backend_names */
enum { BACKENDS = sizeof opens / sizeof *opens };

struct backend *backend_open(const char *name, const struct backend_options *o,
                             struct error *err)
{
    size_t i;

    for (i = 0; i < BACKENDS && backend_names[i]; i++)
        if (strcmp(name, backend_names[i]) == 0)
            return opens[i](o, err);
    error_usage(err, "there is no backend '%s'", name);
    return NULL;
}
