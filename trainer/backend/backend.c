/* See backend.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/backend.h"

void backend_destroy(struct backend *b)
{
    if (b)
        b->ops->destroy(b);
}

int backend_check(const struct backend *b, struct error *err)
{
    if (b->failure.kind == ERROR_NONE)
        return 0;
    if (err)
        *err = b->failure;
    return -1;
}
