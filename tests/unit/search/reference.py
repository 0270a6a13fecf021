#!/usr/bin/env python3
"""The reference numbers in math/normal.c and samplers/parzen.c, from their
definitions in 100 digits: apt install python3-mpmath; python3 reference.py
SPDX-License-Identifier: Apache-2.0"""
from mpmath import mp, mpf, erfc, erfinv, sqrt, log, exp, pi

mp.dps = 100


def cdf(z):
    return erfc(-mpf(z) / sqrt(2)) / 2


def quantile(p):
    return sqrt(2) * erfinv(2 * mpf(p) - 1)


def mass(mean, deviation):
    return cdf((1 - mean) / deviation) - cdf(-mean / deviation)


def truncated_quantile(p, mean, deviation):
    below = cdf(-mean / deviation)
    return mean + deviation * quantile(below + p * mass(mean, deviation))


def truncated_density(x, mean, deviation):
    z = (x - mean) / deviation
    return exp(-z * z / 2) / (deviation * sqrt(2 * pi) * mass(mean, deviation))


def deviation_of(points, dimension):
    n = len(points)
    mean = sum(points) / n
    spread = sqrt(sum((p - mean) ** 2 for p in points) / n)
    width = mpf("1.059") * spread * mpf(n) ** (-mpf(1) / (dimension + 4))
    return max(width, 1 / mpf(min(100, n + 1)))


def parzen(rows, choices, x):
    """choices: of each axis, 0 for a numeric one."""
    kernels = len(rows) + 1
    total = mpf(0)
    for k in range(kernels):
        density = mpf(1) / kernels
        for a, count in enumerate(choices):
            prior = k == len(rows)
            if count and prior:
                density /= count
            elif count:
                own = kernels if rows[k][a] == x[a] else 0
                density *= mpf(1 + own) / (kernels + count)
            else:
                d = deviation_of([row[a] for row in rows], len(choices))
                density *= truncated_density(
                    x[a], mpf("0.5") if prior else rows[k][a],
                    mpf(1) if prior else d)
        total += density
    return log(total)


def row(*numbers):
    print("{ " + ", ".join(mp.nstr(mpf(n), 17) for n in numbers) + " },")


print("normal_cdf: z, p")
for z in ("-37", "-8", "-1.5", "0", "0.5", "3", "8"):
    row(mpf(z), cdf(z))
print("normal_quantile: p, z")
for p in ("1e-40", "1e-20", "0.001", "0.02425", "0.25", "0.5", "0.7", "0.999"):
    row(float(p), quantile(float(p)))
print("normal_truncated: p, mean, deviation, x")
for p, m, d in (("0.5", "0.5", "1"), ("0.125", "0", "0.25"),
                ("0.875", "0.75", "0.5"), ("0.5", "1", "0.0625")):
    row(p, m, d, truncated_quantile(mpf(p), mpf(m), mpf(d)))
print("normal_truncated_log_density: x, mean, deviation, log density")
for x, m, d in (("0.5", "0.5", "1"), ("0.25", "0", "0.25"),
                ("0", "0.75", "0.5"), ("1", "1", "0.0625")):
    row(x, m, d, log(truncated_density(mpf(x), mpf(m), mpf(d))))
print("parzen_log_density: x, log density")
ROWS = [[mpf(v) for v in r] for r in
        (("0.125", "0.5", "2"), ("0.25", "0.75", "2"), ("0.5", "1", "0"))]
for x in (("0.25", "0.75", "2"), ("0.25", "0.75", "1"), ("1", "0", "0"),
          ("0.5", "1", "0")):
    row(*x, parzen(ROWS, (0, 0, 3), [mpf(v) for v in x]))


def matern(r2):
    r = sqrt(5 * r2)
    return (1 + r + r * r / 3) * exp(-r)


def posterior(points, targets, variances, lengths, amplitude, noise, at):
    """gp: mean and variance; the second axis is one of unordered choices."""
    def kernel(a, b):
        return amplitude * matern((a[0] - b[0]) ** 2 / lengths[0] ** 2
                                  + (0 if a[1] == b[1] else 1) / lengths[1] ** 2)
    k = mp.matrix([[kernel(a, b) for b in points] for a in points])
    for i, v in enumerate(variances):
        k[i, i] += noise + v
    near = mp.matrix([kernel(at, p) for p in points])
    return ((near.T * mp.lu_solve(k, mp.matrix(targets)))[0],
            amplitude - (near.T * mp.lu_solve(k, near))[0])


print("gp_predict: x, choice, mean, variance")
for x in ((mpf("0.45"), 1), (mpf(0), 2), (mpf("0.5"), 0)):
    row(*x, *posterior(
        [(mpf(v), c) for v, c in (("0.1", 0), ("0.4", 1), ("0.5", 0), ("0.8", 2), ("0.95", 1))],
        [mpf(v) for v in ("0.3", "-1.2", "0.4", "0.9", "-0.5")],
        [mpf(v) for v in ("0", "0.2", "0", "0.05", "0")],
        (mpf("0.3"), mpf("0.7")), mpf("1.7"), mpf("0.01") + mpf("1e-7"), x))
