/* The command lines of verbs: options, and so many arguments.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/use/verbs.h"

int use_arguments(const struct options *o, int argc, char **argv, int wanted,
                  char ***rest, struct error *err)
{
    int count, rc = options_parse(o, argc, argv, rest, &count, err);

    if (rc != 0 || count == wanted)
        return rc;
    error_usage(err, "expected %s", o->usage);
    return error_hint(err, "see '%s --help'", o->command);
}
