/* hash: the door to xxHash; checksums of shards and hashes of words.
 *
 * XXH3, 64 bits (Collet, https://xxhash.com): the same on every machine.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_HASH_H
#define TRAINER_DATA_HASH_H

#include <stddef.h>
#include <stdint.h>

/* The hash of 'size' bytes; another seed gives an independent hash. */
uint64_t hash_bytes(const void *bytes, size_t size, uint64_t seed);

/* The hash of a string without its NUL. */
uint64_t hash_string(const char *string, uint64_t seed);

/* The version of xxHash that is linked. */
const char *hash_version(void);

#endif
