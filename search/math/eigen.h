/* eigen: a symmetric matrix by its axes.
 *
 * Jacobi's method, row by row (Golub & Van Loan, Matrix computations, 8.5): as
 * exact as any, and simple; fit for some dozens of dimensions.
 * SPDX-License-Identifier: Apache-2.0 */
#ifndef SEARCH_MATH_EIGEN_H
#define SEARCH_MATH_EIGEN_H

#include <stddef.h>

/* a = vectors diag(values) vectors', for the 'n' x 'n' matrix 'a', which is
 * overwritten. Column k of 'vectors' belongs to values[k]; in no order. */
void eigen_symmetric(double *a, size_t n, double *values, double *vectors);

#endif
