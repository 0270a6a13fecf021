/* rate: see rate.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "launcher/controller/rate.h"

#include <math.h>

void rate_init(struct rate *r, double per_s, double most, double now)
{
    *r = (struct rate){ per_s, most, most, now };
}

bool rate_has(struct rate *r, double now)
{
    r->left = fmin(r->most, r->left + (now - r->at) * r->per_s);
    r->at = now;
    return r->left > 0;
}

void rate_take(struct rate *r, double amount)
{
    r->left -= amount;
}
