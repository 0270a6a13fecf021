/* eigen: see eigen.h.
 * SPDX-License-Identifier: Apache-2.0 */
#include "search/math/eigen.h"

#include <float.h>
#include <math.h>

enum { SWEEPS_MAX = 50 };

/* The sum of squares beside the diagonal, and on it. */
static double beside(const double *a, size_t n, double *diagonal)
{
    double sum = 0;

    *diagonal = 0;
    for (size_t i = 0; i < n; i++) {
        *diagonal += a[i * n + i] * a[i * n + i];
        for (size_t j = 0; j < i; j++)
            sum += a[i * n + j] * a[i * n + j];
    }
    return sum;
}

/* Turn the plane of axes p and q so that a[p][q] becomes 0. */
static void rotate(double *a, size_t n, size_t p, size_t q, double *vectors)
{
    double theta = (a[q * n + q] - a[p * n + p]) / (2 * a[p * n + q]);
    double t = copysign(1 / (fabs(theta) + hypot(theta, 1)), theta);
    double c = 1 / hypot(t, 1), s = t * c;

    for (size_t k = 0; k < n; k++) {
        double kp = a[k * n + p], kq = a[k * n + q];
        a[k * n + p] = c * kp - s * kq;
        a[k * n + q] = s * kp + c * kq;
    }
    for (size_t k = 0; k < n; k++) {
        double pk = a[p * n + k], qk = a[q * n + k];
        double kp = vectors[k * n + p], kq = vectors[k * n + q];
        a[p * n + k] = c * pk - s * qk;
        a[q * n + k] = s * pk + c * qk;
        vectors[k * n + p] = c * kp - s * kq;
        vectors[k * n + q] = s * kp + c * kq;
    }
}

void eigen_symmetric(double *a, size_t n, double *values, double *vectors)
{
    double diagonal;

    for (size_t i = 0; i < n * n; i++)
        vectors[i] = i % (n + 1) == 0;
    for (int sweep = 0; sweep < SWEEPS_MAX; sweep++) {
        double off = beside(a, n, &diagonal);
        if (!(off > DBL_EPSILON * DBL_EPSILON * diagonal))
            break;
        for (size_t p = 0; p + 1 < n; p++)
            for (size_t q = p + 1; q < n; q++)
                if (a[p * n + q] != 0)
                    rotate(a, n, p, q, vectors);
    }
    for (size_t i = 0; i < n; i++)
        values[i] = a[i * n + i];
}
