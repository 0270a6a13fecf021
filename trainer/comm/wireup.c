/* See wireup.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/comm/wireup.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "trainer/comm/pmix.h"

static void set_node(void *context, int rank, const char *node)
{
    struct wireup *w = context;

    if (rank >= 0 && rank < w->comm->size)
        snprintf(w->node[rank], WIREUP_NODE_BYTES, "%s", node);
}

/* Each rank tells its host's name. */
static int gather_nodes(struct wireup *w, struct error *err)
{
    size_t *sizes = calloc((size_t)w->comm->size, sizeof *sizes);
    char mine[WIREUP_NODE_BYTES] = "";

    if (!sizes)
        return error_memory(err);
    for (int r = 0; r < w->comm->size; r++)
        sizes[r] = sizeof mine;
    gethostname(mine, sizeof mine - 1);
    comm_gather(w->comm, mine, sizes, w->node);
    free(sizes);
    return 0;
}

/* All ranks together: whether PMIx named the node of every rank to each. */
static bool map_is_whole(const struct wireup *w, bool told)
{
    double missing = !told;

    for (int r = 0; r < w->comm->size; r++)
        missing += w->node[r][0] == '\0';
    comm_sum_doubles(w->comm, &missing, 1);
    return missing == 0;
}

static bool same_node(const struct wireup *w, int a, int b)
{
    return strcmp(w->node[a], w->node[b]) == 0;
}

static void count(struct wireup *w)
{
    int rank = w->comm->rank, before, r;

    w->local_rank = w->local_size = w->nodes = 0;
    for (r = 0; r < w->comm->size; r++) {
        for (before = 0; before < r && !same_node(w, before, r); before++)
            ;
        w->nodes += before == r;
        w->local_size += same_node(w, r, rank);
        w->local_rank += r < rank && same_node(w, r, rank);
    }
}

/* Slurm's PMIx does not tell the count, its environment does. */
static int restarts(const struct wireup *w)
{
    int told = w->pmix ? pmix_restarts() : -1;
    const char *text = getenv("SLURM_RESTART_COUNT");
    int64_t count;

    if (told < 0 && text && text_to_int(text, &count) == 0)
        told = (int)count;
    return told < 0 ? 0 : told;
}

int wireup_open(struct wireup *w, struct comm *c, struct error *err)
{
    bool told = false;

    *w = (struct wireup){ .comm = c };
    w->node = calloc((size_t)c->size, sizeof *w->node);
    if (!w->node)
        return error_memory(err);
    w->pmix = c->size > 1 && pmix_join();
    if (w->pmix)
        told = pmix_map(set_node, w);
    if (!map_is_whole(w, told) && gather_nodes(w, err) < 0) {
        wireup_close(w);
        return -1;
    }
    count(w);
    if (w->pmix && pmix_local_rank() >= 0)
        w->local_rank = pmix_local_rank();
    w->restarts = restarts(w);
    return 0;
}

void wireup_close(struct wireup *w)
{
    if (w->pmix)
        pmix_leave();
    free(w->node);
    *w = (struct wireup){ 0 };
}

int wireup_share(const struct wireup *w, const char *name, void *bytes,
                 size_t size, struct error *err)
{
    const char *why;

    if (!w->pmix) {
        comm_broadcast(w->comm, bytes, size);
        return 0;
    }
    why = pmix_share(name, bytes, size);
    return why ? error_set(err, "PMIx does not hand '%s' around: %s", name, why)
               : 0;
}
