/* See positions.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/batch/positions.h"

uint32_t positions_kept(const struct sequence_options *o, size_t there)
{
    return (uint32_t)(there < (size_t)o->length ? there : (size_t)o->length);
}

size_t positions_needed(const struct sequence_options *o, size_t kept)
{
    size_t window = o->kind == SEQUENCE_CNN ? (size_t)o->longest : 0;

    return kept + 1 > window ? kept + 1 : window;
}
