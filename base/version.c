/* version: see version.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "base/version.h"

#include <stdio.h>

#include "base/json.h"
#include "base/yaml.h"

/* The Makefile says which; "" where that is not known. */
#ifndef SENTEI_VERSION
#define SENTEI_VERSION "0.1.0"
#endif
#ifndef SENTEI_COMMIT
#define SENTEI_COMMIT ""
#endif

static void print_libraries(const struct library *libraries, size_t count)
{
    for (size_t i = 0; i < count; i++)
        printf("  %-14s %s\n", libraries[i].name, libraries[i].version());
}

int version_print(const char *program, const struct library *libraries,
                  size_t count)
{
    static const struct library ours[] = { { "jansson", json_version },
                                           { "libyaml", yaml_version } };

    printf("%s %s (commit %s)\n", program, SENTEI_VERSION,
           *SENTEI_COMMIT ? SENTEI_COMMIT : "unknown");
    print_libraries(ours, sizeof ours / sizeof *ours);
    print_libraries(libraries, count);
    return 0;
}
