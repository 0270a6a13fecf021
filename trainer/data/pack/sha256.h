/* sha256: the door to libmd; folds that other tools can reproduce.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_DATA_PACK_SHA256_H
#define TRAINER_DATA_PACK_SHA256_H

#include <stdint.h>

/* The SHA-256 of a string, taken as one 256-bit number (first byte highest),
 * modulo 'n' > 0: Python's int(sha256(s).hexdigest(), 16) % n. */
uint32_t sha256_modulo(const char *string, uint32_t n);

#endif
