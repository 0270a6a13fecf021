/* grid: every point of a finite space once, shuffled or in order.
 *
 * Shuffled is the default: whenever the search is stopped, what was tried is
 * spread over the whole space. The engine ends the study after the last point.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "search/parameter.h"
#include "search/sampler.h"
#include "search/seen.h"

enum order { SHUFFLED, IN_ORDER };
static const char *const order_names[] = { "shuffled", "sequential", NULL };

struct grid {
    double size;
    int order;
    struct seen seen; /* in order: every rank below 'next' is in it */
    uint64_t identity;
    double next;
};

/* Say which parameter makes the space infinite. */
static int refuse(const struct space *space, struct error *err)
{
    for (size_t i = 0; i < space->count; i++)
        if (isinf(parameter_count(&space->parameters[i]))) {
            error_usage(err,
                        "sampler grid needs a finite space, but '%s' is a "
                        "float without step",
                        space->parameters[i].name);
            return error_hint(err, "give it 'step', or choose another sampler");
        }
    return error_usage(err, "sampler grid: the space has too many points");
}

static int grid_create(void **state, const struct space *space,
                       struct reader *options, struct error *err)
{
    double size = space_size(space);

    if (isinf(size))
        return refuse(space, err);
    struct grid *g = calloc(1, sizeof *g);
    if (g == NULL)
        return error_memory(err);
    *g = (struct grid){ .size = size, .order = SHUFFLED, .seen = SEEN_INIT };
    reader_enum(options, "order", order_names, &g->order);
    *state = g;
    return 0;
}

static int suggest_next(struct grid *g, const struct history *h, double *x)
{
    for (size_t i = 0; i < h->space->count; i++)
        x[i] = NAN;
    if (seen_update(&g->seen, h))
        return -1;
    if (g->identity != h->identity)
        g->next = 0;
    g->identity = h->identity;
    for (; g->next < g->size; g->next++) {
        if (space_nth(h->space, g->next, x))
            return -1;
        if (!seen_has(&g->seen, h, x))
            return 0;
    }
    return 0;
}

static int grid_suggest(void *state, const struct history *h,
                        struct random *random, struct suggestion *s,
                        struct error *err)
{
    const struct space *space = h->space;
    struct grid *g = state;
    double *x = malloc((space->count + 1) * sizeof *x);
    int status = -1;

    if (x == NULL)
        goto out;
    status = g->order == IN_ORDER
                 ? suggest_next(g, h, x)
                 : space_nth(space, floor(random_uniform(random) * g->size), x);
    for (size_t i = 0; status == 0 && i < space->count; i++)
        if (isnan(s->x[i]))
            s->x[i] = x[i];
    if (status == 0)
        random_fill(space, random, s->x); /* where a kept value asks for more */
out:
    free(x);
    return status ? error_memory(err) : 0;
}

static void grid_describe(const void *state, struct text *out)
{
    const struct grid *g = state;

    text_format(out, "%.0f points, %s", g->size, order_names[g->order]);
}

static void grid_destroy(void *state)
{
    struct grid *g = state;

    if (g != NULL)
        seen_clear(&g->seen);
    free(g);
}

const struct sampler sampler_grid = {
    .name = "grid",
    .create = grid_create,
    .suggest = grid_suggest,
    .describe = grid_describe,
    .destroy = grid_destroy,
};
