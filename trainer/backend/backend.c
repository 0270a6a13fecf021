/* See backend.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/backend/backend.h"

#include <math.h>

#include <string.h>

const char *const precision_names[] = { "fp32", "tf32", "bf16", NULL };
const char *const backend_names[] = { "cpu", "cuda", "plain", NULL };

bool backend_has(const char *name, enum precision p)
{
    return p == PRECISION_FP32 || strcmp(name, "cuda") == 0 ||
           (p == PRECISION_BF16 && strcmp(name, "cpu") == 0);
}

void backend_destroy(struct backend *b)
{
    if (b)
        b->ops->destroy(b);
}

float update_scale(const struct update *u)
{
    double norm = u->clip > 0 ? sqrt(*u->squares) : 0;

    return norm > (double)u->clip ? (float)((double)u->clip / norm) : 1;
}

struct update update_for(const struct update *u, const struct span *s)
{
    struct update mine = *u;

    if (s->decay)
        return mine;
    mine.decay = mine.shrink = 0;
    mine.trust = false;
    return mine;
}

int backend_check(const struct backend *b, struct error *err)
{
    if (b->failure.kind == ERROR_NONE)
        return 0;
    if (err)
        *err = b->failure;
    return -1;
}
