/* See backend.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/backend.h"

const char *const precision_names[] = { "fp32", "tf32", "bf16", NULL };
const char *const backend_names[] = { "cpu", "cuda", "plain", NULL };

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
