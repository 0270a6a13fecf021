/* See pmix.h. The calls are those of the PMIx standard 4.1, chapters 5 to 7.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/comm/pmix.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <pmix.h>

static pmix_proc_t self;

/* What 'rank' (or all, PMIX_RANK_WILDCARD) has under 'key'; NULL when nothing.
 * The caller releases it. */
static pmix_value_t *get(pmix_rank_t rank, const char *key)
{
    pmix_value_t *value = NULL;
    pmix_proc_t of;

    PMIX_LOAD_PROCID(&of, self.nspace, rank);
    return PMIx_Get(&of, key, NULL, 0, &value) == PMIX_SUCCESS ? value : NULL;
}

static int get_number(pmix_rank_t rank, const char *key)
{
    pmix_value_t *value = get(rank, key);
    int number = -1;

    if (value && value->type == PMIX_UINT16)
        number = value->data.uint16;
    else if (value && value->type == PMIX_UINT32)
        number = (int)value->data.uint32;
    if (value)
        PMIX_VALUE_RELEASE(value);
    return number;
}

bool pmix_join(void)
{
    return PMIx_Init(&self, NULL, 0) == PMIX_SUCCESS;
}

void pmix_leave(void)
{
    PMIx_Finalize(NULL, 0);
}

int pmix_local_rank(void)
{
    return get_number(self.rank, PMIX_LOCAL_RANK);
}

int pmix_restarts(void)
{
    return get_number(self.rank, PMIX_REINCARNATION);
}

bool pmix_map(void (*each)(void *context, int rank, const char *node),
              void *context)
{
    char *list = NULL, *save = NULL;
    bool whole = PMIx_Resolve_nodes(self.nspace, &list) == PMIX_SUCCESS && list;

    for (char *node = whole ? strtok_r(list, ",", &save) : NULL; node && whole;
         node = strtok_r(NULL, ",", &save)) {
        pmix_proc_t *procs = NULL;
        size_t count = 0;

        whole = PMIx_Resolve_peers(node, self.nspace, &procs, &count) ==
                PMIX_SUCCESS;
        for (size_t i = 0; whole && i < count; i++)
            each(context, (int)procs[i].rank, node);
        if (procs)
            PMIX_PROC_FREE(procs, count);
    }
    free(list);
    return whole;
}

/* All have what was committed before, once it returns. */
static pmix_status_t fence(void)
{
    bool collect = true;
    pmix_status_t status;
    pmix_info_t info;

    PMIX_INFO_CONSTRUCT(&info);
    PMIX_INFO_LOAD(&info, PMIX_COLLECT_DATA, &collect, PMIX_BOOL);
    status = PMIx_Fence(NULL, 0, &info, 1);
    PMIX_INFO_DESTRUCT(&info);
    return status;
}

static pmix_status_t put(const char *name, void *bytes, size_t size)
{
    pmix_value_t value = { .type = PMIX_BYTE_OBJECT };
    pmix_status_t status;

    value.data.bo.bytes = bytes;
    value.data.bo.size = size;
    status = PMIx_Put(PMIX_GLOBAL, name, &value);
    return status == PMIX_SUCCESS ? PMIx_Commit() : status;
}

static pmix_status_t take(const char *name, void *bytes, size_t size)
{
    pmix_value_t *value = get(0, name);
    pmix_status_t status = PMIX_ERR_NOT_FOUND;

    if (value && value->type == PMIX_BYTE_OBJECT &&
        value->data.bo.size == size) {
        memcpy(bytes, value->data.bo.bytes, size);
        status = PMIX_SUCCESS;
    }
    if (value)
        PMIX_VALUE_RELEASE(value);
    return status;
}

const char *pmix_share(const char *name, void *bytes, size_t size)
{
    pmix_status_t status =
        self.rank == 0 ? put(name, bytes, size) : PMIX_SUCCESS;
    pmix_status_t fenced = fence(); /* also after a failure: others wait */

    if (status == PMIX_SUCCESS)
        status = fenced;
    if (status == PMIX_SUCCESS && self.rank != 0)
        status = take(name, bytes, size);
    return status == PMIX_SUCCESS ? NULL : PMIx_Error_string(status);
}

const char *pmix_version(void)
{
    return PMIx_Get_version();
}
