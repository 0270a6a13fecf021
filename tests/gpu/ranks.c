/* ranks: stands in for nccl.c where there is no GPU: the emulated devices'
 * memory is the host's, and MPI reaches that. So what several ranks do on GPUs
 * runs as it is, but for NCCL itself.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include <mpi.h>

#include "trainer/comm/nccl/nccl.h"

struct nccl {
    MPI_Comm comm; /* apart from what the ranks say about the host's memory */
    int rank, size;
};

int nccl_open(struct error *err)
{
    (void)err;
    return 0;
}

int nccl_make_id(unsigned char *id, struct error *err)
{
    (void)err;
    id[0] = 'R';
    return 0;
}

struct nccl *nccl_join(const unsigned char *id, int rank, int size,
                       struct error *err)
{
    struct nccl *n = calloc(1, sizeof *n);
    int those[][3] = { { 0, size - 1,
                         1 } }; /* not a helper, which comes last */
    MPI_Group all, team;

    if (!n || id[0] != 'R') {
        free(n);
        error_set(err, "rank %d was given no id", rank);
        return NULL;
    }
    MPI_Comm_group(MPI_COMM_WORLD, &all);
    MPI_Group_range_incl(all, 1, those, &team);
    MPI_Comm_create_group(MPI_COMM_WORLD, team, 0, &n->comm);
    MPI_Group_free(&all);
    MPI_Group_free(&team);
    n->rank = rank;
    n->size = size;
    return n;
}

void nccl_leave(struct nccl *n)
{
    if (n)
        MPI_Comm_free(&n->comm);
    free(n);
}

void nccl_check(struct nccl *n, struct error *e)
{
    (void)n, (void)e;
}

void nccl_abort(struct nccl *n)
{
    (void)n;
}

void nccl_sum(struct nccl *n, void *values, size_t count, enum nccl_type type,
              void *stream, struct error *e)
{
    (void)stream, (void)e;
    MPI_Allreduce(MPI_IN_PLACE, values, (int)count,
                  type == NCCL_DOUBLES ? MPI_DOUBLE : MPI_FLOAT, MPI_SUM,
                  n->comm);
}

void nccl_broadcast(struct nccl *n, void *bytes, size_t size, void *stream,
                    struct error *e)
{
    (void)stream, (void)e;
    MPI_Bcast(bytes, (int)size, MPI_BYTE, 0, n->comm);
}

void nccl_gather(struct nccl *n, const void *mine, const size_t *sizes,
                 void *all, void *stream, struct error *e)
{
    char *at = all;

    (void)stream, (void)e;
    for (int r = 0; r < n->size; r++) {
        if (r == n->rank)
            memcpy(at, mine, sizes[r]);
        MPI_Bcast(at, (int)sizes[r], MPI_BYTE, r, n->comm);
        at += sizes[r];
    }
}
