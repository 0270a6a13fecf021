/* random: numbers that are the same on every machine.
 *
 * xoshiro256++ (Blackman & Vigna 2019) seeded by splitmix64. A generator is
 * named by (seed, stream): equal names give equal numbers, other names are
 * independent for all we can tell. No global state.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state[4];
};

/* Start the generator (seed, stream). */
void random_seed(struct random *r, uint64_t seed, uint64_t stream);

/* 64 random bits. */
uint64_t random_bits(struct random *r);

/* Uniform in [0, 1), 53 bits. */
double random_uniform(struct random *r);

/* Uniform in 0..n-1, without bias (Lemire 2019); 'n' > 0. */
uint64_t random_below(struct random *r, uint64_t n);

/* Standard normal (Box-Muller, two uniforms a call, no state kept). */
double random_normal(struct random *r);

/* Shuffle 'count' items (Fisher-Yates). */
void random_shuffle(struct random *r, size_t *items, size_t count);

/* 64-bit mix of a value (splitmix64's finaliser); for seeds and hashing of
 * small integers. */
uint64_t random_mix(uint64_t value);

/* Fill 'bytes' from the operating system: for tokens, never for search.
 * Returns 0 or -1. */
int random_secret(void *bytes, size_t size);

#endif
