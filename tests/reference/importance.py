#!/usr/bin/env python3
"""The reference numbers in tests/unit/search/importance.c: Optuna's PED-ANOVA of the same trials.

    pip install optuna numpy; python3 importance.py

Trial i is the i-th point of a lattice, so that both sides can make it without a file.
SPDX-License-Identifier: Apache-2.0
"""
import warnings

import optuna

warnings.simplefilter('ignore')
optuna.logging.set_verbosity(optuna.logging.ERROR)
TRIALS = 200
SPACE = {'a': optuna.distributions.FloatDistribution(0, 1), 'b': optuna.distributions.FloatDistribution(1e-4, 1, log=True),
         'c': optuna.distributions.IntDistribution(0, 9), 'd': optuna.distributions.CategoricalDistribution(['x', 'y', 'z'])}


def lattice(i, factor):
    return (i * factor) % 1.0


def trial(i):
    a, b = lattice(i, 0.6180339887498949), 10 ** (-4 + 4 * lattice(i, 0.7548776662466927))
    c, d = int(10 * lattice(i, 0.5698402909980532)), int(3 * lattice(i, 0.8191725133961645))
    value = (a - 0.7) ** 2 + 0.1 * abs(lattice(i, 0.7548776662466927) - 0.5) + 0.01 * c + (0.2 if d == 1 else 0)
    return optuna.trial.create_trial(params={'a': a, 'b': b, 'c': c, 'd': 'xyz'[d]}, distributions=SPACE, value=value)


study = optuna.create_study()
study.add_trials([trial(i) for i in range(TRIALS)])
for share in 0.1, 0.25:
    evaluator = optuna.importance.PedAnovaImportanceEvaluator(target_quantile=share)
    importance = optuna.importance.get_param_importances(study, evaluator=evaluator)
    print(share, ', '.join(f'{importance[name]:.6f}' for name in SPACE))
