/* mpi: the door to MPI; ranks started by mpirun or srun.
 *
 * MPI's own error handler stays (errors are fatal and end all ranks), so the
 * calls below need no check: a rank cannot go on without the others.
 * SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <limits.h>

#include <mpi.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "trainer/comm/aside.h"
#include "trainer/comm/comm.h"

enum { MPI_PIECE = 1 << 28, MPI_RANKS = 4096 }; /* counts are ints */

enum { UNDER_WAY = 256 }; /* started at most; the next waits for all */

static MPI_Request under_way[UNDER_WAY];
static int started;

/* All ranks, or those without the helper (aside.h). */
static MPI_Comm team_ranks;

static int piece(size_t left)
{
    return left < MPI_PIECE ? (int)left : MPI_PIECE;
}

static void mpi_sum(void *values, size_t count, size_t size, MPI_Datatype type)
{
    char *at = values;
    int n;

    for (; count > 0; count -= (size_t)n, at += (size_t)n * size) {
        n = piece(count);
        MPI_Allreduce(MPI_IN_PLACE, at, n, type, MPI_SUM, team_ranks);
    }
}

static void mpi_sum_floats(struct comm *c, float *values, size_t count)
{
    (void)c;
    mpi_sum(values, count, sizeof *values, MPI_FLOAT);
}

static void mpi_sum_doubles(struct comm *c, double *values, size_t count)
{
    (void)c;
    mpi_sum(values, count, sizeof *values, MPI_DOUBLE);
}

static void mpi_broadcast(struct comm *c, void *bytes, size_t size)
{
    char *at = bytes;
    int n;

    (void)c;
    for (; size > 0; size -= (size_t)n, at += n) {
        n = piece(size);
        MPI_Bcast(at, n, MPI_BYTE, 0, team_ranks);
    }
}

static void mpi_wait(struct comm *c)
{
    (void)c;
    /* begun in other calls: NOLINTNEXTLINE(clang-analyzer-optin.mpi.*) */
    MPI_Waitall(started, under_way, MPI_STATUSES_IGNORE);
    started = 0;
}

static void mpi_progress(struct comm *c)
{
    int done;

    (void)c;
    if (started > 0)
        MPI_Testall(started, under_way, &done, MPI_STATUSES_IGNORE);
}

static MPI_Request *next_request(struct comm *c)
{
    if (started == UNDER_WAY)
        mpi_wait(c);
    return &under_way[started++];
}

static void mpi_start_sum(struct comm *c, float *values, size_t count)
{
    int n;

    for (; count > 0; count -= (size_t)n, values += n) {
        n = piece(count);
        MPI_Iallreduce(MPI_IN_PLACE, values, n, MPI_FLOAT, MPI_SUM, team_ranks,
                       next_request(c));
    }
}

/* MPI reads counts and places until a gathering is done: each has its own. */
struct shares {
    int counts[MPI_RANKS], starts[MPI_RANKS];
};

static void share_out(const struct comm *c, const size_t *sizes,
                      struct shares *s)
{
    size_t start = 0;
    int r;

    for (r = 0; r < c->size; r++) {
        assert(start + sizes[r] <= INT_MAX);
        s->counts[r] = (int)sizes[r];
        s->starts[r] = (int)start;
        start += sizes[r];
    }
}

static void mpi_gather(struct comm *c, const void *mine, const size_t *sizes,
                       void *all)
{
    struct shares s;

    share_out(c, sizes, &s);
    MPI_Allgatherv(mine, s.counts[c->rank], MPI_BYTE, all, s.counts, s.starts,
                   MPI_BYTE, team_ranks);
}

static void mpi_start_gather(struct comm *c, const void *mine,
                             const size_t *sizes, void *all)
{
    static struct shares shares[UNDER_WAY];
    MPI_Request *request = next_request(c);
    struct shares *s = &shares[request - under_way];

    share_out(c, sizes, s);
    MPI_Iallgatherv(mine, s->counts[c->rank], MPI_BYTE, all, s->counts,
                    s->starts, MPI_BYTE, team_ranks, request);
}

static void mpi_barrier(struct comm *c)
{
    (void)c;
    MPI_Barrier(team_ranks);
}

