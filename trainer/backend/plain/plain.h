/* plain: the operations as their definitions say them, one loop after another,
 * sums in doubles.
 *
 * Slow, and needs no library: what other backends are checked against.
 * Planes are stored channels last, [row][height][width][channels]; the stride
 * of a matrix is its columns.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef TRAINER_BACKEND_PLAIN_PLAIN_H
#define TRAINER_BACKEND_PLAIN_PLAIN_H

#include "trainer/backend/backend.h"

/* In planes.c, norm.c and rows.c; what each does, backend.h says. */
BACKEND_ARITHMETIC(BACKEND_PROTOTYPE, plain)

#endif
