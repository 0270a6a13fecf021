#!/usr/bin/env python3
"""How long Optuna takes for a suggestion, by size of the history: the study of
ask.c, without its pruned trials' reports. Prints "name value unit" a line,
medians in the process's own time: pip install optuna; python3 ask_optuna.py
SPDX-License-Identifier: Apache-2.0"""
import random
import statistics
import time
import warnings

import optuna
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

SPACE = {
    'lr': FloatDistribution(1e-5, 1e-1, log=True), 'momentum': FloatDistribution(0, 1),
    'scale': FloatDistribution(-4, 4), 'depth': IntDistribution(1, 8), 'width': IntDistribution(16, 1024, log=True),
    'loss': CategoricalDistribution(list(range(5))), 'image': CategoricalDistribution(list(range(5))),
    'dropout': FloatDistribution(0, 1, step=0.05)}
SIZES = (100, 1000, 10000)
CALLS = 11


def draw(distribution):
    if isinstance(distribution, CategoricalDistribution):
        return random.choice(distribution.choices)
    if isinstance(distribution, IntDistribution):
        return random.randint(distribution.low, distribution.high)
    if distribution.step:
        return round(random.randint(0, 20) * 0.05, 2)
    return random.uniform(distribution.low, distribution.high)


def fill(study, count):
    trials = []
    for _ in range(count):
        params = {name: draw(d) for name, d in SPACE.items()}
        trials.append(optuna.trial.create_trial(params=params, distributions=SPACE,
                                                value=random.random() + abs(params['momentum'] - 0.3)))
    study.add_trials(trials)


def bench(name, sampler, size):
    study = optuna.create_study(sampler=sampler)
    fill(study, size)
    times = []
    for i in range(CALLS + 1):  # the first one warms up
        start = time.process_time()
        trial = study.ask(SPACE)
        times.append(time.process_time() - start)
        study.tell(trial, random.random())
    print('optuna.ask.%s.%d %.4g ms' % (name, size, 1e3 * statistics.median(times[1:])), flush=True)


def main():
    warnings.simplefilter('ignore')
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    random.seed(1)
    for size in SIZES:
        bench('random', optuna.samplers.RandomSampler(seed=1), size)
        bench('qmc', optuna.samplers.QMCSampler(seed=1), size)
        bench('tpe', optuna.samplers.TPESampler(multivariate=True, group=True, seed=1), size)
        bench('nsga-ii', optuna.samplers.NSGAIISampler(seed=1), size)
        bench('cma-es', optuna.samplers.CmaEsSampler(with_margin=True, seed=1), size)


if __name__ == '__main__':
    main()
