/* sobol: points that fill a cube more evenly than random ones.
 *
 * Sobol's sequence with the direction numbers of Joe & Kuo (Constructing Sobol
 * sequences with better two-dimensional projections, SIAM J. Sci. Comput. 2008;
 * their file new-joe-kuo-6.21201), scrambled after Owen (1995) by hashing
 * (Laine & Karras 2011; Burley, Practical hash-based Owen scrambling, JCGT
 * 2020): each scrambled point is uniform, and 2^k of them in a row, from a
 * multiple of 2^k on, are as even as before.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MATH_SOBOL_H
#define SEARCH_MATH_SOBOL_H

#include <stddef.h>
#include <stdint.h>

enum { SOBOL_DIMENSIONS = 128 };

/* Coordinate 'dimension' (below SOBOL_DIMENSIONS) of point 'index', in units of
 * 2^-32. In the order of the definition, not in that of Gray's code. */
uint32_t sobol_bits(uint32_t index, size_t dimension);

/* The same scrambled, in (0, 1). Any 'dimension': each further 128 are the
 * first ones again, scrambled anew and met in another order (Burley's
 * padding), so they are even among themselves and independent of the rest. */
double sobol_scrambled(uint32_t index, size_t dimension, uint64_t seed);

#endif
