/* auto: the sampler for those who name none.
 *
 * Where the parameters are not too many, gp for one objective and ehvi for
 * several; else tpe.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>

#include "search/sampler.h"

enum { GP_DIMENSIONS_MAX = 40 };

struct automatic {
    void *gp, *ehvi, *tpe;
    size_t dimension;
};

static void auto_destroy(void *state)
{
    struct automatic *a = state;

    if (a == NULL)
        return;
    sampler_gp.destroy(a->gp);
    sampler_ehvi.destroy(a->ehvi);
    sampler_tpe.destroy(a->tpe);
    free(a);
}

static int auto_create(void **state, const struct space *space,
                       struct reader *options, struct error *err)
{
    struct automatic *a = calloc(1, sizeof *a);

    *state = a;
    if (a == NULL)
        return error_memory(err);
    a->dimension = space->count;
    if (sampler_gp.create(&a->gp, space, options, err) ||
        sampler_ehvi.create(&a->ehvi, space, options, err))
        return -1;
    return sampler_tpe.create(&a->tpe, space, options, err);
}

static int auto_suggest(void *state, const struct history *h,
                        struct random *random, struct suggestion *s,
                        struct error *err)
{
    struct automatic *a = state;

    if (a->dimension > GP_DIMENSIONS_MAX)
        return sampler_tpe.suggest(a->tpe, h, random, s, err);
    if (h->objective_count > 1)
        return sampler_ehvi.suggest(a->ehvi, h, random, s, err);
    return sampler_gp.suggest(a->gp, h, random, s, err);
}

static void auto_describe(const void *state, struct text *out)
{
    const struct automatic *a = state;

    if (a->dimension > GP_DIMENSIONS_MAX) {
        text_append(out, "tpe: many parameters; ");
        sampler_tpe.describe(a->tpe, out);
        return;
    }
    text_append(out, "gp: ");
    sampler_gp.describe(a->gp, out);
    text_append(out, "; with several objectives ehvi");
}

const struct sampler sampler_auto = {
    .name = "auto",
    .create = auto_create,
    .suggest = auto_suggest,
    .describe = auto_describe,
    .destroy = auto_destroy,
};
