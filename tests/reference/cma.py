#!/usr/bin/env python3
"""The reference numbers in tests/unit/search/math/cma.c, from the package
cmaes: pip install cmaes numpy; python3 cma.py. Made with cmaes 0.13.1.
SPDX-License-Identifier: Apache-2.0"""
import numpy
from cmaes import CMA

DIMENSION, POPULATION, GENERATIONS = 4, 8, 12


def point(generation, k):
    """Points that both sides can make: no random numbers are shared."""
    return numpy.array([0.5 + 0.3 * numpy.sin(7 * generation + 3 * k + 2 * i) / (1 + 0.1 * generation)
                        for i in range(DIMENSION)])


cma = CMA(mean=numpy.full(DIMENSION, 0.5), sigma=0.25, population_size=POPULATION)
for g in range(GENERATIONS):
    points = [point(g, k) for k in range(POPULATION)]
    cma.tell([(x, float(sum((i + 1) * (x[i] - 0.4) ** 2 for i in range(DIMENSION)))) for x in points])
print('mean', ', '.join('%.15g' % v for v in cma._mean))
print('sigma %.15g' % cma._sigma)
print('C', ', '.join('%.15g' % cma._C[i][j] for i in range(DIMENSION) for j in range(i + 1)))
