/* nccl: one thing that the door to NCCL does with the library it finds, which is
 * a pretended one (pretended_nccl.c), none, or the real one as far as that goes
 * without a GPU. tests/integration/cuda.sh says which.
 *
 *   nccl CASE            0: it does
 * SPDX-License-Identifier: Apache-2.0 */
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "trainer/comm/device.h"
#include "trainer/comm/nccl/nccl.h"

/* How often the pretended library was called so. */
static int count_of(const char *name)
{
    void *library = dlopen("libnccl.so.2", RTLD_NOW);
    const int *count = library ? dlsym(library, name) : NULL;

    return count ? *count : -1;
}

static int says(const struct error *e, const char *what)
{
    printf("# %s (%s)\n", e->what, e->hint);
    return strstr(e->what, what) != NULL;
}

static struct nccl *join(struct error *err)
{
    unsigned char id[DEVICE_ID_BYTES];

    return nccl_make_id(id, err) < 0 ? NULL : nccl_join(id, 0, 2, err);
}

static int sums_and_gathers(void)
{
    struct error err = ERROR_INIT;
    struct nccl *n = join(&err);
    size_t sizes[] = { 3, 0 };
    char all[3];

    if (!n)
        return 0;
    nccl_sum(n, all, 1, NCCL_FLOATS, NULL, &err);
    nccl_sum(n, all, 1, NCCL_DOUBLES, NULL, &err);
    nccl_gather(n, all, sizes, all, NULL, &err);
    nccl_check(n, &err);
    nccl_leave(n);
    return err.kind == ERROR_NONE && count_of("pretended_sums") == 101 &&
           count_of("pretended_sent") == 3 &&
           count_of("pretended_destroys") == 1;
}

/* The communicator is aborted once, not destroyed, and called no more. */
static int leaves_when_a_rank_is_lost(void)
{
    struct error err = ERROR_INIT;
    struct nccl *n = join(&err);
    char value[8];

    if (!n)
        return 0;
    nccl_check(n, &err);
    nccl_sum(n, value, 1, NCCL_FLOATS, NULL, &err);
    if (err.kind != ERROR_NONE)
        return 0;
    nccl_check(n, &err);
    nccl_check(n, &err);
    nccl_sum(n, value, 1, NCCL_FLOATS, NULL, &err);
    nccl_leave(n);
    return says(&err, "peer 1 is gone") && count_of("pretended_sums") == 1 &&
           count_of("pretended_aborts") == 1 &&
           count_of("pretended_destroys") == 0;
}

static int says_why_it_cannot_join(void)
{
    struct error err = ERROR_INIT;

    return !join(&err) && says(&err, "invalid usage") &&
           strstr(err.hint, "GPU of its own");
}

static int says_that_it_is_too_old(void)
{
    struct error err = ERROR_INIT;

    return !join(&err) && says(&err, "of version 2100") &&
           err.kind == ERROR_USAGE;
}

static int says_that_it_is_not_there(void)
{
    struct error err = ERROR_INIT;

    return !join(&err) && says(&err, "need NCCL") && err.kind == ERROR_USAGE;
}

static int makes_ids(void)
{
    unsigned char one[DEVICE_ID_BYTES] = { 0 }, two[DEVICE_ID_BYTES] = { 0 };
    struct error err = ERROR_INIT;

    return nccl_make_id(one, &err) == 0 && nccl_make_id(two, &err) == 0 &&
           memcmp(one, two, sizeof one) != 0;
}

static const struct {
    const char *name;
    int (*run)(void);
} cases[] = {
    { "sums", sums_and_gathers },
    { "lost", leaves_when_a_rank_is_lost },
    { "refused", says_why_it_cannot_join },
    { "old", says_that_it_is_too_old },
    { "none", says_that_it_is_not_there },
    { "real", makes_ids },
};

int main(int argc, char **argv)
{
    size_t i;

    for (i = 0; argc == 2 && i < sizeof cases / sizeof *cases; i++)
        if (strcmp(argv[1], cases[i].name) == 0)
            return !cases[i].run();
    fprintf(stderr, "usage: %s CASE\n", argv[0]);
    return 2;
}
