#!/usr/bin/env python3
"""The p-values in tests/unit/search/math/wilcoxon_reference.h, from scipy:

    pip install scipy
    python3 tests/reference/wilcoxon.py >tests/unit/search/math/wilcoxon_reference.h
    clang-format -i tests/unit/search/math/wilcoxon_reference.h

Without ties scipy counts exactly up to 50; with ties or zeros all signs are
gone through one by one; beyond that both use the normal approximation.
SPDX-License-Identifier: Apache-2.0"""
import random

import scipy
from scipy.stats import PermutationMethod, wilcoxon


def p_above(d):
    plain = len({abs(x) for x in d}) == len(d) and 0 not in d
    if len(d) > 50:
        method = "asymptotic"
    elif plain:
        method = "exact"
    else:
        method = PermutationMethod(n_resamples=2 ** len(d) + 1)
    return wilcoxon(d, alternative="greater", zero_method="zsplit",
                    correction=False, method=method).pvalue


def cases():
    rng = random.Random(1)
    yield [3.0]
    yield [-3.0]
    yield [1.0, 2.0]
    yield [1.0, -2.0, 3.0, 4.0, 5.0]
    for n in (3, 5, 8, 10, 20, 35, 50):  # no ties
        yield [rng.gauss(0.3, 1) for _ in range(n)]
    for n in (4, 6, 9, 12):  # ties and zeros
        yield [float(rng.randint(-2, 4)) for _ in range(n)]
    yield [0.0, 0.0, 0.0, 1.0]
    yield [0.0, 0.0, 0.0]
    for n in (51, 60, 90):  # the approximation
        yield [rng.gauss(0.2, 1) for _ in range(n)]
    for n in (55, 80):  # with ties and zeros
        yield [float(rng.randint(-6, 7)) for _ in range(n)]


print(f"/* Made by tests/reference/wilcoxon.py with scipy {scipy.__version__}.")
print(" * SPDX-License-Identifier: Apache-2.0 */")
print("#ifndef TESTS_UNIT_SEARCH_MATH_WILCOXON_REFERENCE_H")
print("#define TESTS_UNIT_SEARCH_MATH_WILCOXON_REFERENCE_H\n#include <stddef.h>\n")
print("static const struct {\n    size_t count;\n    double p;\n    double d[90];\n} reference[] = {")
for d in cases():
    print(f"    {{ {len(d)}, {float(p_above(d))!r}, {{ {', '.join(map(repr, d))} }} }},")
print("};\n#endif")
