#!/usr/bin/env python3
"""The reference numbers in tests/unit/search/math/hypervolume.c, from Optuna:
pip install optuna; python3 hypervolume.py. Made with optuna 5.0.0.
SPDX-License-Identifier: Apache-2.0"""
import numpy
from optuna._hypervolume import compute_hypervolume

for objectives in (1, 2, 3, 4, 5):
    for count in (1, 7, 20):
        rows = numpy.array([[abs(numpy.sin(1 + 3 * i + 5 * o + i * o)) for o in range(objectives)]
                            for i in range(count)])
        reference = numpy.full(objectives, 1.1)
        print('    { %d, %d, %.15g },' % (objectives, count, compute_hypervolume(rows, reference)))
