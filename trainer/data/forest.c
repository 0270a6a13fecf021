/* See forest.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/forest.h"

#include <stdlib.h>

uint32_t *forest_create(size_t count)
{
    uint32_t *parent = calloc(count + 1, sizeof *parent);

    for (size_t i = 0; parent && i < count; i++)
        parent[i] = (uint32_t)i;
    return parent;
}

uint32_t forest_root(uint32_t *parent, uint32_t i)
{
    while (parent[i] != i)
        i = parent[i] = parent[parent[i]];
    return i;
}

void forest_join(uint32_t *parent, uint32_t a, uint32_t b)
{
    a = forest_root(parent, a);
    b = forest_root(parent, b);
    if (a < b)
        parent[b] = a;
    else
        parent[a] = b;
}
