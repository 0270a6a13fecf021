#!/usr/bin/env python3
"""The reference numbers in tests/unit/search/models/parzen.c, from Optuna's
estimator of TPE; of many points, where ours has one width (Scott's), by its
definition: pip install optuna scipy; python3 parzen.py. Made with optuna 5.0.0.
SPDX-License-Identifier: Apache-2.0"""
import numpy
from scipy.stats import truncnorm
from optuna.distributions import CategoricalDistribution, FloatDistribution
from optuna.samplers._tpe.parzen_estimator import _ParzenEstimator, _ParzenEstimatorParameters

SPACE = {'a': FloatDistribution(0, 1), 'b': FloatDistribution(0, 1), 'c': CategoricalDistribution(['x', 'y', 'z'])}
ROWS = [(0.125, 0.5, 2), (0.25, 0.75, 2), (0.5, 1, 0)]
parameters = _ParzenEstimatorParameters(
    prior_weight=1.0, consider_magic_clip=True, consider_endpoints=False,
    weights=lambda n: numpy.ones(n), multivariate=True)


def columns(rows):
    return {name: numpy.array([row[i] for row in rows], dtype=float) for i, name in enumerate(SPACE)}


POINTS = [(0.25, 0.75, 2), (0.25, 0.75, 1), (1, 0, 0), (0.5, 1, 0)]
for rows in (ROWS, ROWS[:1], []):
    densities = _ParzenEstimator(columns(rows), SPACE, parameters).log_pdf(columns(POINTS))
    for point, density in zip(POINTS, densities):
        print('    { %d, { %g, %g, %g }, %.15g },' % (len(rows), *point, density))

many = numpy.array([(1 + numpy.sin(3 * k)) / 2 for k in range(40)])
width = max(1.059 * many.std() * 40 ** (-1 / 5), 1 / 42)
means, widths = numpy.append(many, 0.5), numpy.append(numpy.full(40, width), 1.0)
print('many points, one axis: x, log density')
for x in (0.0, 0.3, 0.9):
    print('    { %g, %.15g },' % (x, numpy.log(truncnorm.pdf(x, -means / widths, (1 - means) / widths, means, widths).mean())))
