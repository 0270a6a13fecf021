#!/usr/bin/env python3
"""Our samplers beside Optuna's on functions that everybody knows.

    tests/bench/functions.py --build build --seeds 20 [--samplers tpe,cma-es] [--jobs 2] [--gp-minutes 30]

Runs the program functions (functions.c says what is measured) and the same
functions with Optuna's samplers, equal budgets and numbers of seeds; prints a
table in Markdown. Optuna's GPSampler takes minutes a study: as many seeds as can
begin in --gp-minutes, their number behind the figure. Needs: pip install optuna
cmaes, for GPSampler also torch.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import math
import multiprocessing
import os
import statistics
import subprocess
import sys
import time

os.environ['OMP_NUM_THREADS'] = '1'  # one study a core

import numpy
import optuna
from optuna._hypervolume import compute_hypervolume

REFERENCE = numpy.array([1.1, 10.0])
AXES = 10

HARTMANN_A = numpy.array([[10, 3, 17, 3.5, 1.7, 8], [0.05, 10, 17, 0.1, 8, 14],
                          [3, 3.5, 1.7, 10, 17, 8], [17, 8, 0.05, 10, 0.1, 14]])
HARTMANN_P = numpy.array([[0.1312, 0.1696, 0.5569, 0.0124, 0.8283, 0.5886],
                          [0.2329, 0.4135, 0.8307, 0.3736, 0.1004, 0.9991],
                          [0.2348, 0.1451, 0.3522, 0.2883, 0.3047, 0.6650],
                          [0.4047, 0.8828, 0.8732, 0.5743, 0.1091, 0.0381]])


def cube(t, n):
    return [t.suggest_float('x%d' % i, 0, 1) for i in range(n)]


def branin(t):
    x, y = t.suggest_float('x0', -5, 10), t.suggest_float('x1', 0, 15)
    b = y - 5.1 / (4 * math.pi ** 2) * x * x + 5 / math.pi * x - 6
    return b * b + 10 * (1 - 1 / (8 * math.pi)) * math.cos(x) + 10


def hartmann(t):
    inner = (HARTMANN_A * (numpy.array(cube(t, 6)) - HARTMANN_P) ** 2).sum(axis=1)
    return -float((numpy.array([1, 1.2, 3, 3.2]) * numpy.exp(-inner)).sum())


def rosenbrock(t):
    x = [t.suggest_float('x0', -5, 5), t.suggest_float('x1', -5, 5),
         t.suggest_int('x2', -5, 5), t.suggest_int('x3', -5, 5)]
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in zip(x, x[1:]))


def conditional(t):
    model = t.suggest_categorical('model', ['none', 'ridge', 'net'])
    if model == 'ridge':
        return (0.3 + 0.02 * (t.suggest_int('degree', 1, 9) - 4) ** 2
                + 0.05 * (math.log10(t.suggest_float('ridge', 1e-6, 1, log=True)) + 3) ** 2)
    if model == 'net':
        return (0.1 + 0.1 * math.log(t.suggest_int('width', 8, 512, log=True) / 96) ** 2
                + 0.2 * (math.log10(t.suggest_float('rate', 1e-5, 1e-1, log=True)) + 2.5) ** 2
                + 2 * (t.suggest_float('dropout', 0, 0.5) - 0.2) ** 2)
    return 0.8


def zdt(shape):
    def losses(t):
        x = cube(t, AXES)
        g = 1 + 9 * sum(x[1:]) / (AXES - 1)
        return x[0], g * shape(x[0], x[0] / g)
    return losses


TASKS = {  # function, objectives, budget, noise, minimum
    'branin': (branin, 1, 60, 0, 0.397887357729738),
    'hartmann6': (hartmann, 1, 100, 0, -3.32236801141551),
    'rosenbrock-int': (rosenbrock, 1, 150, 0, 0),
    'conditional': (conditional, 1, 100, 0, 0.1),
    'noisy': (hartmann, 1, 100, 0.3, -3.32236801141551),
    'zdt1': (zdt(lambda x, r: 1 - math.sqrt(r)), 2, 200, 0, 0),
    'zdt2': (zdt(lambda x, r: 1 - r * r), 2, 200, 0, 0),
    'zdt3': (zdt(lambda x, r: 1 - math.sqrt(r) - r * math.sin(10 * math.pi * x)), 2, 200, 0, 0),
}
SINGLE = ('random', 'qmc', 'tpe', 'gp', 'cma-es')
SEVERAL = ('random', 'tpe', 'nsga-ii', 'ehvi')
SLOW = ('gp', 'ehvi')


def make_sampler(name, seed):
    s = optuna.samplers
    return {'random': lambda: s.RandomSampler(seed=seed),
            'qmc': lambda: s.QMCSampler(scramble=True, seed=seed),
            'tpe': lambda: s.TPESampler(multivariate=True, group=True, seed=seed),
            'gp': lambda: s.GPSampler(seed=seed), 'ehvi': lambda: s.GPSampler(seed=seed),
            'cma-es': lambda: s.CmaEsSampler(seed=seed, with_margin=True),
            'nsga-ii': lambda: s.NSGAIISampler(seed=seed)}[name]()


def whole_front(function):
    class At:
        def __init__(self, x):
            self.x = x

        def suggest_float(self, name, low, high):
            return self.x if name == 'x0' else 0.0
    rows = numpy.array([function(At(i / 2000)) for i in range(2001)])
    return compute_hypervolume(rows, REFERENCE)


def play(job):
    """The regret of one study with Optuna; None when it is too late to begin."""
    name, sampler, seed, latest = job
    if latest and time.monotonic() > latest:
        return job, None
    function, objectives, budget, noise, minimum = TASKS[name]
    random, truth = numpy.random.default_rng(seed), []

    def objective(trial):
        truth.append(function(trial))
        return truth[-1] + noise * random.standard_normal() if objectives == 1 else truth[-1]
    study = optuna.create_study(sampler=make_sampler(sampler, seed), directions=['minimize'] * objectives)
    study.optimize(objective, n_trials=budget)
    if objectives == 1:
        return job, truth[study.best_trial.number] - minimum
    return job, whole_front(function) - compute_hypervolume(numpy.array(truth), REFERENCE)


def check(name, expected):
    """Both programs must mean the same function: in the middle of its space."""
    class Middle:
        def suggest_float(self, _, low, high, log=False):
            return (low + high) / 2
        suggest_int = suggest_float

        def suggest_categorical(self, _, choices):
            return choices[(len(choices) - 1) // 2]
    value = numpy.sum(TASKS[name][0](Middle()))
    if abs(value - expected) > 1e-6 * (1 + abs(expected)):
        sys.exit('functions.py: %s is %g here and %g there' % (name, value, expected))


def ours(build, seeds, samplers):
    text = subprocess.run([os.path.join(build, 'tests/bench/functions'), str(seeds), *samplers], check=True,
                          stdout=subprocess.PIPE, text=True).stdout
    figures = {}
    for line in text.splitlines():
        what, value, kind = line.split()
        if kind == 'check':
            check(what.split('.')[1], float(value))
        else:
            figures[tuple(what.split('.')[1:])] = float(value)
    return figures


def collect(pool, jobs, results):
    for (name, sampler, *_), regret in pool.imap_unordered(play, jobs):
        if regret is not None:
            results.setdefault((name, sampler), []).append(regret)


def main():
    parser = argparse.ArgumentParser(description='samplers on known functions, beside Optuna')
    parser.add_argument('--build', default='build')
    parser.add_argument('--seeds', type=int, default=20)
    parser.add_argument('--samplers', default='', help='some only: tpe,cma-es')
    parser.add_argument('--jobs', type=int, default=2)
    parser.add_argument('--gp-minutes', type=float, default=0, help="for Optuna's GPSampler (default 0: left out)")
    options = parser.parse_args()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    wanted = options.samplers.split(',') if options.samplers else []
    figures = ours(options.build, options.seeds, wanted)
    pairs = [(name, sampler) for name, task in TASKS.items() for sampler in (SINGLE if task[1] == 1 else SEVERAL)
             if not wanted or sampler in wanted]
    seeds = range(options.seeds)
    quick = [(*pair, seed, None) for pair in pairs if pair[1] not in SLOW for seed in seeds]
    results = {}
    with multiprocessing.Pool(options.jobs) as pool:
        collect(pool, quick, results)
        if options.gp_minutes > 0:
            latest = time.monotonic() + 60 * options.gp_minutes
            collect(pool, [(*pair, seed, latest) for seed in seeds for pair in pairs if pair[1] in SLOW], results)
    print('| function | budget | sampler | ours | Optuna %s |\n| --- | --- | --- | --- | --- |' % optuna.__version__)
    for name, sampler in figures:
        peer = results.get((name, sampler))
        text = '%.3g' % statistics.median(peer) if peer else '–'
        if peer and len(peer) < options.seeds:
            text += ' (%d)' % len(peer)
        print('| %s | %d | %s | %.3g | %s |' % (name, TASKS[name][2], sampler, figures[name, sampler], text))


if __name__ == '__main__':
    import warnings
    warnings.simplefilter('ignore')
    main()
