#!/usr/bin/env python3
"""The table of search/math/sobol.c and the reference numbers in its test, from
scipy's copy of Joe & Kuo's file: pip install scipy; python3 sobol.py [table]
Made with scipy 1.17.1.
SPDX-License-Identifier: Apache-2.0"""
import os
import sys

import numpy
import scipy
from scipy.stats import qmc

DIMENSIONS = 128


def table():
    path = os.path.join(os.path.dirname(scipy.__file__), 'stats', '_sobol_direction_numbers.npz')
    numbers = numpy.load(path)
    for polynomial, first in zip(numbers['poly'][:DIMENSIONS], numbers['vinit'][:DIMENSIONS]):
        degree = max(1, int(polynomial).bit_length() - 1)
        print('    { %d, { %s } },' % (polynomial, ', '.join(str(m) for m in first[:degree])))


def points():
    """Rows { index, dimension, bits }; scipy's order is that of Gray's code."""
    sequence = qmc.Sobol(DIMENSIONS, scramble=False, bits=32).random(1024)
    for place in (1, 2, 3, 7, 100, 513, 1023):
        for dimension in (0, 1, 2, 20, 63, 127):
            print('    { %du, %d, %du },' % (place ^ place >> 1, dimension, sequence[place][dimension] * 2 ** 32))


table() if sys.argv[1:] == ['table'] else points()
