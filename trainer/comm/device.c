/* See device.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/comm/device.h"

#include "trainer/backend/plugin.h"

int comm_device(struct comm *c, const struct wireup *up, struct backend *b,
                struct error *err)
{
    const struct device_plugin *p = plugin_symbol(DEVICE_SYMBOL);
    unsigned char id[DEVICE_ID_BYTES] = { 0 };

    *c = (struct comm){ .rank = up->comm->rank, .size = up->comm->size };
    if (!p || p->ops_size != sizeof(struct comm_ops)) {
        error_usage(err,
                    "the CUDA backend was built without NCCL: it trains "
                    "with one rank, not %d",
                    c->size);
        return error_hint(err, "build it where nccl.h is found (.ci/cuda says "
                               "so), start one rank, or say 'backend: cpu'");
    }
    if (c->rank == 0 && p->make_id(id, err) < 0)
        return -1;
    if (wireup_share(up, DEVICE_SYMBOL, id, sizeof id, err) < 0)
        return -1;
    return p->join(c, b, id, err);
}
