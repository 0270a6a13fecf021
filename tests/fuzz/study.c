/* Any bytes as a study file: a study whose plan can be shown and whose command
 * can be filled in, or an error of the user's with a place in the file.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "launcher/study/command.h"
#include "launcher/study/study.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Fill the command in for the middle of the space. */
static void use_command(const struct study *s)
{
    double *x = calloc(s->space.count, sizeof *x);

    assert(x);
    for (size_t i = 0; i < s->space.count; i++)
        x[i] = NAN;
    space_repair(&s->space, x);
    assert(space_contains(&s->space, x));

    struct tree *params = space_point_to_tree(&s->space, x);
    const struct command_values values = { params, 1, 1, "folder" };
    struct error err = ERROR_INIT;
    char **words = command_expand(s->command, &values, &err);

    assert(words && words[0]);
    command_free(words);
    tree_destroy(params);
    free(x);
}

static void use(const struct study *s)
{
    struct text out = TEXT_INIT;
    struct tree *plan = study_plan(s);

    study_describe(s, &out);
    assert(plan && !out.failed && strstr(text_get(&out), s->name));
    text_clear(&out);
    tree_destroy(plan);
    if (s->command)
        use_command(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct error err = ERROR_INIT;
    struct study *s = study_parse((const char *)data, size, "fuzz", &err);

    if (s)
        use(s);
    else
        assert(err.kind == ERROR_USAGE && err.what[0] &&
               strncmp(err.where, "fuzz:", 5) == 0);
    study_destroy(s);
    return 0;
}
