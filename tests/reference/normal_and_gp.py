#!/usr/bin/env python3
"""The reference numbers in math/normal.c and math/gp.c, from their
definitions in 100 digits: apt install python3-mpmath; python3 normal_and_gp.py
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
