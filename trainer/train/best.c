/* See best.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/train/best.h"

#include <math.h>
#include <stdlib.h>

#include "trainer/fold/categories.h"
#include "trainer/metrics.h"
#include "trainer/train/place.h"

/* For people: how each category does at the best epoch. */
static int write_categories(const struct training *t, struct error *err)
{
    const struct feedback **f;
    size_t k;
    int rc;

    if (!t->folder || t->comm->rank != 0)
        return 0;
    f = calloc(t->fold_count, sizeof *f);
    if (!f)
        return error_memory(err);
    for (k = 0; k < t->fold_count; k++)
        f[k] = &t->fold[k].feedback;
    rc = categories_write(f, t->fold_count, t->config, t->data, t->folder, err);
    free(f);
    return rc;
}

int best_keep(struct training *t, struct error *err)
{
    double value = NAN;

    report_get(&t->report, metrics_main(t->inputs.classes), &value);
    if (isnan(value) || value <= t->best)
        return 0;
    t->best = value;
    return place_save_best(t, err) < 0 ? -1 : write_categories(t, err);
}