static void mpi_abort(struct comm *c, int status)
{
    (void)c;
    MPI_Abort(MPI_COMM_WORLD, status);
}

static void mpi_close(struct comm *c)
{
    (void)c;
    MPI_Finalize();
}

static const struct comm_ops mpi_ops = {
    .name = "mpi",
    .sum_floats = mpi_sum_floats,
    .sum_doubles = mpi_sum_doubles,
    .broadcast = mpi_broadcast,
    .gather = mpi_gather,
    .start_sum = mpi_start_sum,
    .start_gather = mpi_start_gather,
    .progress = mpi_progress,
    .wait = mpi_wait,
    .barrier = mpi_barrier,
    .abort = mpi_abort,
    .close = mpi_close,
};

int comm_mpi(struct comm *c, struct error *err)
{
    int got = 0;

    c->ops = &mpi_ops;
    /* Open MPI may see that a peer is gone before the watchdog does, and would
     * end without its word. */
    setenv("OMPI_MCA_opal_abort_delay", "1", 0);
    if (MPI_Init_thread(NULL, NULL, MPI_THREAD_FUNNELED, &got) != MPI_SUCCESS)
        return error_set(err, "MPI did not start");
    team_ranks = MPI_COMM_WORLD;
    MPI_Comm_rank(MPI_COMM_WORLD, &c->rank);
    MPI_Comm_size(MPI_COMM_WORLD, &c->size);
    if (c->size > MPI_RANKS)
        return error_set(err, "%d ranks are more than %d", c->size, MPI_RANKS);
    return 0;
}

/* --- the helper --------------------------------------------------------------- */

enum { ASIDE_MESSAGES = 16, ASIDE_REST_NS = 2000000 };

static MPI_Request aside[ASIDE_MESSAGES];
static int aside_count, aside_peer;

int aside_open(struct comm *team, const struct comm *all, struct error *err)
{
    const bool helper = aside_is_helper(all);

    if (all->size < 2) {
        error_usage(err, "helpers: 1 with one rank leaves none to train");
        return error_hint(err, "start one rank more (mpirun -n 2), or say "
                               "'helpers: 0'");
    }
    aside_peer = helper ? 0 : all->size - 1;
    MPI_Comm_split(MPI_COMM_WORLD, helper, all->rank, &team_ranks);
    if (helper)
        comm_self(team);
    else
        *team = (struct comm){ &mpi_ops, all->rank, all->size - 1 };
    return 0;
}

void aside_close(struct comm *team)
{
    MPI_Comm_free(&team_ranks);
    team_ranks = MPI_COMM_WORLD;
    *team = (struct comm){ 0 };
}

bool aside_is_helper(const struct comm *all)
{
    return all->rank == all->size - 1;
}

static MPI_Request *next_aside(void)
{
    if (aside_count == ASIDE_MESSAGES)
        aside_wait();
    return &aside[aside_count++];
}

void aside_send(const void *bytes, size_t size)
{
    const char *at = bytes;
    int n;

    for (; size > 0; size -= (size_t)n, at += n) {
        n = piece(size);
        MPI_Isend(at, n, MPI_BYTE, aside_peer, 0, MPI_COMM_WORLD, next_aside());
    }
}

void aside_receive(void *bytes, size_t size)
{
    char *at = bytes;
    int n;

    for (; size > 0; size -= (size_t)n, at += n) {
        n = piece(size);
        MPI_Irecv(at, n, MPI_BYTE, aside_peer, 0, MPI_COMM_WORLD, next_aside());
    }
}

bool aside_progress(void)
{
    int done = 1;

    if (aside_count > 0)
        MPI_Testall(aside_count, aside, &done, MPI_STATUSES_IGNORE);
    if (done)
        aside_count = 0;
    return done;
}

/* MPI waits with a busy processor, which is wanted by those that train. */
void aside_wait(void)
{
    const struct timespec rest = { 0, ASIDE_REST_NS };

    while (!aside_progress())
        nanosleep(&rest, NULL);
}

const char *comm_mpi_version(void)
{
    static char text[MPI_MAX_LIBRARY_VERSION_STRING];
    int size;

    if (MPI_Get_library_version(text, &size) != MPI_SUCCESS)
        return "";
    text[strcspn(text, ",\n")] = '\0'; /* what follows is who built it */
    return text;
}
