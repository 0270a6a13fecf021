/* studies: see studies.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/optuna/studies.h"

#include <math.h>
#include <string.h>

#include "base/json.h"

struct tree *studies_trial(void)
{
    struct tree *trial = tree_map();

    tree_set_string(trial, "state", "other");
    tree_set(trial, "values", tree_list());
    tree_set(trial, "params", tree_map());
    tree_set(trial, "steps", tree_list());
    tree_set(trial, "attributes", tree_map());
    return trial;
}

void studies_set_param(struct tree *trial, const char *name, double value,
                       const char *distribution)
{
    struct tree *whole =
        json_parse(distribution, strlen(distribution), "distribution", NULL);
    const char *kind = tree_text(tree_get(whole, "name"));
    const struct tree *choices =
        tree_get(tree_get(whole, "attributes"), "choices");
    struct tree *set = NULL;

    if (choices && value >= 0 && value < (double)tree_count(choices))
        set = tree_copy(tree_at(choices, (size_t)value));
    else if (strncmp(kind, "Int", 3) == 0 && fabs(value) < 0x1p53)
        set = tree_int((int64_t)value);
    else if (!choices && isfinite(value))
        set = tree_float(value);
    if (set)
        tree_set(tree_get(trial, "params"), name, set);
    tree_destroy(whole);
}

void studies_add_step(struct tree *trial, int64_t step, double value)
{
    struct tree *point = tree_list();

    tree_append(point, tree_int(step));
    tree_append(point, tree_float(value));
    tree_append(tree_get(trial, "steps"), point);
}
