#!/usr/bin/env python3
"""How good the search is: normalised regret on real learning curves.

    tests/bench/search.py --lcbench DIR [--build DIR] [--pairs default,tpe+median] [--workers 4,16] [--seeds 2]

Runs `sentei simulate` over the tasks of DIR (LCBench; its README says how it is scored), each seed with the landscape
mirrored another way, and prints the mean regret when the workers have spent the time of 10, 20, 40 and 80 mean
trainings, beside what other systems reached there, and the first pair task by task against random search and Optuna's
Gaussian process. A pair is SAMPLER+PRUNER, each as in a study file ('gp+{type: curve, chance: 0.1}'), 'default' a study
without 'search:', 'all' every sampler with every pruner.
SPDX-License-Identifier: Apache-2.0
"""
import argparse
import collections
import concurrent.futures
import csv
import os
import re
import subprocess
import sys
import tempfile
import time
import zlib

BUDGETS = (10, 20, 40, 80)
SAMPLERS = ('random', 'qmc', 'tpe', 'gp', 'cma-es')
PRUNERS = ('none', 'median', 'percentile', 'asha', '{type: asha, mode: pause}', 'hyperband', 'curve')
STUDY = """study: lcbench
objective: {metric: val_accuracy, direction: maximize}
space:
  batch_size:    {type: int, low: 16, high: 512, log: true}
  learning_rate: {type: float, low: 1.0e-4, high: 1.0e-1, log: true}
  momentum:      {type: float, low: 0.1, high: 0.99}
  weight_decay:  {type: float, low: 1.0e-5, high: 1.0e-1}
  num_layers:    {type: int, low: 1, high: 5}
  max_units:     {type: int, low: 64, high: 1024, log: true}
  max_dropout:   {type: float, low: 0.0, high: 1.0}
"""


def read_options():
    parser = argparse.ArgumentParser(description='regret of the search on LCBench')
    parser.add_argument('--build', default='build', help='build folder (default build)')
    parser.add_argument('--lcbench', required=True, help='folder with oracle.c, weights-public.bin, bounds.tsv, peers.tsv')
    parser.add_argument('--pairs', default='default', help='e.g. default,tpe+median,random+none')
    parser.add_argument('--workers', default='4,16', help='numbers of workers (default 4,16)')
    parser.add_argument('--seeds', default='2', help='how many seeds, or FIRST-LAST (default 2: 0-1)')
    parser.add_argument('--tasks', default='', help='some tasks only, or every N-th: /N')
    parser.add_argument('--budget', type=int, default=BUDGETS[-1], help='mean trainings of worker time (default 80)')
    parser.add_argument('-j', type=int, default=2, help='simulations at the same time (default 2)')
    parser.add_argument('--by-task', action='store_true', help='a row for each task too')
    parser.add_argument('--each', metavar='FILE', help='write every run as TSV, like peers-by-task.tsv')
    options = parser.parse_args()
    if options.pairs == 'all':
        options.pairs = ','.join(['default'] + [f'{sampler}+{pruner}' for sampler in SAMPLERS for pruner in PRUNERS])
    return options


def rows(path):
    with open(path, encoding='utf-8') as file:
        return list(csv.DictReader(file, delimiter='\t'))


def compile_oracle(options):
    oracle = os.path.join(options.build, 'lcbench-oracle')
    source = os.path.join(options.lcbench, 'oracle.c')
    if not os.path.exists(oracle) or os.path.getmtime(oracle) < os.path.getmtime(source):
        subprocess.run(['gcc', '-std=c11', '-O3', '-march=native', '-ffast-math', source, '-o', oracle, '-lm'], check=True)
    return [os.path.abspath(oracle), os.path.abspath(os.path.join(options.lcbench, 'weights-public.bin'))]


def mirror(task, seed):
    """The flip of a task's seed: fixed, but another for each."""
    return zlib.crc32(f'{task} {seed}'.encode()) % 128


def words(options, oracle):
    """Everything to run: (pair, workers, task, seed, command of the oracle)."""
    with open(os.path.join(options.lcbench, 'tasks-public.txt'), encoding='utf-8') as file:
        tasks = file.read().split()
    if options.tasks.startswith('/'):
        tasks = tasks[::int(options.tasks[1:])]
    elif options.tasks:
        tasks = options.tasks.split(',')
    first, dash, last = options.seeds.partition('-')
    seeds = range(int(first), int(last) + 1) if dash else range(int(first))
    return [(pair, int(workers), task, seed, oracle) for pair in re.split(r',(?![^{]*})', options.pairs)
            for workers in options.workers.split(',') for seed in seeds for task in tasks]


def study(pair, task, seed, oracle):
    text = STUDY
    if pair != 'default':
        sampler, _, pruner = pair.partition('+')
        text += f'search: {{sampler: {sampler}, pruner: {pruner or "none"}}}\n'
    command = ', '.join(f'"{word}"' for word in oracle)
    return text + f'oracle:\n  command: [{command}]\n  request: {{task: "{task}", max_steps: 52, flip: {mirror(task, seed)}}}\n'


def regrets(trace, bound):
    """The regret when each budget was spent."""
    best, median, mean = (float(bound[key]) for key in ('best', 'median_random_ep52', 'mean_time_s'))
    incumbents = [float('-inf')] * len(BUDGETS)
    with open(trace, encoding='utf-8') as file:
        next(file)
        for line in file:
            spent, _, _, _, value = line.split('\t')
            for i, budget in enumerate(BUDGETS):
                if float(spent) <= budget * mean and float(value) > incumbents[i]:
                    incumbents[i] = float(value)
    return [min(1.0, max(0.0, (best - value) / (best - median))) for value in incumbents]


