/* hash: the door to xxHash.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/hash.h"

#include <stdio.h>
#include <string.h>
#include <xxhash.h>

uint64_t hash_bytes(const void *bytes, size_t size, uint64_t seed)
{
    return XXH3_64bits_withSeed(size ? bytes : "", size, seed);
}

uint64_t hash_string(const char *string, uint64_t seed)
{
    return hash_bytes(string, strlen(string), seed);
}

const char *hash_version(void)
{
    static char text[24];
    const unsigned v = XXH_versionNumber();
    snprintf(text, sizeof text, "%u.%u.%u", v / 10000, v / 100 % 100, v % 100);
    return text;
}
