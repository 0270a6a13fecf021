/* sha256: the door to libmd.
 * SPDX-License-Identifier: Apache-2.0 */
#include "trainer/data/pack/sha256.h"

#include <sha256.h>
#include <stddef.h>
#include <string.h>

uint32_t sha256_modulo(const char *string, uint32_t n)
{
    uint8_t digest[SHA256_DIGEST_LENGTH];
    uint64_t rest = 0;
    SHA2_CTX context;
    SHA256Init(&context);
    SHA256Update(&context, (const uint8_t *)string, strlen(string));
    SHA256Final(digest, &context);
    for (size_t i = 0; i < sizeof digest; i++)
        rest = (rest << 8 | digest[i]) % n;
    return (uint32_t)rest;
}
