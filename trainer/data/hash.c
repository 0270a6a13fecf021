/* hash: the door to xxHash.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/hash.h"

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
