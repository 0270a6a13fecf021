/* duplicates: how long a million perceptual hashes take to be grouped, a tenth
 * of them made from others by changing up to four bits. Prints "name value unit"
 * a line, in CPU time of its one thread.
 * SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/random.h"
#include "trainer/data/duplicates.h"

enum { HASHES = 1000000 };

static void make(uint64_t *hash)
{
    struct random r;
    size_t i, bits;

    random_seed(&r, 1, 0);
    for (i = 0; i < HASHES; i++) {
        if (i == 0 || random_below(&r, 10) > 0) {
            hash[i] = random_bits(&r);
            continue;
        }
        hash[i] = hash[random_below(&r, i)];
        for (bits = random_below(&r, 5); bits > 0; bits--)
            hash[i] ^= (uint64_t)1 << random_below(&r, 64);
    }
}

int main(void)
{
    static const int distances[] = { 4, 7 };
    uint64_t *hash = calloc(HASHES, sizeof *hash);
    uint32_t *group = calloc(HASHES, sizeof *group);
    struct error err = ERROR_INIT;
    size_t groups, i;
    clock_t before;

    if (!hash || !group)
        return 1;
    make(hash);
    for (i = 0; i < sizeof distances / sizeof *distances; i++) {
        before = clock();
        if (duplicates_group(hash, HASHES, distances[i], group, &groups, &err) <
            0)
            return error_print(&err, "duplicates");
        printf("duplicates.distance%d %.2f s\n", distances[i],
               (double)(clock() - before) / CLOCKS_PER_SEC);
        printf("duplicates.groups%d %zu groups\n", distances[i], groups);
    }
    free(hash);
    free(group);
    return 0;
}