def run(job, options, bounds, folder):
    pair, workers, task, seed, oracle = job
    name = os.path.join(folder, f'{zlib.crc32(pair.encode()):08x}-{workers}-{task}-{seed}')
    with open(name + '.yaml', 'w', encoding='utf-8') as file:
        file.write(study(pair, task, seed, oracle))
    seconds = options.budget * float(bounds[task]['mean_time_s'])
    start = time.monotonic()
    out = subprocess.run([os.path.join(options.build, 'sentei'), 'simulate', name + '.yaml', '--workers', str(workers),
                          '--worker-seconds', repr(seconds), '--seed', str(seed), '-o', name + '.tsv'],
                         stdout=subprocess.PIPE, text=True, check=True).stdout
    trials = int(next(line for line in out.splitlines() if line.startswith('trials')).split()[1].rstrip(':'))
    result = regrets(name + '.tsv', bounds[task])
    os.remove(name + '.tsv')
    return job, result, trials, time.monotonic() - start


def mean(values):
    return sum(values) / len(values)


def print_row(name, workers, figures, rest=''):
    print(f'{name:<30} {workers:>3} ' + ' '.join(f'{figure:7.4f}' for figure in figures) + rest, flush=True)


def print_peers(options, workers):
    peers = collections.defaultdict(dict)
    for row in rows(os.path.join(options.lcbench, 'peers.tsv')):
        if int(row['W']) == workers:
            peers[row['method']][int(row['K'])] = float(row['mean_regret'])
    ranked = sorted((p for p in peers.items() if 'oracle' not in p[0]), key=lambda p: p[1][40])
    for name, figures in ranked[:8]:
        print_row(name, workers, [figures[k] for k in BUDGETS])
    best = [min(figures[k] for _, figures in ranked) for k in BUDGETS]
    print_row('best peer at each', workers, best)
    print_row('goal', workers, [share * b for share, b in zip((1, 0.7, 0.5, 0.5), best)])


def peers_by_task(options, method, workers):
    """The mean regret of a method, by task and budget."""
    runs = collections.defaultdict(list)
    for row in rows(os.path.join(options.lcbench, 'peers-by-task.tsv')):
        if row['method'] == method and int(row['W']) == workers:
            runs[row['task'], int(row['K'])].append(float(row['regret']))
    return {key: mean(values) for key, values in runs.items()}


def print_against(options, workers, name, ours, method):
    """Task by task; the mirrors differ, so tasks are what is paired."""
    peer = peers_by_task(options, method, workers)
    for i, budget in enumerate(BUDGETS):
        tasks = [task for task in ours if (task, budget) in peer]
        if not tasks or budget > options.budget:
            continue
        worse = [task for task in tasks if ours[task][i] > peer[task, budget]]
        means = mean([ours[task][i] for task in tasks]), mean([peer[task, budget] for task in tasks])
        print(f'{name} {means[0]:.4f}, {method} {means[1]:.4f}: {workers} workers @{budget}, {len(tasks)} tasks, '
              f'worse on {len(worse)}' + (': ' if worse else '') + ' '.join(worse))


def main():
    options = read_options()
    oracle = compile_oracle(options)
    bounds = {row['task']: row for row in rows(os.path.join(options.lcbench, 'bounds.tsv'))}
    jobs = words(options, oracle)
    results = collections.defaultdict(lambda: collections.defaultdict(list))
    cost = collections.defaultdict(list)
    each = open(options.each, 'w', encoding='utf-8') if options.each else None
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(options.j) as pool:
        for job, result, trials, took in pool.map(lambda job: run(job, options, bounds, folder), jobs):
            pair, workers, task, seed, _ = job
            results[workers, pair][task].append(result)
            cost[workers, pair].append((trials, took))
            for budget, regret in zip(BUDGETS, result):
                if each and budget <= options.budget:
                    print(f'{pair}\t{task}\t{seed}\t{workers}\t{budget}\t{regret:.5f}', file=each, flush=True)
    if each:
        each.close()
    print(f'{"mean regret at":<30} {"W":>3} ' + ' '.join(f'{"@" + str(k):>7}' for k in BUDGETS))
    for workers in sorted({workers for workers, _ in results}):
        for (w, pair), tasks in results.items():
            if w != workers:
                continue
            means = {task: [mean(column) for column in zip(*runs)] for task, runs in tasks.items()}
            figures = [mean(column) for column in zip(*means.values())]
            trials, took = (mean(column) for column in zip(*cost[w, pair]))
            for task in means if options.by_task else ():
                print_row('  ' + task, workers, means[task])
            print_row(pair, workers, figures, f'   {len(tasks)} tasks, {trials:.0f} trials in {took:.2f} s each')
        print_peers(options, workers)
        first = next(pair for w, pair in results if w == workers)
        ours = {task: [mean(column) for column in zip(*runs)] for task, runs in results[workers, first].items()}
        for method in ('rand', 'optuna-gp', 'optuna-gp+median3', 'optuna-gp+hyperband3'):
            print_against(options, workers, first, ours, method)
    return 0


if __name__ == '__main__':
    sys.exit(main())
