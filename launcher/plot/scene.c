/* scene: see scene.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/plot/scene.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool scene_has_state(const struct tree *trial, const char *state)
{
    return strcmp(tree_text(tree_get(trial, "state")), state) == 0;
}

double scene_value(const struct tree *trial, size_t k)
{
    const struct tree *value = tree_at(tree_get(trial, "values"), k);

    return scene_has_state(trial, "failed") || tree_kind(value) == TREE_NULL
               ? NAN
               : tree_number(value);
}

enum ink scene_ink(const struct tree *trial)
{
    return scene_has_state(trial, "complete")  ? INK_DONE
           : scene_has_state(trial, "running") ? INK_RUNNING
           : scene_has_state(trial, "failed")  ? INK_FAILED
                                               : INK_STOPPED;
}

double scene_sign(const struct scene *s, size_t k)
{
    const struct tree *o = tree_at(tree_get(s->study, "objectives"), k);

    return strcmp(tree_text(tree_get(o, "direction")), "minimize") == 0 ? 1
                                                                        : -1;
}

const char *scene_metric(const struct scene *s, size_t k)
{
    const struct tree *o = tree_at(tree_get(s->study, "objectives"), k);

    return tree_text(tree_get(o, "metric"));
}

int64_t scene_best(const struct scene *s)
{
    const struct tree *best = tree_get(tree_get(s->study, "best"), "trial");

    return best ? tree_integer(best) : -1;
}

void scene_value_axis(const struct scene *s, size_t k, struct axis *a)
{
    axis_init(a, scene_metric(s, k));
    for (size_t i = 0; i < tree_count(s->trials); i++)
        axis_take(a, scene_value(tree_at(s->trials, i), k));
    axis_finish(a);
}

static int by_loss(const void *left, const void *right)
{
    const struct ranked *a = left, *b = right;

    return (a->loss > b->loss) - (a->loss < b->loss);
}

struct ranked *scene_ranked(const struct scene *s, size_t *count)
{
    struct ranked *list = calloc(tree_count(s->trials) + 1, sizeof *list);
    double sign = scene_sign(s, 0);

    *count = 0;
    for (size_t i = 0; list && i < tree_count(s->trials); i++) {
        const struct tree *trial = tree_at(s->trials, i);
        double loss = sign * scene_value(trial, 0);

        if (isfinite(loss))
            list[(*count)++] = (struct ranked){ trial, loss, 1 };
    }
    if (list)
        qsort(list, *count, sizeof *list, by_loss);
    for (size_t i = 0; list && i<*count && * count> 1; i++)
        list[i].good = 1 - (double)i / (double)(*count - 1);
    return list;
}
